import process from 'node:process'

/** Where a command reads and writes. Results go to `out`, everything that is said about them to `err`. */
export interface Terminal {
  /** Resolves when the text is taken, so that whoever writes much goes no faster than it is read. */
  out(text: string): Promise<void>
  err(text: string): void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  /** Columns of the terminal, for help. */
  readonly width: number
  /** Standard input, from where it was read last. */
  input(): AsyncIterable<Uint8Array | string>
}

/** Help is laid out for this many columns where there is no terminal. */
const DEFAULT_WIDTH = 100

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    out: (text) => new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve()))),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY,
    errIsTerminal: process.stderr.isTTY,
    width: process.stdout.isTTY ? process.stdout.columns : DEFAULT_WIDTH,
    input: () => process.stdin,
  }
}
