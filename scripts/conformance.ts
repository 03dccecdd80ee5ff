import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

// Runs the behaviour cases, where they lie beside the project, and holds the number that passes against the recorded one, which only rises.
//   npm run conformance                       all cases; fails when fewer pass than `test/conformance.json` says
//   npm run conformance -- --record           writes the number down when it has risen
//   npm run conformance -- --only 'query/.*'  some cases, with their failures and without the comparison

const root = join(import.meta.dirname, '..')
const cases = join(root, '../shared/conformance')
const record = join(root, 'test/conformance.json')
const results = join(root, 'test-results/conformance.json')

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false }, only: { type: 'string' } } })

if (!existsSync(cases)) {
  console.log('The behaviour cases are not here: they lie beside the project where it is developed. Nothing was run.')
} else {
  await mkdir(dirname(results), { recursive: true })
  const line = await runCases(values.only)
  console.log(line)
  const counts = /(\d+) passed, (\d+) failed/.exec(line)
  if (counts === null) {
    console.error('The runner ended without a count; see what it printed above.')
    process.exitCode = 1
  } else if (values.only === undefined) {
    process.exitCode = await compare(Number(counts[1]))
  }
}

/** Runs the cases and gives the last line of what the runner prints. The failures go to the terminal only when some cases were chosen. */
async function runCases(only: string | undefined): Promise<string> {
  const runner = join(cases, 'run.mjs')
  const adapter = join(root, 'test/conformance-adapter.ts')
  const choice = only === undefined ? ['--quiet'] : ['--only', only]
  const options = ['--cases', join(cases, 'cases'), '--adapter', adapter, '--jobs', '2', '--json', results]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', runner, ...options, ...choice], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let output = ''
  for await (const chunk of child.stdout) {
    output += String(chunk)
    if (only !== undefined) process.stdout.write(chunk)
  }
  await ended
  return output.trimEnd().split('\n').at(-1) ?? ''
}

/** @returns the exit code */
async function compare(passed: number): Promise<number> {
  const recorded: { readonly passed: number } = JSON.parse(await readFile(record, 'utf8'))
  if (passed < recorded.passed) {
    console.error(`${passed} cases pass, ${recorded.passed} did before: ${results} says which fail.`)
    return 1
  }
  if (passed > recorded.passed) {
    if (values.record) await writeFile(record, `${JSON.stringify({ passed }, undefined, 2)}\n`)
    else console.log(`More than the recorded ${recorded.passed}: write it down with "npm run conformance -- --record".`)
  }
  return 0
}
