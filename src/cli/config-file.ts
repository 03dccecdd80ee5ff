import { readFile } from 'node:fs/promises'

import { messageOf } from '../errors.ts'
import { UsageError } from './usage-error.ts'

/** A value of the file, with the place for messages. */
export interface FileEntry {
  readonly key: string
  readonly value: unknown
  /** `config.yaml, line 3` with the path of the file. */
  readonly place: string
}

/** The values of a YAML file by their dotted keys; none when there is no file. @throws UsageError naming the file and the line */
export async function readConfigFile(path: string): Promise<readonly FileEntry[]> {
  const text = await readIfThere(path)
  if (text === undefined) return []
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [mistake] = document.errors
  if (mistake !== undefined) throw new UsageError(`${path}, line ${lines.linePos(mistake.pos[0]).line}: ${mistake.message}`)

  function entriesOf(node: unknown, prefix: string): readonly FileEntry[] {
    if (!isMap(node)) return []
    return node.items.flatMap(({ key, value }) => {
      if (!isScalar(key)) return []
      const name = prefix + String(key.value)
      if (isMap(value)) return entriesOf(value, `${name}.`)
      return [{ key: name, value: toPlain(value), place: `${path}, line ${lines.linePos(key.range?.[0] ?? 0).line}` }]
    })
  }

  function toPlain(node: unknown): unknown {
    return typeof node === 'object' && node !== null && 'toJS' in node && typeof node.toJS === 'function' ? node.toJS(document) : node
  }

  if (document.contents !== null && !isMap(document.contents) && !(isScalar(document.contents) && document.contents.value === null)) {
    throw new UsageError(
      `${path} has no settings but ${JSON.stringify(document.contents)}; write lines such as "api.address: 127.0.0.1:9181"`,
    )
  }
  return entriesOf(document.contents, '')
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new UsageError(`the configuration cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
