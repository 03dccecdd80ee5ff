import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { expect, test } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { openSqliteStore } from '../storage/sqlite.node.ts'
import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { crashSuite } from './crash.testkit.ts'
import { keptOpen, openTestNode } from './database.testkit.ts'
import { ENDLESS_SCHEMA, type Numbered, type Told } from './endless-writer.testkit.ts'

const KILLS = 10
/** Of the writes that a process is let do before it is killed: few enough to end soon, many enough to be in the middle of something. */
const MOST_WRITES = 60
crashSuite('memory', async () => {
  const store = await openMemoryStore()
  return { open: async () => keptOpen(store), remove: () => store.close() }
})

crashSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'warrendb-crash-'))
  return { open: () => openSqliteStore(join(folder, 'store.db')), remove: () => rm(folder, { recursive: true }) }
})

test(`a database whose process is killed ${KILLS} times amid its writes has all it acknowledged and nothing by halves`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'warrendb-killed-'))
  const path = join(folder, 'store.db')
  const random = randomOf(testSeed())
  let pages: readonly string[] = []
  const numbers = new Map<string, number>()
  for (let kill = 1; kill <= KILLS; kill++) {
    const told = await writeUntilKilled(path, 1 + random.below(MOST_WRITES))
    const store = await openSqliteStore(path)
    await expectConsistent(store)
    const { db } = await openTestNode(ENDLESS_SCHEMA, { store })

    // Of each kind of write, one more than was told of may be stored: the one that was on its way.
    const created = told.filter(({ kind }) => kind === 'created').map(({ docID }) => docID)
    const found = await Array.fromAsync(db.collection('Page').docIDs())
    expect(found, `pages after kill ${kill}`).toEqual(expect.arrayContaining([...pages, ...created]))
    expect(found.length - pages.length - created.length, `pages after kill ${kill}`).toBeLessThanOrEqual(1)
    pages = found
    for (const { kind, docID, number } of told) if (kind !== 'created') numbers.set(docID, number)
    for (const [docID, number] of numbers) {
      const note = await db.collection<Numbered>('Note').get(docID)
      expect([number, number + 1], `a note after kill ${kill}`).toContain(note?.number)
      expect(note?.count, `a note after kill ${kill}`).toBe(note?.number)
      numbers.set(docID, note?.number ?? 0)
    }
    const pairs = told.filter(({ kind }) => kind === 'paired').map(({ docID }) => numbers.get(docID))
    expect(new Set(pairs).size, `the pair after kill ${kill}`).toBeLessThanOrEqual(1)
    await db.close()
  }
  expect(numbers.size).toBeGreaterThanOrEqual(4)
  await rm(folder, { recursive: true })
})

/** Starts a process that writes endlessly, kills it once it has told of so many writes, and gives all it told of. */
async function writeUntilKilled(path: string, writes: number): Promise<readonly Told[]> {
  const script = `
    import { writeSync } from 'node:fs'
    import { writeEndlessly } from ${JSON.stringify(new URL('./endless-writer.testkit.ts', import.meta.url).href)}
    import { openSqliteStore } from ${JSON.stringify(new URL('../storage/sqlite.node.ts', import.meta.url).href)}
    await writeEndlessly(await openSqliteStore(${JSON.stringify(path)}), (told) => writeSync(1, JSON.stringify(told) + '\\n'))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const told: Told[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line may have been cut off by the kill.
    if (line.endsWith('}')) told.push(JSON.parse(line))
    if (told.length === writes) child.kill('SIGKILL')
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return told
}
