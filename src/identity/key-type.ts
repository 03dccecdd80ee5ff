import { DatabaseError } from '../errors.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'

/** The curves of identities, as the data format names them; the first is the one that is taken when nobody says. */
export const KEY_TYPE_NAMES = ['secp256k1', 'ed25519'] as const

export type KeyType = (typeof KEY_TYPE_NAMES)[number]

/** @throws INVALID_ARGUMENT for anything else */
export function parseKeyType(value: unknown): KeyType {
  if (isKeyType(value)) return value
  const hint = typeof value === 'string' ? didYouMean(value, KEY_TYPE_NAMES) : ''
  const message = `${quote(value)} is no type of key${hint}: it is one of ${KEY_TYPE_NAMES.join(', ')}`
  throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'type', value })
}

function isKeyType(value: unknown): value is KeyType {
  return KEY_TYPE_NAMES.some((name) => name === value)
}
