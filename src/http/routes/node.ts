import { z } from 'zod'

import { DatabaseError } from '../../errors.ts'
import { bytesToHex } from '../../util/bytes.ts'
import { EVENT_NAMES } from '../event-hub.ts'
import { collectEvents } from '../collect-events.ts'
import { eventStream, type StreamEvent } from '../event-stream.ts'
import { route, type Call, type Route } from '../route.ts'

const identity = z.object({ PublicKey: z.string().describe('hex'), DID: z.string() })

export const nodeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/block/verify-signature',
    tag: 'block',
    summary: 'Checks that a block was signed by a key',
    parameters: [
      { name: 'cid', what: 'CID of the block', required: true },
      { name: 'public-key', what: 'hex', required: true },
      { name: 'type', what: '`secp256k1` (unless it is given) or `ed25519`' },
    ],
    handle: ({ database, query, signal }) => {
      const type = query('type') ?? 'secp256k1'
      if (type !== 'secp256k1' && type !== 'ed25519') {
        throw new DatabaseError('INVALID_ARGUMENT', `the key type is "${type}"; it can be "secp256k1" or "ed25519"`, {
          argument: 'type',
          value: type,
        })
      }
      return database.blocks.verifySignature(query('cid') ?? '', query('public-key') ?? '', { type, signal })
    },
  }),
  route({
    method: 'GET',
    path: '/node/identity',
    tag: 'node',
    summary: 'The public identity of this node; null when it has none',
    answer: identity.nullable(),
    handle: async ({ node }) => node.identity ?? null,
  }),
  route({
    method: 'GET',
    path: '/status',
    tag: 'node',
    summary: 'Storage, peers, and what is pending',
    answer: z.looseObject({ name: z.string() }),
    handle: ({ database }) => database.status(),
  }),
  route({
    method: 'GET',
    path: '/events',
    tag: 'node',
    summary: 'What happens from now on',
    parameters: [{ name: 'names', what: 'events, separated by commas; all unless it is given' }],
    answer: { kind: 'events', what: 'each event under its name, with its details; `left-out` says how many a slow reader has missed' },
    handle: async (call) => eventStream(events(call), call.signal),
  }),
  route({
    method: 'GET',
    path: '/debug/dump',
    tag: 'node',
    summary: 'Everything that is stored',
    answer: { kind: 'events', what: '`{ "kind": …, "key": hex, "value": hex }` for each entry' },
    handle: async (call) => eventStream(dumped(call), call.signal),
  }),
  route({
    method: 'POST',
    path: '/purge',
    tag: 'node',
    summary: 'Deletes everything; only where the node was started for development',
    handle: async ({ node }) => {
      if (node.purge === undefined) {
        throw new DatabaseError('FORBIDDEN', 'everything can only be deleted on a node that was started with --development', {
          what: 'purge',
        })
      }
      await node.purge()
    },
  }),
]

async function* events({ hub, database, query, signal }: Call): AsyncGenerator<StreamEvent, void> {
  const names = query('names')?.split(',') ?? EVENT_NAMES
  const unknown = names.find((name) => !EVENT_NAMES.includes(name))
  if (unknown !== undefined) {
    const message = `there is no event "${unknown}"; there are ${EVENT_NAMES.join(', ')}`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'names', value: unknown })
  }
  yield* collectEvents(hub, database, names, signal)
}

async function* dumped({ database, signal }: Call): AsyncGenerator<StreamEvent, void> {
  for await (const { kind, key, value } of database.dump({ signal })) {
    yield { data: { kind, key: bytesToHex(key), value: bytesToHex(value) } }
  }
}
