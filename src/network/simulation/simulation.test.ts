import process from 'node:process'

import { describe, expect, it } from 'vitest'

import { planOf } from './plan.testkit.ts'
import { simulate, type Outcome } from './simulate.testkit.ts'
import { makeTemplates, type Templates } from './templates.testkit.ts'

/*
 * Whole networks of real databases and real networks over simulated machines, disks and cables, in virtual time. A failing seed is played again with
 *
 *     WARREN_SEED=<seed> npx vitest run src/network/simulation
 *
 * and more of them with `WARREN_SEEDS=100000`, from seed 1 or from `WARREN_SEED` on.
 */
const given = process.env['WARREN_SEED']
const FIRST = Number(given ?? 1)
const COUNT = Number(process.env['WARREN_SEEDS'] ?? (given === undefined ? 1000 : 1))
/** Seeds of one test, and the time it may take on a busy machine: a seed takes a tenth of a second, and a large one some seconds. */
const SEEDS_AT_A_TIME = 50
const TIME = 300_000
const MOST_NODES = 20

let made: Promise<Templates> | undefined
function templates(): Promise<Templates> {
  made ??= makeTemplates(MOST_NODES)
  return made
}

function story({ plan, failure, traffic, ledger, latest }: Outcome): string {
  const messages = [...traffic.messages].map(([name, count]) => `${count} ${name}`).join(', ')
  return [
    `WARREN_SEED=${plan.seed}: ${failure}`,
    `${plan.nodes.length} nodes, ${plan.actions.length} actions, ${ledger.acknowledged} acknowledged writes`,
    `${traffic.bytes} bytes on ${traffic.streams} streams, ${traffic.mostHeld} at most held for one: ${messages}`,
    ...latest.slice(-20),
  ].join('\n')
}

describe('nodes amid writes, loss, delay, partitions, restarts and crashes end with all that was acknowledged', () => {
  const starts = Array.from({ length: Math.ceil(COUNT / SEEDS_AT_A_TIME) }, (_, index) => FIRST + index * SEEDS_AT_A_TIME)
  it.each(starts)(
    'from seed %i on',
    async (start) => {
      const failed: string[] = []
      for (let seed = start; seed < Math.min(start + SEEDS_AT_A_TIME, FIRST + COUNT); seed++) {
        const outcome = await simulate(planOf(seed), await templates())
        if (outcome.failure !== undefined) failed.push(story(outcome))
      }
      expect(failed.join('\n\n')).toBe('')
    },
    TIME,
  )
})

it('a seed is played the same every time', async () => {
  for (const seed of [3, 7, 48, 137]) {
    const [first, second] = [await simulate(planOf(seed), await templates()), await simulate(planOf(seed), await templates())]
    expect(second.trace).toBe(first.trace)
    expect(second.events).toBe(first.events)
  }
})
