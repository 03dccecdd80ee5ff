import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { equalBytes } from '../util/bytes.ts'
import { fuzz, FUZZ_TIMEOUT, inputsToMake, type FuzzTarget } from '../util/fuzz.testkit.ts'
import * as messages from './messages.ts'
import { decodeMessage, encodeMessage, type MessageOf, type MessageTable } from './messages.ts'
import { messagePieces, wirePieces } from './wire-pieces.testkit.ts'
import { decodeWith, encodeWith, type Codec } from './wire.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

type Bodies = Readonly<Record<string, object>>
type Table = MessageTable<Bodies>

/** Whatever `messages.ts` has, so that a new message is fuzzed without a word here. */
const TABLES = Object.entries<unknown>(messages).filter((entry): entry is [string, Table] => isTable(entry[1]))
const CODECS = Object.entries<unknown>(messages).filter((entry): entry is [string, Codec<unknown>] => isCodec(entry[1]))

function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === 'object' && value !== null && 'shape' in value && 'read' in value
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && Object.values({ ...value }).every(isEntry)
}

function isEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && 'body' in value && isCodec(value.body)
}

/** Whether a file makes codecs: more than those who only use some. */
function describesMessages(file: string): boolean {
  const [, names = ''] = /import \{([^}]*)\} from '[./\w]*\/wire\.ts'/.exec(readFileSync(join(ROOT, file), 'utf8')) ?? []
  return names.split(',').some((name) => /^(uint|fixed|bytes|text|list|record)$/.test(name.trim()))
}

type Contract<T> = Pick<FuzzTarget<T>, 'isRefusal' | 'check'>

function oneSpelling<T>(encode: (value: T) => Uint8Array): Contract<T> {
  return {
    isRefusal: (error) => isFailure(error, 'INVALID_MESSAGE'),
    check: (value, bytes) => {
      if (!equalBytes(encode(value), bytes)) throw new Error('it is written with other bytes than those it was read from')
    },
  }
}

describe('whatever a peer sends', () => {
  it('is described in messages.ts alone, so that it is fuzzed here', () => {
    expect(TABLES.map(([name]) => name)).toEqual(expect.arrayContaining(['SYNC_MESSAGES', 'WHO_MESSAGES', 'GOSSIP_MESSAGES']))
    expect(CODECS.length).toBeGreaterThan(0)
    const makers = globSync(['src/**/*.ts', 'relay/**/*.ts'], { cwd: ROOT }).filter(
      (file) => !/\.(test|testkit)\.ts$/.test(file) && describesMessages(file),
    )
    expect(makers.map((file) => basename(file))).toEqual(['messages.ts'])
  })

  it.each(TABLES)('is the one spelling of a message of %s, or refused', { timeout: FUZZ_TIMEOUT }, (_, table) => {
    const { inputs, accepted } = fuzz({
      sample: (random) => messagePieces(table, random),
      decode: (bytes) => decodeMessage(table, bytes),
      ...oneSpelling<MessageOf<Bodies>>((message) => encodeMessage(table, message)),
    })
    expect(accepted / inputs).toBeGreaterThan(0.03)
  })

  it.each(CODECS)('is the one spelling of what %s says, or refused', { timeout: FUZZ_TIMEOUT }, (_, codec) => {
    const { inputs, accepted } = fuzz(
      {
        sample: (random) => wirePieces(codec, random),
        decode: (bytes) => decodeWith(codec, bytes),
        ...oneSpelling((value) => encodeWith(codec, value)),
      },
      inputsToMake(CODECS.length),
    )
    expect(accepted / inputs).toBeGreaterThan(0.03)
  })
})
