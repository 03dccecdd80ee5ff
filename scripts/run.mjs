// Runs the tasks of the project: node scripts/run.mjs <task> [arguments…]
//
// Plain JavaScript for Node 18 and later, with nothing installed: it sets up what a task needs (the packages, among them the Node that the project runs on;
// a browser), says what it does and how long that took, and then runs the task's commands.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

import { findBrowser } from './browser.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly string[][]} commands
 * @property {boolean} [shows] its output is for the user; that of other steps is shown only when they fail
 * @property {string} [clears] a folder or file that must not be left over from an earlier run
 * @property {string} [report] JSON report with the numbers of tests
 * @property {boolean} [needsBrowser]
 *
 * @typedef {object} Task
 * @property {readonly Step[]} steps run in order; the first failure ends the task
 * @property {boolean} [choosesSteps] arguments name the steps to run; otherwise they go to the last command
 */

/** @type {Readonly<Record<string, Step>>} */
const STEPS = {
  format: { name: 'format', commands: [['oxfmt', '--check']] },
  lint: { name: 'lint', commands: [['oxlint', '--type-aware']] },
  types: { name: 'types', commands: [['tsc', '-p', '.']] },
  unused: { name: 'unused', commands: [['knip']] },
  build: {
    name: 'build',
    clears: 'dist',
    commands: [
      ['tsc', '-p', 'tsconfig.build.json'],
      ['vite', 'build', '--logLevel', 'warn'],
    ],
  },
  package: {
    name: 'package',
    commands: [
      ['publint', '--strict'],
      ['attw', '--pack', '--profile', 'esm-only'],
    ],
  },
  unit: {
    name: 'unit',
    shows: true,
    needsBrowser: true,
    report: 'test-results/unit.json',
    commands: [['vitest', 'run', '--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json']],
  },
  // `playwright.config.ts` says where its report goes.
  e2e: { name: 'e2e', shows: true, needsBrowser: true, report: 'test-results/e2e.json', commands: [['playwright', 'test']] },
}

/** @type {Readonly<Record<string, Task>>} */
const TASKS = {
  start: { steps: [script('start', 'scripts/start.ts')] },
  dev: { steps: [script('dev', 'scripts/start.ts', '--dev')] },
  test: {
    choosesSteps: true,
    steps: [STEPS.format, STEPS.lint, STEPS.types, STEPS.unused, STEPS.build, STEPS.package, STEPS.unit, STEPS.e2e],
  },
  check: { choosesSteps: true, steps: [STEPS.format, STEPS.lint, STEPS.types, STEPS.unused] },
  build: { steps: [STEPS.build] },
  format: { steps: [{ name: 'format', shows: true, commands: [['oxfmt']] }] },
  bench: { steps: [{ ...script('bench', 'bench/main.ts'), needsBrowser: true }] },
  nat: { steps: [{ ...script('nat', 'scripts/nat.ts'), needsBrowser: true }] },
  conformance: { steps: [script('conformance', 'scripts/conformance.ts')] },
  soak: { steps: [script('soak', 'scripts/soak.ts')] },
}

/** How long a browser may take to print its version. A damaged or half-installed one hangs or fails. */
const BROWSER_STARTS_MS = 20_000
/** How long to wait for a download of a browser: where there is no way out, tools retry for long. */
const BROWSER_DOWNLOAD_MS = 300_000

/** npm says what is wrong first, and then a page about its options. */
const MOST_LINES_OF_NPM = 20

const root = fileURLToPath(new URL('..', import.meta.url))
const isWindows = process.platform === 'win32'
const environment = { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + (process.env.PATH ?? '') }

process.chdir(root)
process.exitCode = await main(process.argv.slice(2))

/** @param {readonly string[]} words @returns {Promise<number>} the exit code */
async function main([name = '', ...words]) {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined
  if (task === undefined) {
    console.error(`There is no task "${name}". Tasks: ${Object.keys(TASKS).join(', ')}`)
    return 2
  }
  const steps = task.choosesSteps && words.length > 0 ? task.steps.filter((step) => words.includes(step.name)) : task.steps
  if (steps.length === 0) {
    console.error(`"${name}" has no step "${words.join(' ')}". Steps: ${task.steps.map((step) => step.name).join(', ')}`)
    return 2
  }
  if (!installPackages()) return 1
  if (steps.some((step) => step.needsBrowser) && !provideBrowser()) return 1
  return task.choosesSteps ? runChecks(steps) : runPlainly(steps, words)
}

/** Hands the terminal to the commands. @param {readonly Step[]} steps @param {readonly string[]} words @returns {Promise<number>} */
async function runPlainly(steps, words) {
  for (const step of steps) {
    clear(step)
    for (const [index, command] of step.commands.entries()) {
      const isLast = step === steps[steps.length - 1] && index === step.commands.length - 1
      const { code } = await run(isLast ? [...command, ...words] : command, 'inherit')
      if (code !== 0) return code
    }
  }
  return 0
}

/** Runs the steps one after another until one fails. The last line has the sums of their tests. @param {readonly Step[]} steps @returns {Promise<number>} */
async function runChecks(steps) {
  const sums = { passed: 0, failed: 0 }
  for (const step of steps) {
    clear(step)
    const started = Date.now()
    if (step.shows) console.log(`\n${step.name}`)
    else process.stdout.write(step.name.padEnd(10))
    const failure = await firstFailure(step)
    const counts = countTests(step)
    sums.passed += counts.passed
    // A step that fails without a failed test has failed as a whole.
    sums.failed += failure === undefined ? counts.failed : Math.max(counts.failed, 1)
    if (failure !== undefined) {
      console.log(`${step.shows ? `${step.name} ` : ''}FAILED: ${failure.command.join(' ')}\n${failure.output}`)
      break
    }
    if (!step.shows) console.log(`ok  ${seconds(started)}`)
  }
  if (steps.some((step) => step.report !== undefined) || sums.failed > 0) console.log(`\n${sums.passed} passed, ${sums.failed} failed`)
  return sums.failed === 0 ? 0 : 1
}

