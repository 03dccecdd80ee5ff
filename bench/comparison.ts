import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openMeteredPair, type Cost } from '../src/network/metered-pair.testkit.ts'
import { openSqliteStore } from '../src/storage/sqlite.node.ts'
import { openDatabase } from '../src/index.node.ts'
import { COLLECTION, people, SCHEMA, type Person } from './documents.ts'
import type { BenchRun, Measure } from './measure.ts'

const AGREEMENT: CostMeasures = {
  bytes: { name: 'in agreement: sync protocol, both ways', unit: 'kB', target: { figure: 1 } },
  roundTrips: { name: 'in agreement: round trips', unit: 'round trips', target: { figure: 1 } },
  documentsRead: { name: 'in agreement: read from the storages', unit: 'documents', target: { figure: 0 } },
}
const DIFFERING = 10
/** What is wanted of the differences is about this many documents. */
const PROMISED = 10_000

type CostMeasures = Readonly<Record<keyof Cost, Measure>>

/** What it costs two databases to find out in what they differ, in Node over TCP on SQLite: it is counted, so neither the network nor the storage makes a difference. */
export async function measureComparison(bench: BenchRun, contestant: string, n: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-bench-'))
  try {
    const places = ['a', 'b'].map((name) => join(folder, name))
    const [original = '', copy = ''] = places
    const ids = await fill(original, n)
    await cp(original, copy, { recursive: true })
    await using a = await openSqliteStore(join(original, 'documents.sqlite'), { durability: 'relaxed' })
    await using b = await openSqliteStore(join(copy, 'documents.sqlite'), { durability: 'relaxed' })
    {
      // Where fingerprints are asked for the first time they are made, from everything.
      await using first = await openMeteredPair(SCHEMA, [a, b])
      await first.meet()
    }
    await using pair = await openMeteredPair(SCHEMA, [a, b])
    record(bench, AGREEMENT, contestant, n, await pair.meet())
    await pair.part()
    const collection = pair.a.collection<Person>(COLLECTION)
    for (let index = 0; index < DIFFERING; index++) await collection.update(ids[Math.floor((index * n) / DIFFERING)] ?? '', { age: 1 })
    record(bench, differencesAmong(n), contestant, n, await pair.meet())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(path: string, n: number): Promise<readonly string[]> {
  await using database = await openDatabase({ path, schema: SCHEMA, p2p: false })
  const ids: string[] = []
  for (let done = 0; done < n; done += 1_000) ids.push(...(await database.collection<Person>(COLLECTION).create(people(done, 1_000))))
  return ids
}

function differencesAmong(n: number): CostMeasures {
  const atMost = (figure: number): Pick<Measure, 'target'> => (n === PROMISED ? { target: { figure } } : {})
  return {
    bytes: { name: `${DIFFERING} documents differ: sync protocol, both ways`, unit: 'kB', ...atMost(50) },
    roundTrips: { name: `${DIFFERING} documents differ: round trips`, unit: 'round trips', ...atMost(5) },
    documentsRead: { name: `${DIFFERING} documents differ: read from the storages`, unit: 'documents' },
  }
}

function record(bench: BenchRun, measures: CostMeasures, contestant: string, n: number, cost: Cost): void {
  bench.record(measures.bytes, contestant, n, [cost.bytes / 1_000])
  bench.record(measures.roundTrips, contestant, n, [cost.roundTrips])
  bench.record(measures.documentsRead, contestant, n, [cost.documentsRead])
}
