import type { Progress } from '../database/database.ts'
import type { Terminal } from './terminal.ts'

/** Shows how far something long is. */
export interface ProgressLine {
  /** For `onProgress` of the database. */
  readonly report: (progress: Progress) => void
  /** Takes the line away. */
  readonly end: () => void
}

/** Often enough to look alive, and not so often that drawing costs anything. */
const REDRAW_MS = 100
const CLEAR_LINE = '\r\u001B[2K'

/** One line on standard error while something runs, such as `Exporting 1,200 of 5,000 documents, 600/s`. Silent where there is no terminal. */
export function showProgress(
  terminal: Pick<Terminal, 'err' | 'errIsTerminal'>,
  { verb, noun, now = Date.now }: { readonly verb: string; readonly noun: string; readonly now?: () => number },
): ProgressLine {
  if (!terminal.errIsTerminal) return { report: () => {}, end: () => {} }
  const start = now()
  let drawn: number | undefined
  return {
    report: ({ done, total }) => {
      const time = now()
      if (drawn !== undefined && time - drawn < REDRAW_MS) return
      drawn = time
      const seconds = (time - start) / 1000
      const rate = seconds > 0 ? `, ${count(done / seconds)}/s` : ''
      terminal.err(`${CLEAR_LINE}${verb} ${count(done)}${total === undefined ? '' : ` of ${count(total)}`} ${noun}${rate}`)
    },
    end: () => {
      if (drawn !== undefined) terminal.err(CLEAR_LINE)
    },
  }
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en')
}
