import type { Settings } from './settings.ts'

export type LogLevel = Settings['log.level']

/** Values beside a message, in the order in which they are shown. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes log lines of one part of the program. */
export type Logger = { readonly [Level in LogLevel]: (message: string, fields?: LogFields) => void }

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: Settings['log.format']
  readonly color: boolean
  /** Takes a whole line with its end. */
  readonly write: (line: string) => void
  /** Milliseconds since the epoch. Default: the clock of the machine. */
  readonly now?: () => number
}

/** From the least to the gravest: what is below the level that was asked for is left out. */
const LEVELS: Readonly<Record<LogLevel, { readonly rank: number; readonly short: string; readonly color: string }>> = {
  debug: { rank: 0, short: 'DBG', color: '\u001B[36m' },
  info: { rank: 1, short: 'INF', color: '\u001B[32m' },
  warn: { rank: 2, short: 'WRN', color: '\u001B[33m' },
  error: { rank: 3, short: 'ERR', color: '\u001B[31m' },
  fatal: { rank: 4, short: 'FTL', color: '\u001B[35m' },
}
const FAINT = '\u001B[2m'
const RESET = '\u001B[0m'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * Gives the logger of each part by its name.
 *
 * | format | a line |
 * |---|---|
 * | text | `Jan 2 10:15:49.124 INF net Created LibP2P host PeerId=12D3… Address=[/ip4/…]`, in local time |
 * | json | `{"time":"2026-01-02T09:15:49.124Z","level":"INFO","name":"net","msg":"Created LibP2P host","PeerId":"12D3…"}` |
 */
export function createLoggers({ level, format, color, write, now = Date.now }: LoggerOptions): (name: string) => Logger {
  const layout = format === 'json' ? jsonLine : textLine
  return (name) => {
    const at =
      (own: LogLevel) =>
      (message: string, fields: LogFields = {}): void => {
        if (LEVELS[own].rank >= LEVELS[level].rank) write(`${layout({ time: now(), level: own, name, message, fields, color })}\n`)
      }
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') }
  }
}

/** Whether log lines have colours: on a terminal, unless that was switched off here or, by `NO_COLOR`, for all programs. */
export function hasColor(isTerminal: boolean, disabled: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !disabled && (env['NO_COLOR'] ?? '') === ''
}

interface Line {
  readonly time: number
  readonly level: LogLevel
  readonly name: string
  readonly message: string
  readonly fields: LogFields
  readonly color: boolean
}

function textLine({ time, level, name, message, fields, color }: Line): string {
  const paint = (code: string, text: string): string => (color ? code + text + RESET : text)
  const { short, color: own } = LEVELS[level]
  const shown = Object.entries(fields).map(([key, value]) => ` ${paint(FAINT, `${key}=`)}${fieldToText(value)}`)
  return `${paint(FAINT, localTime(new Date(time)))} ${paint(own, short)} ${name} ${oneLine(message)}${shown.join('')}`
}

function jsonLine({ time, level, name, message, fields }: Line): string {
  const shown = Object.entries(fields).map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value])
  return JSON.stringify({
    time: new Date(time).toISOString(),
    level: level.toUpperCase(),
    name,
    msg: message,
    ...Object.fromEntries(shown),
  })
}

/** `Jan 2 10:15:49.124` */
function localTime(time: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`
  return `${MONTHS[time.getMonth()] ?? ''} ${time.getDate()} ${clock}`
}

/** Lists in brackets, as Go prints them; texts in quotation marks where the line could not be read otherwise. */
function fieldToText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(fieldToText).join(' ')}]`
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  const text = String(value)
  return text === '' || /[\s"=]/.test(text) ? JSON.stringify(text) : text
}

/** What a peer sent can be part of a message: it must not make lines of its own, nor colours. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001F\u007F]+/g, ' ')
}
