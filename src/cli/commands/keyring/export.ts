import { DatabaseError } from '../../../errors.ts'
import { bytesToHex } from '../../../util/bytes.ts'
import { didYouMean } from '../../../util/did-you-mean.ts'
import { defineCommand, type Command } from '../../command.ts'
import { openedKeyring } from './opened-keyring.ts'

export const exportKey: Command = defineCommand({
  name: 'export',
  summary: 'Print a key of the keyring in hex',
  arguments: { name: { kind: 'one', description: 'one of those that "keyring list" prints' } },
  examples: ['warrendb keyring export peer-key'],
  run: async (context) => {
    const { args, terminal } = context
    const keyring = await openedKeyring(context)
    const key = await keyring.get(args.name)
    if (key === undefined) {
      const names = await keyring.list()
      const advice = didYouMean(args.name, names) || (names.length === 0 ? '; it is empty' : `; it has ${names.join(', ')}`)
      throw new DatabaseError('NOT_FOUND', `the keyring has no key "${args.name}"${advice}`, { what: 'key', id: args.name })
    }
    await terminal.out(`${bytesToHex(key)}\n`)
  },
})
