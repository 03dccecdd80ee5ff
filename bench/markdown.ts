import type { Figure } from './ledger.ts'
import { ratioText, rowsOf, targetText, valueText, type SubjectReport } from './report.ts'

/** More contestants than this make a table too wide to read; their ratios and their figures get a table each. */
const WIDEST = 4

/** The report of a subject as Markdown, as `README.md` shows it: a target that is reached has a ✓. */
export function reportMarkdown({ title, contestants, figures, notes, failures }: SubjectReport): string {
  const rows = rowsOf(figures)
  const tables = contestants.length > WIDEST ? [ratios(rows, contestants), values(rows, contestants)] : [together(rows, contestants)]
  return [`### ${title}`, ...tables, ...notes, ...failures.map((failure) => `FAILED ${failure}`)].join('\n\n')
}

type Rows = readonly (readonly Figure[])[]

function together(rows: Rows, contestants: readonly string[]): string {
  const [yardstick, ...compared] = contestants
  const header = [...compared.map((name) => `${name} : ${yardstick}`), 'target', ...contestants]
  return table(header, rows, (row, first) => [
    ...compared.map((name) => ratioCell(row, name)),
    targetText(first),
    ...contestants.map((name) => valueText(of(row, name))),
  ])
}

/** Ratios where there are some: what has a target for its figure is in the other table only. */
function ratios(rows: Rows, contestants: readonly string[]): string {
  const [yardstick = '', ...compared] = contestants
  const withRatios = rows.filter((row) => row.some((figure) => ratioText(figure) !== ''))
  return table([yardstick, ...compared.map((name) => `${name} : ${yardstick}`), 'target'], withRatios, (row, first) => [
    valueText(of(row, yardstick)),
    ...compared.map((name) => ratioCell(row, name)),
    targetText(first),
  ])
}

function values(rows: Rows, contestants: readonly string[]): string {
  return table([...contestants, 'target'], rows, (row, first) => [
    ...contestants.map((name) => valueText(of(row, name))),
    first.target !== undefined && 'figure' in first.target ? targetText(first) : '',
  ])
}

function table(header: readonly string[], rows: Rows, cellsOf: (row: readonly Figure[], first: Figure) => readonly string[]): string {
  const lines = rows.flatMap((row) => {
    const [first] = row
    return first === undefined ? [] : [lineOf([first.measure, first.n.toLocaleString('en'), ...cellsOf(row, first)])]
  })
  return [lineOf(['', 'n', ...header]), `|---|--:|${header.map(() => '--:|').join('')}`, ...lines].join('\n')
}

function ratioCell(row: readonly Figure[], name: string): string {
  const figure = of(row, name)
  return figure === undefined ? '–' : `${ratioText(figure)}${figure.met === true ? ' ✓' : ''}`.trim()
}

function of(row: readonly Figure[], name: string): Figure | undefined {
  return row.find(({ contestant }) => contestant === name)
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
