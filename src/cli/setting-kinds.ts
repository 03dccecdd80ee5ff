/** How a setting is written on the command line, in the environment and in the file. */
export interface SettingKind<Value> {
  /** The kind of its flag; see `OptionKinds`. */
  readonly flag: 'flag' | 'text' | 'list'
  /** What it may be, as messages and help say it. */
  readonly expects: string
  /** Absent when the text says nothing of this kind. */
  fromText(text: string): Value | undefined
  /** Absent when the value, as YAML has it, is not of this kind. */
  fromValue(value: unknown): Value | undefined
}

export const flagSetting: SettingKind<boolean> = {
  flag: 'flag',
  expects: 'true or false',
  fromText: (text) => FLAG_WORDS.get(text.toLowerCase()),
  fromValue: (value) => (typeof value === 'boolean' ? value : undefined),
}

/** Words for true and false that shells and DefraDB's own parser know. */
const FLAG_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

export const textSetting: SettingKind<string> = {
  flag: 'text',
  expects: 'a text',
  fromText: (text) => text,
  fromValue: (value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined),
}

export const listSetting: SettingKind<readonly string[]> = {
  flag: 'list',
  expects: 'a list of texts',
  fromText: splitList,
  fromValue: (value) => {
    if (typeof value === 'string') return splitList(value)
    if (!Array.isArray(value)) return undefined
    const elements: readonly unknown[] = value
    return elements.every((element) => typeof element === 'string') ? elements : undefined
  },
}

export const secondsSetting: SettingKind<readonly number[]> = {
  flag: 'list',
  expects: 'a list of seconds above 0, such as 30,60,120',
  fromText: (text) => positives(splitList(text.replace(/^\[(.*)\]$/, '$1'))),
  fromValue: (value) => (Array.isArray(value) ? positives(value) : typeof value === 'number' ? positives([value]) : undefined),
}

/** One of some words. */
export function choiceSetting<const Word extends string>(words: readonly Word[]): SettingKind<Word> {
  const find = (value: unknown): Word | undefined => words.find((word) => word === value)
  return {
    flag: 'text',
    expects: words.map((word) => `"${word}"`).join(' or '),
    fromText: find,
    fromValue: find,
  }
}

/** Empty for an empty text, so that an environment variable can take a list away. */
function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
}

function positives(elements: readonly unknown[]): readonly number[] | undefined {
  const numbers = elements.map(Number)
  return numbers.length > 0 && numbers.every((number) => Number.isFinite(number) && number > 0) ? numbers : undefined
}
