import type { Word } from './words.ts'

/** Where a part of a GraphQL type keeps the engine's own name when a dialect gives it another. */
const CANONICAL = 'canonicalName'

interface Extensible {
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** Fields or arguments by the engine's own names, under the names of a dialect; what it does not have is left out. `canonicalName` gives the engine's name back. */
export function spell<Config extends Extensible>(fields: Readonly<Record<string, Config>>, word: Word): Record<string, Config> {
  return renamed(fields, word, (config, name) => ({ ...config, extensions: { ...config.extensions, [CANONICAL]: name } }))
}

/** The values of an enum in the same way. A request that uses one has the engine's name as its value. */
export function spellValues(names: readonly string[], word: Word): Record<string, { readonly value: string }> {
  return renamed(Object.fromEntries(names.map((name) => [name, { value: name }])), word, (config) => config)
}

/** The engine's own name of a field or argument. */
export function canonicalName({ name, extensions }: { readonly name: string } & Extensible): string {
  const canonical = extensions?.[CANONICAL]
  return typeof canonical === 'string' ? canonical : name
}

function renamed<Config>(
  fields: Readonly<Record<string, Config>>,
  word: Word,
  rename: (config: Config, name: string) => Config,
): Record<string, Config> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, config]) => {
      const spelled = word(name)
      if (spelled === undefined) return []
      return [[spelled, spelled === name ? config : rename(config, name)] as const]
    }),
  )
}