/** @param {Step} step @returns {Promise<{ command: readonly string[], output: string } | undefined>} */
async function firstFailure(step) {
  for (const command of step.commands) {
    const { code, output } = await run(command, step.shows ? 'inherit' : 'pipe')
    if (code !== 0) return { command, output }
  }
  return undefined
}

/** @param {Step} step */
function clear(step) {
  if (step.clears !== undefined) rmSync(step.clears, { recursive: true, force: true })
  if (step.report !== undefined) {
    mkdirSync('test-results', { recursive: true })
    rmSync(step.report, { force: true })
  }
}

/** Reads the report of vitest or of playwright. @param {Step} step @returns {{ passed: number, failed: number }} */
function countTests(step) {
  if (step.report === undefined) return { passed: 0, failed: 0 }
  try {
    const { stats, numPassedTests, numFailedTests } = JSON.parse(readFileSync(step.report, 'utf8'))
    return { passed: numPassedTests ?? stats.expected + stats.flaky, failed: numFailedTests ?? stats.unexpected }
  } catch {
    return { passed: 0, failed: 0 } // The runner ended before it could write one: it has failed, and that is counted.
  }
}

/** @param {string} name @param {readonly string[]} command @returns {Step} */
function script(name, ...command) {
  return { name, shows: true, commands: [['node', '--disable-warning=ExperimentalWarning', ...command]] }
}

/**
 * Runs a command with the project's tools first on the PATH.
 * @param {readonly string[]} command @param {'inherit' | 'pipe'} output @returns {Promise<{ code: number, output: string }>}
 */
function run([program, ...words], output) {
  const child = spawn(program, words, { env: environment, shell: isWindows, stdio: ['inherit', output, output] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  // Ctrl-C reaches the child too; it ends in its own way, and this process after it.
  const wait = () => {}
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', wait).on('SIGTERM', pass)
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: `${program} could not be started: ${error.message}` }))
    child.on('close', (code) => {
      process.off('SIGINT', wait).off('SIGTERM', pass)
      resolve({ code: code ?? 1, output: text })
    })
  })
}

/** Installs the packages when those of the lockfile are not all there. @returns {boolean} whether they are there now */
function installPackages() {
  const missing = missingPackages()
  if (missing === 0) return true
  const started = Date.now()
  process.stdout.write(`Installing the packages of the lockfile (npm ci; ${missing} to come)… `)
  const { status, stdout, stderr, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: isWindows,
    encoding: 'utf8',
  })
  if (status === 0) {
    console.log(`done in ${seconds(started)}`)
    return true
  }
  console.log(`failed after ${seconds(started)}`)
  const said = error === undefined ? `${stdout}${stderr}` : error.message
  console.error(said.trim().split('\n').slice(0, MOST_LINES_OF_NPM).join('\n'))
  console.error('The packages could not be installed. If npm cannot reach its registry, try again when it can.')
  return false
}

/** How many packages of the lockfile are not installed in that version. npm keeps a list of what it has installed. */
function missingPackages() {
  const wanted = packagesOf('package-lock.json')
  const installed = packagesOf('node_modules/.package-lock.json')
  return Object.entries(wanted).filter(
    ([place, { version, optional, link }]) => place !== '' && !optional && !link && installed[place]?.version !== version,
  ).length
}

/** @param {string} lockfile @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }>} */
function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(lockfile, 'utf8')).packages
  } catch {
    return {} // Nothing has been installed yet.
  }
}

/** Makes sure that there is a Chromium that starts. @returns {boolean} */
function provideBrowser() {
  if (browserStarts()) return true
  console.log('No Chromium is here that starts. Trying to get one:')
  for (const [program, ...words] of browserInstallers()) {
    const started = Date.now()
    process.stdout.write(`  ${[program, ...words].join(' ')}… `)
    const { status } = spawnSync(program, words, { env: environment, shell: isWindows, timeout: BROWSER_DOWNLOAD_MS, stdio: 'ignore' })
    const isThere = status === 0 && browserStarts()
    console.log(isThere ? `done in ${seconds(started)}` : `no browser after ${seconds(started)}`)
    if (isThere) return true
  }
  console.error(
    [
      'The tests run in a real Chromium, and there is none that starts.',
      'Install one (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium; or Google Chrome),',
      'or name one with WARREN_BROWSER=/path/to/chromium.',
    ].join('\n'),
  )
  return false
}

/** Commands that may bring a Chromium to this machine, the least invasive first. @returns {readonly string[][]} */
function browserInstallers() {
  const isDebian = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  const isRoot = process.getuid?.() === 0
  return [
    ['playwright', 'install', 'chromium'],
    ...(isDebian && isRoot
      ? [
          ['apt-get', 'install', '--yes', '--quiet', 'chromium'],
          ['apt-get', 'update', '--quiet'],
          ['apt-get', 'install', '--yes', '--quiet', 'chromium'],
        ]
      : []),
  ]
}

function browserStarts() {
  const browser = findBrowser()
  if (browser === undefined) return false
  // On Windows the browser is a windowed program, which prints nothing and opens a window.
  return isWindows || spawnSync(browser, ['--version'], { stdio: 'ignore', timeout: BROWSER_STARTS_MS }).status === 0
}

/** @param {number} started */
function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`
}
