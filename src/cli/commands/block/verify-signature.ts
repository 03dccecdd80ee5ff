import { defineCommand, type Command } from '../../command.ts'

export const verifySignature: Command = defineCommand({
  name: 'verify-signature',
  summary: 'Check who signed a block',
  description: 'Succeeds when the block was signed with the key; the exit code is 9 when it was not, and 4 when there is no such block.',
  arguments: {
    'public-key': { kind: 'one', description: 'hex of the compressed public key' },
    cid: { kind: 'one', description: 'the CID of the block' },
  },
  options: {
    type: {
      kind: 'text',
      short: 't',
      value: 'type',
      choices: ['secp256k1', 'ed25519'],
      description: 'the type of the key (default secp256k1)',
    },
  },
  examples: ['warrendb client block verify-signature -t ed25519 <public-key> <cid>'],
  run: async ({ options, args, connect, terminal, signal }) => {
    const { database } = await connect()
    const type = options.type === 'ed25519' ? 'ed25519' : 'secp256k1'
    await database.blocks.verifySignature(args.cid, args['public-key'], { type, signal })
    await terminal.out("Block's signature verified\n")
  },
})
