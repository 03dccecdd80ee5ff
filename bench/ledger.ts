import type { Measure, Target } from './measure.ts'
import { median, quantile } from './statistics.ts'

/** One cell of the table. */
export interface Figure {
  readonly measure: string
  readonly unit: Measure['unit']
  readonly n: number
  readonly contestant: string
  readonly value: number
  readonly quartiles: readonly [number, number]
  readonly runs: number
  readonly samples: number
  /** `value` to that of the yardstick; absent for the yardstick itself. */
  readonly ratio?: number
  readonly target?: Target
  /** Whether the target is reached. */
  readonly met?: boolean
}

/** Collects samples over interleaved runs and works out the figures at the end. */
export interface Ledger {
  record(measure: Measure, contestant: string, n: number, samples: readonly number[]): void
  figures(): readonly Figure[]
}

interface Entry {
  readonly measure: Measure
  readonly contestant: string
  readonly n: number
  readonly runs: (readonly number[])[]
}

/** `yardstick` is the contestant that the others are set against; the targets are WarrenDB's, so `peers` neither reach nor miss them. */
export function createLedger(yardstick: string, peers: readonly string[] = []): Ledger {
  const entries = new Map<string, Entry>()
  const keyOf = (measure: Measure, contestant: string, n: number): string => JSON.stringify([measure.name, contestant, n])

  function figureOf({ measure, contestant, n, runs }: Entry): Figure {
    const samples = runs.flat()
    const value = valueOf(measure, samples)
    const base = entries.get(keyOf(measure, yardstick, n))
    const ratio = contestant === yardstick || base === undefined ? undefined : value / valueOf(measure, base.runs.flat())
    const met = contestant === yardstick || peers.includes(contestant) ? undefined : isMet(measure, value, ratio)
    return {
      measure: measure.name,
      unit: measure.unit,
      n,
      contestant,
      value,
      quartiles: [quantile(samples, 0.25), quantile(samples, 0.75)],
      runs: runs.length,
      samples: samples.length,
      ...(ratio === undefined ? {} : { ratio }),
      ...(measure.target === undefined ? {} : { target: measure.target }),
      ...(met === undefined ? {} : { met }),
    }
  }

  return {
    record: (measure, contestant, n, samples) => {
      if (samples.length === 0) throw new Error(`"${measure.name}" of ${contestant} has no samples`)
      const key = keyOf(measure, contestant, n)
      const entry = entries.get(key) ?? { measure, contestant, n, runs: [] }
      entries.set(key, entry)
      entry.runs.push(samples)
    },
    figures: () => [...entries.values()].map(figureOf),
  }
}

function valueOf(measure: Measure, samples: readonly number[]): number {
  return measure.quantile === undefined ? median(samples) : quantile(samples, measure.quantile)
}

function isMet({ target }: Measure, value: number, ratio: number | undefined): boolean | undefined {
  if (target === undefined) return undefined
  if ('figure' in target) return value <= target.figure
  if ('least' in target) return value >= target.least
  return ratio === undefined ? undefined : ratio <= target.ratio
}
