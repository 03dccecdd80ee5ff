import { describe, expect, it } from 'vitest'

import { decodeReferenceMessage, encodeReferenceMessage, type ReferenceMessages } from '../../src/network/reference-messages.ts'
import { bytesToHex, encodeText, hexToBytes } from '../../src/util/bytes.ts'
import { describePublished, readOwn } from './published.ts'

interface Vector {
  /** Own vectors tell what they are for. */
  readonly rule?: string
  /** The name of the message, and what is special about it. */
  readonly message: string
  /** The members by their names on the wire. A text that begins with `0x` stands for bytes, one that begins with `utf8 bytes of ` for those of the rest. */
  readonly value: Readonly<Record<string, unknown>>
  readonly cborHex: string
}

type Name = keyof ReferenceMessages

/** The names of messages in the vectors, where they are others. */
const NAMES: Readonly<Record<string, Name>> = { fetchEncryptionKeyRequest: 'keyRequest', fetchEncryptionKeyReply: 'keyReply' }

/** Names of members in the code, where they are not the wire's with a small first letter. */
const MEMBERS: Readonly<Record<string, string>> = {
  DocID: 'docId',
  docID: 'docId',
  docIDs: 'docIds',
  CID: 'cid',
  CollectionID: 'collectionId',
  PeerID: 'peerId',
}

describePublished<{ readonly vectors: readonly Vector[] }>('wire-messages.json', ({ vectors }) => {
  it('are not few', () => {
    expect(vectors.length).toBeGreaterThan(10)
  })

  it.each(vectors.map((vector) => [vector.message, vector] as const))('%s', (_message, vector) => {
    expectMessage(vector)
  })
})

describe('the own vectors of wire messages', () => {
  const vectors = readOwn<readonly Vector[]>('wire-messages.json')

  it('have every message', () => {
    expect(new Set(vectors.map(({ message }) => nameOf(message))).size).toBe(8)
  })

  it.each(vectors.map((vector) => [vector.message, vector.rule, vector] as const))('%s: %s', (_message, _rule, vector) => {
    expectMessage(vector)
  })
})

function expectMessage({ message, value, cborHex }: Vector): void {
  const name = nameOf(message)
  const spelled = membersOf(value) as ReferenceMessages[Name]
  expect(bytesToHex(encodeReferenceMessage(name, spelled))).toBe(cborHex)
  expect(decodeReferenceMessage(name, hexToBytes(cborHex))).toEqual(spelled)
}

function nameOf(message: string): Name {
  const [name = ''] = message.split('-')
  return NAMES[name] ?? (name as Name)
}

function membersOf(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      MEMBERS[name] ?? name.charAt(0).toLowerCase() + name.slice(1),
      spelledOut(member),
    ]),
  )
}

function spelledOut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelledOut)
  if (typeof value === 'object' && value !== null) return membersOf(value)
  if (typeof value !== 'string') return value
  const [, hex, utf8] = /^(?:0x([0-9a-f]*)|utf8 bytes of (.*))$/s.exec(value) ?? []
  if (hex !== undefined) return hexToBytes(hex)
  return utf8 === undefined ? value : encodeText(utf8)
}
