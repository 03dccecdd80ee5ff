import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

// Runs the behaviour cases, where they lie beside the project: in process, over HTTP, and by the command line. The number that passes in process is held against the recorded
// one, which only rises; what passes in process has to pass in the other two ways.
//   npm run conformance                       all cases in all ways; fails when fewer pass than `test/conformance.json` says, or one way differs
//   npm run conformance -- --record           writes the number down when it has risen
//   npm run conformance -- --only 'query/.*'  some cases, with their failures and without the comparison
//   npm run conformance -- --client http      all cases in one way: go (in process), http, cli

const root = join(import.meta.dirname, '..')
const cases = join(root, '../shared/conformance')
const record = join(root, 'test/conformance.json')

/** How the cases are run, in the words of the runner, where `go` is in process. */
const ADAPTERS = { go: 'conformance-adapter.ts', http: 'conformance-http-adapter.ts', cli: 'conformance-cli-adapter.ts' } as const
type Client = keyof typeof ADAPTERS

interface Outcome {
  readonly id: string
  readonly status: string
  readonly message?: string
}

const { values } = parseArgs({
  options: { record: { type: 'boolean', default: false }, only: { type: 'string' }, client: { type: 'string' } },
})

if (existsSync(cases)) process.exitCode = await main()
else console.log('The behaviour cases are not here: they lie beside the project where it is developed. Nothing was run.')

async function main(): Promise<number> {
  const { client, only } = values
  if (client !== undefined && !isClient(client)) {
    console.error(`There is no client "${client}"; there are ${Object.keys(ADAPTERS).join(', ')}.`)
    return 2
  }
  if (only !== undefined || client !== undefined) {
    await runCases(client ?? 'go', only ?? '.*', 'loud')
    return 0
  }
  const inProcess = await runCases('go', '.*', 'quiet')
  const code = await compare(countPassed(inProcess))
  return Math.max(code, await differs('http', inProcess), await differs('cli', inProcess))
}

/** @returns 1 when a case passes in process and not in this way */
async function differs(client: Client, inProcess: readonly Outcome[]): Promise<number> {
  const passed = new Set(inProcess.filter(({ status }) => status === 'passed').map(({ id }) => id))
  const failed = (outcomes: readonly Outcome[]): readonly Outcome[] =>
    outcomes.filter(({ id, status }) => passed.has(id) && status === 'failed')
  const first = failed(await runCases(client, '.*', 'quiet'))
  if (first.length === 0) return 0
  // Some cases give a network so many milliseconds; on a machine that does other things they get a second chance, alone.
  const again = failed(
    await runCases(client, first.map(({ id }) => `^${id.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`).join('|'), 'quiet'),
  )
  for (const { id, message } of again) console.error(`passes in process and not by ${client}: ${id}\n     ${message ?? ''}`)
  return again.length === 0 ? 0 : 1
}

/** Runs the cases and prints the last line of what the runner prints, with all its failures when it is to be loud. */
async function runCases(client: Client, only: string, loudness: 'loud' | 'quiet'): Promise<readonly Outcome[]> {
  const results = join(root, `test-results/conformance-${client}.json`)
  await mkdir(dirname(results), { recursive: true })
  await writeFile(results, '{"results":[]}')
  const adapter = join(root, 'test', ADAPTERS[client])
  const options = ['--cases', join(cases, 'cases'), '--adapter', adapter, '--jobs', '2', '--json', results, '--only', only]
  const quiet = loudness === 'quiet' ? ['--quiet'] : []
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(cases, 'run.mjs'), ...options, ...quiet], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let output = ''
  for await (const chunk of child.stdout) {
    output += String(chunk)
    if (loudness === 'loud') process.stdout.write(chunk)
  }
  await ended
  if (loudness === 'quiet') console.log(`${client}: ${output.trimEnd().split('\n').at(-1) ?? 'the runner ended without a count'}`)
  const parsed: { readonly results: readonly Outcome[] } = JSON.parse(await readFile(results, 'utf8'))
  return parsed.results
}

/** @returns the exit code */
async function compare(passed: number): Promise<number> {
  const recorded: { readonly passed: number } = JSON.parse(await readFile(record, 'utf8'))
  if (passed < recorded.passed) {
    console.error(`${passed} cases pass, ${recorded.passed} did before: test-results/conformance-go.json says which fail.`)
    return 1
  }
  if (passed > recorded.passed) {
    if (values.record) await writeFile(record, `${JSON.stringify({ passed }, undefined, 2)}\n`)
    else console.log(`More than the recorded ${recorded.passed}: write it down with "npm run conformance -- --record".`)
  }
  return 0
}

function countPassed(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ status }) => status === 'passed').length
}

function isClient(name: string): name is Client {
  return Object.hasOwn(ADAPTERS, name)
}
