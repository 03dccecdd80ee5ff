import { DatabaseError, throwIfAborted } from '../errors.ts'
import type { Change } from '../storage/store.ts'
import { createPacer, forEachPaced, type Pacer, type Pacing } from '../util/pacer.ts'
import { makeChange, overlay, type View, type WriteView } from './view.ts'

/**
 * Writers take turns, and those that wait together are stored together.
 *
 * A job sees what the jobs before it wrote. Its writes count only when it succeeds; a job that throws leaves nothing and harms no other. Every job's promise settles
 * after the storage has acknowledged (or refused) the batch it was in.
 */
export interface Writer {
  run<T>(job: WriteJob<T>, signal?: AbortSignal): Promise<T>
  /** Ends the writer once the jobs it holds are done; later ones are refused. */
  close(): Promise<void>
}

export interface WriteJob<T> {
  /** What the job is called in messages: "create of Note". */
  readonly name: string
  /** Keys the job is going to read. All keys of a batch are read in one call. */
  readonly reads?: readonly Uint8Array[]
  /** Stored by itself: nothing that waits with it is pending when it runs. */
  readonly isAlone?: boolean
  readonly body: (view: WriteView) => Promise<T>
  /** Told once the storage has acknowledged the job's writes, before its promise resolves. Must not throw. */
  readonly stored?: (result: T) => void | Promise<void>
}

/**
 * A batch that takes longer than this many jobs would make the first of them wait for the last; more than a tick's worth of single writes
 * gains nothing, since the cost per transaction is already spread thin.
 */
const MOST_JOBS_IN_BATCH = 1_000

interface Pending {
  readonly isAlone: boolean
  readonly reads: readonly Uint8Array[]
  /** Runs the body over an overlay of its own; on success its writes go to `batch`. */
  attempt(batch: WriteView, pacer: Pacer): Promise<void>
  stored(): Promise<void>
  failed(reason: unknown): void
}

/**
 * `base` is what jobs read under their own writes, `apply` stores the writes of a batch, all or none. It may call `stored` itself, before anybody else can see what is
 * stored.
 */
export function createWriter(
  base: View,
  apply: (changes: readonly Change[], stored: () => void) => Promise<void>,
  pacing?: Pacing,
): Writer {
  const queue: Pending[] = []
  let closed = false
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const jobs = queue.splice(0, batchSize(queue))
      const batch = overlay(base)
      const pacer = createPacer(undefined, pacing)
      try {
        const reads = jobs.flatMap((job) => job.reads)
        if (reads.length > 0) await batch.prefetch(reads)
        for (const job of jobs) await job.attempt(batch, pacer)
        const changes = batch.changes()
        let told: Promise<void> | undefined
        const stored = (): void => {
          told ??= tellAll(jobs)
        }
        if (changes.length > 0) await apply(changes, stored)
        stored()
        await told
      } catch (error) {
        for (const job of jobs) job.failed(error)
      }
    }
    running = undefined
  }

  return {
    run: <T>(job: WriteJob<T>, signal?: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        if (closed) {
          reject(new DatabaseError('CLOSED', `${job.name} came after the database was closed`, { what: 'database' }))
          return
        }
        queue.push(pendingJob(job, signal, resolve, reject))
        // Jobs of the same tick come together: the loop starts after the callers of this tick have queued theirs.
        running ??= Promise.resolve().then(drain)
      }),
    close: async () => {
      closed = true
      await running
    },
  }
}

/** Begins at once; the next job waits until all who listen have been told. */
async function tellAll(jobs: readonly Pending[]): Promise<void> {
  // Begun in one go, so that a listener that collects what a tick brings gets the whole batch.
  await Promise.all(jobs.map((job) => job.stored()))
}

/** How many of the waiting jobs go together. */
function batchSize(queue: readonly Pending[]): number {
  const firstAlone = queue.findIndex((job) => job.isAlone)
  if (firstAlone === -1) return Math.min(queue.length, MOST_JOBS_IN_BATCH)
  return firstAlone === 0 ? 1 : Math.min(firstAlone, MOST_JOBS_IN_BATCH)
}

function pendingJob<T>(
  job: WriteJob<T>,
  signal: AbortSignal | undefined,
  resolve: (result: T) => void,
  reject: (reason: unknown) => void,
): Pending {
  let outcome: { readonly result: T } | undefined
  return {
    isAlone: job.isAlone === true,
    reads: job.reads ?? [],
    attempt: async (batch, pacer) => {
      const own = overlay(batch)
      try {
        throwIfAborted(signal, job.name)
        const result = await job.body(own)
        await forEachPaced(own.changes(), pacer, (change) => makeChange(batch, change))
        outcome = { result }
      } catch (error) {
        reject(error)
      }
    },
    stored: async () => {
      if (outcome === undefined) return
      await job.stored?.(outcome.result)
      resolve(outcome.result)
    },
    failed: reject,
  }
}
