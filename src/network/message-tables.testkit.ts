import * as messages from './messages.ts'
import type { MessageTable } from './messages.ts'
import type { Codec } from './wire.ts'

export type AnyBodies = Readonly<Record<string, object>>

/** The tables of messages that `messages.ts` has, by name: whoever goes through them needs no word for a new message. */
export const TABLES: readonly (readonly [name: string, table: MessageTable<AnyBodies>])[] = Object.entries<unknown>(messages).filter(
  (entry): entry is [string, MessageTable<AnyBodies>] => isTable(entry[1]),
)

/** The codecs of what travels inside messages. */
export const CODECS: readonly (readonly [name: string, codec: Codec<unknown>])[] = Object.entries<unknown>(messages).filter(
  (entry): entry is [string, Codec<unknown>] => isCodec(entry[1]),
)

function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === 'object' && value !== null && 'shape' in value && 'read' in value
}

function isTable(value: unknown): value is MessageTable<AnyBodies> {
  return typeof value === 'object' && value !== null && Object.values({ ...value }).every(isEntry)
}

function isEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && 'body' in value && isCodec(value.body)
}
