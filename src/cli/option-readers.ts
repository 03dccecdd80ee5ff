import type { OptionKinds } from './command.ts'

interface OptionReader<Value> {
  /** The value for a command, of what the parser has for the option; undefined when it was not given. */
  read(value: unknown): Value
  /** Adds a further value, for options that take several. */
  readonly collect?: (text: string, before: readonly string[]) => readonly string[]
}

/** How each kind of option is read. */
export const OPTION_READERS: { readonly [Kind in keyof OptionKinds]: OptionReader<OptionKinds[Kind]> } = {
  flag: { read: (value) => value === true },
  text: { read: (value) => (typeof value === 'string' ? value : undefined) },
  // The parser has seen to it that there is one.
  required: { read: (value) => (typeof value === 'string' ? value : '') },
  list: {
    read: readTexts,
    collect: (text, before) => [...before, ...text.split(',').map((one) => one.trim())].filter((one) => one !== ''),
  },
  texts: { read: readTexts, collect: (text, before) => [...before, text] },
}

function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : []
}
