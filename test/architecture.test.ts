import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A folder imports itself and what stands to its left. Folders in one entry do not see each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['util'],
  ['errors'],
  ['identity'],
  ['storage'],
  ['block'],
  ['crdt'],
  ['schema'],
  ['document'],
  ['dag'],
  ['query'],
  ['database'],
  ['network'],
  ['tabs', 'http'],
  ['entry'],
  ['cli', 'react', 'playground', 'relay'],
]

/** Each foreign package has one home. A prefix ending in `/` stands for a scope. */
const HOMES: readonly { readonly packages: readonly string[]; readonly folders: readonly string[] }[] = [
  { packages: ['graphql'], folders: ['schema', 'query'] },
  { packages: ['rfc6902'], folders: ['schema'] },
  { packages: ['hono', '@hono/node-server'], folders: ['http', 'relay'] },
  { packages: ['zod'], folders: ['http'] },
  { packages: ['uqr'], folders: ['playground', 'relay'] },
  { packages: ['commander', 'yaml'], folders: ['cli'] },
  { packages: ['jose'], folders: ['identity'] },
  { packages: ['idb'], folders: ['storage', 'identity'] },
  { packages: ['libp2p', '@libp2p/', '@multiformats/', 'it-length-prefixed', 'uint8arraylist'], folders: ['network', 'relay'] },
  { packages: ['@noble/curves'], folders: ['identity'] },
  { packages: ['@noble/hashes'], folders: ['block', 'document', 'schema', 'identity', 'network'] },
  { packages: ['uqr'], folders: ['playground', 'relay'] },
  { packages: ['react', 'react-dom'], folders: ['react', 'playground'] },
]

interface Import {
  readonly file: string
  readonly specifier: string
}

const files = globSync(['src/**/*.{ts,tsx}', 'relay/**/*.ts'], { cwd: root })
const sources = files.filter((file) => !/\.(test|testkit)\.tsx?$/.test(file))
const imports = sources.flatMap(importsOf)

describe('the layers', () => {
  it('has files to look at', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(imports.length).toBeGreaterThan(100)
  })

  it('import only what stands to their left', () => {
    const upward = imports.filter(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return false
      const [from, to] = [folderOf(file), folderOf(join(dirname(file), specifier))]
      return from !== to && !(levelOf(to) < levelOf(from))
    })
    expect(upward).toEqual([])
  })

  it('know every folder', () => {
    expect(sources.filter((file) => levelOf(folderOf(file)) === -1)).toEqual([])
  })

  it('keep each foreign package at home', () => {
    const astray = imports.filter(({ file, specifier }) => {
      const home = HOMES.find(({ packages }) => packages.some((name) => isOf(specifier, name)))
      return home !== undefined && !home.folders.includes(folderOf(file))
    })
    expect(astray).toEqual([])
  })

  it('use no package without a home', () => {
    const homeless = imports.filter(
      ({ specifier }) =>
        !specifier.startsWith('.') &&
        !specifier.startsWith('node:') &&
        !HOMES.some(({ packages }) => packages.some((name) => isOf(specifier, name))),
    )
    expect(homeless).toEqual([])
  })
})

describe('the suffixes', () => {
  it('keep node: modules in *.node.ts, the relay and the command line', () => {
    const astray = imports.filter(
      ({ file, specifier }) => specifier.startsWith('node:') && !file.endsWith('.node.ts') && !['relay', 'cli'].includes(folderOf(file)),
    )
    expect(astray).toEqual([])
  })

  it('keep platform files out of files that run anywhere', () => {
    const astray = imports.filter(({ file, specifier }) => {
      const platform = /\.(browser|node)\.ts$/.exec(specifier)?.[1]
      if (platform === undefined || ['relay', 'playground', 'cli'].includes(folderOf(file))) return false
      return !file.endsWith(`.${platform}.ts`)
    })
    expect(astray).toEqual([])
  })

  it('keep test support out of the library', () => {
    expect(imports.filter(({ specifier }) => /\.(test|testkit)\.ts$/.test(specifier))).toEqual([])
  })
})

describe('the style', () => {
  it('keeps files under 500 lines', () => {
    expect(files.filter((file) => read(file).split('\n').length > 500)).toEqual([])
  })

  it('names files in kebab case', () => {
    expect(files.filter((file) => !/^[a-z0-9-]+(\.[a-z]+)*\.tsx?$/.test(file.split(sep).at(-1) ?? ''))).toEqual([])
  })

  it('writes no extension but .ts and .tsx in imports', () => {
    expect(imports.filter(({ specifier }) => specifier.startsWith('.') && !/\.(tsx?|css|json)$/.test(specifier))).toEqual([])
  })

  it('has short READMEs that name only what exists', () => {
    const readmes = globSync(['src/*/README.md', 'src/README.md'], { cwd: root })
    expect(readmes.length).toBeGreaterThan(8)
    const faults = readmes.flatMap((readme) => {
      const text = read(readme)
      const named = [...text.matchAll(/`([\w./-]+\.(?:ts|tsx|md|html|css))`/g)].map((match) => match[1] ?? '')
      const missing = named.filter((name) => ![dirname(readme), 'src', '.'].some((folder) => exists(join(folder, name))))
      return [
        ...missing.map((name) => `${readme} names ${name}`),
        ...(readme !== 'src/README.md' && text.trim().split('\n').length > 15 ? [`${readme} is long`] : []),
      ]
    })
    expect(faults).toEqual([])
  })
})

describe('the fuzz tests', () => {
  it('know every file that reads what peers may have written', () => {
    const readers = sources.filter((file) => /\bnew (?:Cbor|Wire)Reader\(/.test(read(file)))
    const fuzzed = files
      .filter((file) => file.endsWith('.fuzz.test.ts'))
      .flatMap(importsOf)
      .map(({ file, specifier }) => join(dirname(file), specifier))
    expect(readers.length).toBeGreaterThan(5)
    expect(readers.filter((file) => !fuzzed.includes(file))).toEqual([])
  })
})

function importsOf(file: string): readonly Import[] {
  const text = read(file)
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'|\bimport\('([^']+)'\)/g,
  )
  return [...statements].map((match) => ({ file, specifier: match[1] ?? match[2] ?? match[3] ?? '' }))
}

/** `src/dag/merge.ts` is in `dag`, `src/errors.ts` is `errors`, other files of `src/` are entries. */
function folderOf(file: string): string {
  const [top = '', second = '', third] = relative(root, join(root, file)).split(sep)
  if (top !== 'src') return top
  if (third !== undefined) return second
  return second === 'errors.ts' ? 'errors' : 'entry'
}

function levelOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder))
}

function isOf(specifier: string, name: string): boolean {
  return name.endsWith('/') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`)
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function exists(file: string): boolean {
  return globSync(file, { cwd: root }).length > 0
}
