/** What a reading has cost so far. */
export interface ReadingWork {
  /** How often it ran. */
  runs: number
  /** Documents that passed its filter. */
  matches: number
  docFetches: number
  /** Fields of these documents that have a value. */
  fieldFetches: number
  indexFetches: number
  /** The index it used, once it used one. */
  index: string | undefined
}

/** Rows that a part of a plan has put out. */
export interface StageWork {
  runs: number
  rows: number
}

/** Counts the work of one execution, part by part; the parts are told apart by their plans. */
export interface WorkLog {
  of(reading: object): ReadingWork
  /** Notes one run of a step or column and the rows that came out of it. */
  note(part: object, rows: number): void
  /** What was noted; `undefined` for what never ran. */
  noted(part: object): StageWork | undefined
}

export function createWorkLog(): WorkLog {
  const readings = new Map<object, ReadingWork>()
  const stages = new Map<object, StageWork>()
  return {
    of: (reading) => {
      const known = readings.get(reading)
      if (known !== undefined) return known
      const work = { runs: 0, matches: 0, docFetches: 0, fieldFetches: 0, indexFetches: 0, index: undefined }
      readings.set(reading, work)
      return work
    },
    note: (part, rows) => {
      const work = stages.get(part)
      if (work === undefined) stages.set(part, { runs: 1, rows })
      else {
        work.runs += 1
        work.rows += rows
      }
    },
    noted: (part) => stages.get(part),
  }
}
