/** Something that is measured: a row of the table. */
export interface Measure {
  readonly name: string
  readonly unit: 'µs' | 'ms' | 'B' | 'kB' | 'MB' | '%' | 'round trips' | 'documents' | 'documents/s' | 'requests/s'
  /** The share of the samples below the figure; the median when absent. */
  readonly quantile?: number
  readonly target?: Target
}

/** What WarrenDB must reach: at most this many times the yardstick, at most this figure itself, or at least this one. */
export type Target = { readonly ratio: number } | { readonly figure: number } | { readonly least: number }

/** What a subject uses while it runs. */
export interface BenchRun {
  /** A short run: fewer documents and fewer repetitions. */
  readonly quick: boolean
  /** Whether other databases are measured too, where a subject has any. */
  readonly peers: boolean
  /** Aborts when the time of the subject is over. */
  readonly signal: AbortSignal
  /** Folder for CPU profiles, when they are wanted. */
  readonly profiles?: string
  /** Adds the samples of one run. `n`: documents in the database, or messages. */
  record(measure: Measure, contestant: string, n: number, samples: readonly number[]): void
  /** Notes that something could not be measured, or was measured and wrong. */
  fail(what: string, error: unknown): void
  /** A line below the table. */
  note(text: string): void
  progress(text: string): void
}

/** One file of the bench: what it compares and how long it may take. */
export interface Subject {
  readonly name: string
  readonly title: string
  /** Names as `record` gets them, the yardstick first. */
  readonly contestants: readonly string[]
  /** Other databases, which are measured only when they are asked for. */
  readonly peers?: readonly string[]
  /** For the contestants; each peer that is measured adds the share of one of them. */
  readonly seconds: { readonly whole: number; readonly quick: number }
  run(bench: BenchRun): Promise<void>
}
