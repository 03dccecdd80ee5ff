import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDatabase } from '../src/index.node.ts'
import type { Contestant } from './contestant.ts'
import { rawSqlite } from './contestants/raw-sqlite.ts'
import { warrenCollection, warrenGraphql } from './contestants/warren.ts'
import { SCHEMA } from './documents.ts'
import { LOCAL, runLocalWorkload } from './local-workload.ts'
import type { Measure, Subject } from './measure.ts'

const RAW = 'raw sqlite'
const MEMORY = 'memory, GraphQL'

interface Size {
  readonly n: number
  readonly runs: number
}

const WHOLE: readonly Size[] = [
  { n: 1_000, runs: 3 },
  { n: 10_000, runs: 3 },
]
const QUICK: readonly Size[] = [{ n: 1_000, runs: 2 }]

export const node: Subject = {
  name: 'node',
  title: 'The same in Node, without a browser',
  contestants: [RAW, 'SQLite, collection', 'SQLite, GraphQL', MEMORY],
  seconds: { whole: 45, quick: 10 },
  run: async (bench) => {
    const folder = await mkdtemp(join(tmpdir(), 'warren-bench-'))
    const options = { schema: SCHEMA, p2p: false } as const
    const onDisk = (name: string): ReturnType<typeof openDatabase> => openDatabase({ ...options, path: join(folder, name) })
    const inMemory = (name: string): ReturnType<typeof openDatabase> => openDatabase({ ...options, name, storage: 'memory' })
    const contestants: Readonly<Record<string, Contestant>> = {
      [RAW]: rawSqlite(folder),
      'SQLite, collection': warrenCollection(onDisk),
      'SQLite, GraphQL': warrenGraphql(onDisk),
      [MEMORY]: warrenGraphql(inMemory),
    }
    try {
      for (const { n, runs } of bench.quick ? QUICK : WHOLE) {
        for (let run = 0; run < runs; run++) {
          for (const [name, contestant] of Object.entries(contestants)) {
            bench.signal.throwIfAborted()
            bench.progress(`${n} documents, run ${run + 1} of ${runs}: ${name}`)
            const isInMemory = name === MEMORY
            const database = `${name}-${n}-${run}`.replaceAll(/\W+/g, '-')
            for (const result of await runLocalWorkload(contestant, database, { n, singles: 50, queries: 5, isKept: !isInMemory })) {
              if ('failure' in result) bench.fail(`${name}, ${LOCAL[result.measure].name}, ${n} documents`, new Error(result.failure))
              else bench.record(withoutTarget(LOCAL[result.measure]), name, n, result.samples)
            }
          }
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** The targets are about IndexedDB. SQLite in the same thread is so fast that ratios to it say little of what a user feels. */
function withoutTarget({ name, unit }: Measure): Measure {
  return { name, unit }
}
