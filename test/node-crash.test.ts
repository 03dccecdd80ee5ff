import { expect, it, vi } from 'vitest'

import { isFailure } from '../src/errors.ts'
import { openHttpDatabase } from '../src/index.http.ts'
import { randomOf, testSeed, type Random } from '../src/util/seed.testkit.ts'
import { aMachine } from './machine.testkit.ts'

// Each round starts a process, on machines that may have others to run.
vi.setConfig({ testTimeout: 120_000 })

const SCHEMA =
  'type Entry { writer: Int number: Int part: Int } type Tally { writer: Int @index(unique: true) count: Int @crdt(type: pcounter) }'
const ROUNDS = 4
const WRITERS = 6
/** Documents that are created together, and are there together or not at all. */
const PARTS = 3
/** A node is killed after so many writes of all writers together, at most. */
const MOST_WRITES = 120

/** What one writer was told is stored, over all rounds. */
interface Writer {
  readonly id: number
  /** Numbers of the batches that were acknowledged. */
  readonly batches: Set<number>
  /** Batches that were begun. */
  begun: number
  /** Increments of its counter that were acknowledged, and begun. */
  counted: number
  counting: number
}

it('a node that is killed while it writes has everything that it has acknowledged, and no half of a write', async () => {
  const seed = testSeed()
  console.log(`WARREN_SEED=${seed}`)
  const random = randomOf(seed)
  await using machine = await aMachine()
  const writers = Array.from({ length: WRITERS }, (_, id): Writer => ({ id, batches: new Set(), begun: 0, counted: 0, counting: 0 }))
  let node = await machine.start('warrendb start --no-p2p')
  await machine.database.schema.add(SCHEMA)
  const tallies = await machine.database.collection('Tally').create(writers.map(({ id }) => ({ writer: id, count: 0 })))

  for (let round = 0; round < ROUNDS; round++) {
    const ending = new AbortController()
    let left = 1 + random.below(MOST_WRITES)
    const acknowledged = (): void => {
      left -= 1
      // Others are under way now.
      if (left === 0) {
        void node.end('SIGKILL')
        ending.abort()
      }
    }
    await Promise.all(writers.map((writer) => write(machine.url, writer, tallies[writer.id] ?? '', random, ending.signal, acknowledged)))
    await node.end('SIGKILL')
    node = await machine.start('warrendb start --no-p2p')
    await check(machine.url, writers)
  }
  expect(await node.end('SIGTERM')).toBe(0)
})

/** Writes until the node is gone. */
async function write(
  url: string,
  writer: Writer,
  tally: string,
  random: Random,
  signal: AbortSignal,
  acknowledged: () => void,
): Promise<void> {
  await using database = openHttpDatabase({ url })
  while (!signal.aborted) {
    try {
      if (random.below(3) === 0) {
        writer.counting += 1
        await database.collection('Tally').update(tally, { count: 1 })
        writer.counted += 1
      } else {
        const number = writer.begun
        writer.begun += 1
        const parts = Array.from({ length: PARTS }, (_, part) => ({ writer: writer.id, number, part }))
        await database.collection('Entry').create(parts)
        writer.batches.add(number)
      }
      acknowledged()
    } catch (error) {
      // The node was killed under this write: nobody knows whether it is stored.
      if (!isFailure(error, 'UNREACHABLE')) throw error
      return
    }
  }
}

async function check(url: string, writers: readonly Writer[]): Promise<void> {
  await using database = openHttpDatabase({ url })
  const { data, errors } = await database.execute('{ Entry { writer number part } Tally { writer count } }')
  expect(errors).toBeUndefined()
  const entries = data?.['Entry'] as readonly { readonly writer: number; readonly number: number; readonly part: number }[]
  const tallies = data?.['Tally'] as readonly { readonly writer: number; readonly count: number }[]
  for (const writer of writers) {
    const partsByNumber = Map.groupBy(
      entries.filter((entry) => entry.writer === writer.id),
      ({ number }) => number,
    )
    expect([...writer.batches].filter((number) => !partsByNumber.has(number))).toEqual([])
    expect([...partsByNumber].filter(([number, parts]) => parts.length !== PARTS || number >= writer.begun)).toEqual([])
    const count = tallies.find((tally) => tally.writer === writer.id)?.count ?? -1
    expect(count).toBeGreaterThanOrEqual(writer.counted)
    expect(count).toBeLessThanOrEqual(writer.counting)
  }
}
