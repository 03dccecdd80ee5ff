import { writeFile } from 'node:fs/promises'

import type { CollectionVersion } from '../../schema/collection-version.ts'
import { defineCommand, type Command } from '../command.ts'
import { fileProblem, readInput } from '../read-input.ts'

export const types: Command = defineCommand({
  name: 'types',
  summary: 'Write TypeScript types of the documents',
  description:
    'Writes the types of the documents of each collection: of SDL in files, or, without any, of the node that --url names. Give them to db.collection<Book>("Book").',
  options: {
    file: { kind: 'texts', short: 'f', value: 'path', description: 'a file with SDL; may be given several times' },
    output: { kind: 'text', short: 'o', value: 'path', description: 'the file to write; standard output unless it is given' },
  },
  examples: ['warrendb types -o src/documents.d.ts', 'warrendb types -f schema.graphql -o src/documents.d.ts'],
  run: async ({ options, terminal, connect }) => {
    const { typesText } = await import('../../schema/types-text.ts')
    const versions = options.file.length === 0 ? await (await connect()).database.collections.describe() : await declared(options.file)
    const text = typesText(versions)
    if (options.output === undefined) await terminal.out(text)
    else await write(options.output, text)

    async function declared(files: readonly string[]): Promise<readonly CollectionVersion[]> {
      return describeSdl(await readInput(terminal, { what: 'SDL', argument: undefined, files }))
    }
  },
})

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw fileProblem(path, error)
  }
}

/** What the types of an SDL text become: a database in memory knows. */
async function describeSdl(schema: string): Promise<readonly CollectionVersion[]> {
  const { openDatabase } = await import('../../index.node.ts')
  await using database = await openDatabase({ storage: 'memory', p2p: false, schema })
  return database.collections.describe()
}
