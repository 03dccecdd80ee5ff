// Runs the NAT matrix and prints it as a table: npm run nat [-- options of Playwright, such as --grep symmetric]
// Each cell is a test of e2e/nat.spec.ts: a relay and two browsers in network namespaces, which only root can make, with routers of that kind between them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

import type { JSONReport, JSONReportSpec, JSONReportSuite } from '@playwright/test/reporter'

import { NAT_CELLS, type NatFigures } from '../e2e/support/nat-cells.ts'
import { namespacesProblem } from '../e2e/support/namespaces.ts'

const root = join(import.meta.dirname, '..')
const report = join(root, 'test-results/nat.json')

const problem = await namespacesProblem()
if (problem === undefined) {
  await rm(report, { force: true })
  process.exitCode = await runCells(process.argv.slice(2))
  printTable(await readSpecs())
} else {
  console.error(`There is no NAT matrix without namespaces: ${problem}.`)
  process.exitCode = 1
}

async function runCells(words: readonly string[]): Promise<number> {
  const tests = spawn('playwright', ['test', 'e2e/nat.spec.ts', '--reporter=list,json', ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  })
  await once(tests, 'exit')
  return tests.exitCode ?? 1
}

async function readSpecs(): Promise<readonly JSONReportSpec[]> {
  const { suites } = JSON.parse(await readFile(report, 'utf8')) as JSONReport
  const specsOf = (suite: JSONReportSuite): readonly JSONReportSpec[] => [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)]
  return suites.flatMap(specsOf)
}

function printTable(specs: readonly JSONReportSpec[]): void {
  const rows = specs.map((spec) => {
    const name = NAT_CELLS.find((cell) => spec.title.includes(cell.name))?.name ?? spec.title
    const annotation = spec.tests.flatMap(({ annotations }) => annotations).find(({ type }) => type === 'nat')
    if (!spec.ok || annotation?.description === undefined) return [name, 'FAILED', '', '']
    const { link, connected, firstDocument } = JSON.parse(annotation.description) as NatFigures
    return [name, link, milliseconds(connected), milliseconds(firstDocument)]
  })
  console.log('\nFrom the moment both pages open their databases until both sides have it:\n')
  for (const [cell = '', link = '', connected = '', firstDocument = ''] of [['', 'link', 'connected', 'first document'], ...rows]) {
    console.log(`  ${cell.padEnd(34)}${link.padEnd(10)}${connected.padStart(10)}${firstDocument.padStart(16)}`)
  }
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`
}
