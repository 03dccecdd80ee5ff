import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs, stripVTControlCharacters } from 'node:util'

import { connection } from './connection.ts'
import { http } from './http.ts'
import { createLedger } from './ledger.ts'
import { local } from './local.ts'
import { reportMarkdown } from './markdown.ts'
import { micro } from './micro.ts'
import { node } from './node.ts'
import { queries } from './queries.ts'
import { replication } from './replication.ts'
import { sync } from './sync.ts'
import type { Subject } from './measure.ts'
import { reportText, type SubjectReport } from './report.ts'

const SUBJECTS: readonly Subject[] = [local, queries, sync, connection, replication, node, http, micro]

const USAGE = `usage: npm run bench -- [subject…] [--quick] [--peers] [--markdown] [--json file] [--profiles folder]

${SUBJECTS.map(({ name, title }) => `  ${name.padEnd(13)}${title}`).join('\n')}

  --quick            fewer documents and runs: some five minutes
  --peers            also measure other databases, where a subject has them; installs them first
  --markdown         tables in Markdown, as in bench/README.md
  --json file        also write the figures as JSON
  --profiles folder  also write CPU profiles, for DevTools; figures of such a run do not count`

/** A failed build tells every file; a table needs the first. */
const LONGEST_REASON = 400
/** For closing a browser and deleting its profile. */
const GRACE = 10_000

// What a subject that ran out of time has left open must not keep the process.
process.exit(await main(process.argv.slice(2)))

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      peers: { type: 'boolean' },
      markdown: { type: 'boolean' },
      json: { type: 'string' },
      profiles: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const unknown = positionals.find((name) => !SUBJECTS.some((subject) => subject.name === name))
  if (values.help === true || unknown !== undefined) {
    console.log(unknown === undefined ? USAGE : `there is no subject "${unknown}"\n\n${USAGE}`)
    return unknown === undefined ? 0 : 2
  }
  if (values.profiles !== undefined) await mkdir(values.profiles, { recursive: true })

  console.log(`${machine()}\n`)
  const reports: SubjectReport[] = []
  for (const subject of SUBJECTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const report = await runSubject(subject, { quick: values.quick === true, peers: values.peers === true, profiles: values.profiles })
    reports.push(report)
    console.log(`${values.markdown === true ? reportMarkdown(report) : reportText(report)}\n`)
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine: machine(), reports }, undefined, 2)}\n`)
  const failed = reports.filter(({ failures }) => failures.length > 0).map(({ name }) => name)
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

interface Options {
  readonly quick: boolean
  readonly peers: boolean
  readonly profiles: string | undefined
}

/** Runs a subject within its time. Whatever it throws is a failure in its report, beside the figures it had by then. */
async function runSubject(subject: Subject, { quick, peers, profiles }: Options): Promise<SubjectReport> {
  const { name, title } = subject
  const contestants = peers ? [...subject.contestants, ...(subject.peers ?? [])] : subject.contestants
  const start = performance.now()
  const ledger = createLedger(contestants[0] ?? '', subject.peers)
  const notes: string[] = []
  const failures: string[] = []
  const share = contestants.length / subject.contestants.length
  const seconds = Math.round((quick ? subject.seconds.quick : subject.seconds.whole) * share)
  const signal = AbortSignal.timeout(seconds * 1000)

  function fail(what: string, error: unknown): void {
    const reason = signal.aborted ? `not done after ${seconds} s` : reasonOf(error)
    const failure = `${what}: ${reason}`
    if (!failures.includes(failure)) failures.push(failure)
  }

  try {
    const running = subject.run({
      quick,
      peers,
      signal,
      ...(profiles === undefined ? {} : { profiles }),
      record: ledger.record,
      fail,
      note: (text) => notes.push(text),
      progress: (text) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${name}: ${text}`),
    })
    await Promise.race([running, rejectionAfter(signal, GRACE)])
  } catch (error) {
    fail(name, error)
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  return { name, title, contestants, figures: ledger.figures(), notes, failures, seconds: (performance.now() - start) / 1000 }
}

/** Rejects when the signal has been aborted for so many milliseconds. */
function rejectionAfter(signal: AbortSignal, grace: number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(new Error('did not end when its time was over')), grace).unref())
  })
}

/** What it says, without where it was thrown. */
function reasonOf(error: unknown): string {
  const message = stripVTControlCharacters(error instanceof Error ? error.message : String(error))
  return (message.split(/\n\s+at /)[0] ?? '').replaceAll(/\s*\n\s*/g, ' ').slice(0, LONGEST_REASON)
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${memory} GB, Node ${process.versions.node}`
}
