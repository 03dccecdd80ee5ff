import type { Figure } from './ledger.ts'

/** What a subject has come to. */
export interface SubjectReport {
  readonly name: string
  readonly title: string
  readonly contestants: readonly string[]
  readonly figures: readonly Figure[]
  readonly notes: readonly string[]
  readonly failures: readonly string[]
  readonly seconds: number
}

/** The report of a subject as a table for the terminal: ratios beside the figures, targets missed are marked. */
export function reportText({ title, contestants, figures, notes, failures, seconds }: SubjectReport): string {
  const compared = contestants.slice(1)
  const header = ['', 'n', 'runs', ...contestants.slice(0, 1), ...compared.flatMap((name) => [name, 'ratio']), 'target']
  const body = rowsOf(figures).map((row) => cellsOf(row, contestants))
  return [
    `${title} (${seconds.toFixed(0)} s)`,
    ...(body.length === 0 ? ['  nothing was measured'] : aligned([header, ...body]).map((line) => `  ${line}`)),
    ...notes.map((note) => `  ${note}`),
    ...failures.map((failure) => `  FAILED ${failure}`),
  ].join('\n')
}

/** The figures of one measure and one number of documents stand in one row; smaller numbers come first. */
export function rowsOf(figures: readonly Figure[]): readonly (readonly Figure[])[] {
  const rows = Map.groupBy(figures, ({ n, measure }) => JSON.stringify([n, measure]))
  return [...rows.values()].toSorted((a, b) => (a[0]?.n ?? 0) - (b[0]?.n ?? 0))
}

function cellsOf(row: readonly Figure[], contestants: readonly string[]): readonly string[] {
  const [first] = row
  if (first === undefined) return []
  const cells = contestants.flatMap((name, index) => {
    const figure = row.find(({ contestant }) => contestant === name)
    const value = valueText(figure)
    const ratio = ratioText(figure)
    const verdict = figure?.met === false ? 'miss' : ''
    return index === 0 ? [value] : [value, `${ratio} ${verdict}`.trim()]
  })
  return [first.measure, String(first.n), String(Math.max(...row.map(({ runs }) => runs))), ...cells, targetText(first)]
}

/** A dash where there is no figure. */
export function valueText(figure: Figure | undefined): string {
  return figure === undefined ? '–' : `${digits(figure.value)} ${figure.unit}`
}

/** Empty for a figure without ratio, and for one whose target is for itself: that leaves nothing to say about the ratio. */
export function ratioText(figure: Figure | undefined): string {
  return figure?.ratio === undefined || (figure.target !== undefined && 'figure' in figure.target) ? '' : digits(figure.ratio)
}

export function targetText({ target, unit }: Figure): string {
  if (target === undefined) return ''
  if ('least' in target) return `≥ ${target.least} ${unit}`
  return 'ratio' in target ? `≤ ${target.ratio}` : `≤ ${target.figure} ${unit}`
}

/** Three digits that count; of a count all of them. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return '?'
  if (Number.isInteger(value)) return String(value)
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 1 ? 3 : 2)
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
