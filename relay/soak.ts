import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Counts, FromPeers, Here, ToPeers } from './soak-messages.ts'

/** Many peers that come and go at one relay, which is to be afterwards as it was before. */
export interface SoakOptions {
  readonly minutes: number
  readonly peers: number
  /** Is told of each look at the relay. */
  readonly onSample?: (sample: Sample) => void
}

/** The relay at one moment, after garbage was collected. */
export interface Sample {
  readonly seconds: number
  readonly heapBytes: number
  /** Sockets and timers. */
  readonly resources: number
  /** Live objects that have listeners. */
  readonly targets: number
  readonly members: number
  readonly connections: number
  readonly reservations: number
  readonly circuits: number
  readonly circuitsMade: number
}

export interface SoakReport {
  /** With all peers there and nothing going on: the same each time. */
  readonly gatherings: readonly Sample[]
  /** Of all peers; of a process that was killed the last second is not known. */
  readonly counts: Counts
  /** Processes of peers that were ended, half of them after they had been silent for some time. */
  readonly crashes: number
  /** Pairs of peers with the same topic that were there at the same time, each of which has met. */
  readonly pairs: number
  /** When the relay was quiet for the first time, and at the end, with nobody there. */
  readonly before: Sample
  readonly after: Sample
  /** What is not as it should be, in words; empty when all is well. */
  readonly faults: readonly string[]
}

/** Peers of one process: one CPU serves some, and each process that crashes takes as many with it. */
const PEERS_OF_PROCESS = 20
/** Everyone meets everyone with the same topic, so this is how many circuits a peer has when all do. */
const PEERS_OF_TOPIC = 5
/** Times at which all meet, over which the relay is held against itself. */
const FEWEST_ROUNDS = 2
const MOST_ROUNDS = 10
const MINUTES_OF_ROUND = 3
const SAMPLES_OF_ROUND = 6
const SECOND = 1000
/** How long a process of peers is silent before it is ended, as a machine that sleeps. */
const SILENT: number = 3 * SECOND
/** Time for what is closing when the last one has left: yamux and WebSocket each wait for the other side. */
const QUIET_TIMEOUT: number = 30 * SECOND
const MEET_TIMEOUT: number = 180 * SECOND
/** What a heap may differ by without having grown: what V8 keeps of code that was compiled late and of inline caches. */
const MOST_GROWTH = 1.1
const SLACK_BYTES: number = 1.5 * 1024 * 1024
/** Connections that are being closed, and timers of the library. */
const SLACK_OBJECTS = 20
/** Reasons for which a relay drops something when it has done nothing wrong: none. */
const REFUSED = /^warren_relay_refused_total\{reason="([^"]+)"\} ([1-9]\d*)$/gm

/** In the relay's process: collects garbage and counts when it is asked to. */
const PROBE = `data:text/javascript,${encodeURIComponent(`
import { queryObjects } from 'node:v8'
process.on('message', async () => {
  for (let round = 0; round < 3; round++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  process.send({
    heapBytes: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().length,
    targets: queryObjects(EventTarget, { format: 'count' }),
  })
})
`)}`

export async function soak({ minutes, peers, onSample }: SoakOptions): Promise<SoakReport> {
  const faults: string[] = []
  await using relay = await startRelayProcess(faults)
  const groups: ChildProcess[] = []
  await using _ending = { [Symbol.asyncDispose]: async () => void groups.map((group) => group.kill('SIGKILL')) }
  const started = Date.now()
  const end = started + minutes * 60 * SECOND
  const gatherings: Sample[] = []
  const sizes = Array.from({ length: Math.ceil(peers / PEERS_OF_PROCESS) }, (_, index) =>
    Math.min(PEERS_OF_PROCESS, peers - index * PEERS_OF_PROCESS),
  )
  const countsByGroup = new Map<ChildProcess, Counts>()
  function startGroup(index: number): ChildProcess {
    const words = [relay.address, index * PEERS_OF_PROCESS, sizes[index], PEERS_OF_TOPIC, peers].map(String)
    const group = fork(join(import.meta.dirname, 'soak-peers.ts'), words, { execArgv: ['--disable-warning=ExperimentalWarning'] })
    return group.on('message', (message: FromPeers) => {
      if (message.kind === 'counts') countsByGroup.set(group, message.counts)
    })
  }
  const sample = (): Promise<Sample> => relay.look(started)

  async function comeAndGo(until: number): Promise<void> {
    const step = (until - Date.now()) / SAMPLES_OF_ROUND
    for (let index = 1; index <= SAMPLES_OF_ROUND; index++) {
      await sleep(Math.max(step, 0))
      if (index % 3 === 0) await crash(Math.floor(Math.random() * groups.length), crashes % 2 === 1)
      onSample?.(await sample())
    }
  }

  let crashes = 0
  async function crash(index: number, isSilent: boolean): Promise<void> {
    const group = groups[index]
    if (group === undefined) return
    if (isSilent) {
      group.kill('SIGSTOP')
      await sleep(SILENT)
    }
    group.kill('SIGKILL')
    await once(group, 'exit')
    groups[index] = startGroup(index)
    crashes += 1
  }

  const before = await sample()
  for (const index of sizes.keys()) groups.push(startGroup(index))
  let pairs = 0
  const rounds = Math.min(Math.max(Math.floor(minutes / MINUTES_OF_ROUND), FEWEST_ROUNDS), MOST_ROUNDS)
  for (let round = 1; round <= rounds; round++) {
    await comeAndGo(started + ((end - started) * round) / rounds)
    const met = await meetAll(groups)
    pairs += met.pairs
    faults.push(...met.wrong)
    gatherings.push(await sample())
    onSample?.(gatherings.at(-1) ?? before)
    for (const group of groups) group.send({ kind: 'disperse' } satisfies ToPeers)
  }
  await Promise.all(groups.map((group) => ask(group, { kind: 'leave' }, 'left')))
  const counts = sum([...countsByGroup.values()])
  const after = await untilQuiet(sample)
  faults.push(...counts.wrong, ...(await relay.refused()), ...faultsOf(gatherings, before, after))
  return { gatherings, counts, crashes, pairs, before, after, faults }
}

/** Whether the relay has grown, and whether something is left. */
function faultsOf(gatherings: readonly Sample[], before: Sample, after: Sample): readonly string[] {
  const faults: string[] = []
  const half = gatherings[(gatherings.length - 1) >> 1] ?? before
  const last = gatherings.at(-1) ?? before
  for (const [figure, slack] of [
    ['heapBytes', SLACK_BYTES],
    ['resources', SLACK_OBJECTS],
    ['targets', SLACK_OBJECTS],
  ] as const) {
    if (last[figure] > half[figure] * MOST_GROWTH + slack) {
      faults.push(`with the same peers there, ${figure} has grown from ${half[figure]} to ${last[figure]} in the second half`)
    }
  }
  for (const figure of ['members', 'connections', 'reservations', 'circuits'] as const) {
    if (after[figure] > 0) faults.push(`with nobody there the relay has ${after[figure]} ${figure}`)
  }
  if (after.resources > before.resources + 2) faults.push(`${before.resources} sockets and timers have become ${after.resources}`)
  return faults
}

async function untilQuiet(sample: () => Promise<Sample>): Promise<Sample> {
  const deadline = Date.now() + QUIET_TIMEOUT
  for (;;) {
    const looked = await sample()
    if (looked.members + looked.connections + looked.reservations + looked.circuits === 0 || Date.now() > deadline) return looked
    await sleep(SECOND / 2)
  }
}

async function meetAll(groups: readonly ChildProcess[]): Promise<{ readonly pairs: number; readonly wrong: readonly string[] }> {
  const gathered = await Promise.all(groups.map((group) => ask(group, { kind: 'gather' }, 'gathered')))
  const here: readonly Here[] = gathered.flatMap((answer) => answer.here)
  const met = await Promise.all(groups.map((group) => ask(group, { kind: 'meet', here }, 'met')))
  return { pairs: met.reduce((sum, { pairs }) => sum + pairs, 0), wrong: met.flatMap(({ wrong }) => wrong) }
}

type Answer<Kind extends FromPeers['kind']> = Extract<FromPeers, { readonly kind: Kind }>

async function ask<Kind extends FromPeers['kind']>(group: ChildProcess, question: ToPeers, kind: Kind): Promise<Answer<Kind>> {
  const answer = new Promise<Answer<Kind>>((resolve, reject) => {
    const failed = (): void => reject(new Error(`a process of peers gave no answer to "${question.kind}"`))
    const deadline = setTimeout(failed, MEET_TIMEOUT)
    const onMessage = (message: FromPeers): void => {
      if (!isOfKind(message, kind)) return
      clearTimeout(deadline)
      group.off('message', onMessage).off('exit', failed)
      resolve(message)
    }
    group.on('message', onMessage).on('exit', failed)
  })
  group.send(question)
  return answer
}

function isOfKind<Kind extends FromPeers['kind']>(message: FromPeers, kind: Kind): message is Answer<Kind> {
  return message.kind === kind
}

function sum(all: readonly Counts[]): Counts {
  const total = (figure: 'joins' | 'reconnects' | 'circuits' | 'broken'): number => all.reduce((sum, counts) => sum + counts[figure], 0)
  return {
    joins: total('joins'),
    reconnects: total('reconnects'),
    circuits: total('circuits'),
    broken: total('broken'),
    wrong: all.flatMap(({ wrong }) => wrong),
  }
}

interface RelayProcess extends AsyncDisposable {
  readonly address: string
  look(started: number): Promise<Sample>
  /** What was refused, in words. */
  refused(): Promise<readonly string[]>
}

/** The command as it is run by its users. What it prints to the standard error, such as Node's warning of too many listeners, is a fault. */
async function startRelayProcess(faults: string[]): Promise<RelayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-soak-'))
  const words = [
    '--dir',
    folder,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--http-port',
    '0',
    '--no-stun',
    '--no-webrtc',
    '--log-level',
    'error',
  ]
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--expose-gc', '--import', PROBE, join(import.meta.dirname, 'main.ts'), ...words],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void faults.push(`the relay complained: ${text}`))
  let isEnding = false
  child.on('exit', (code) => isEnding || faults.push(`the relay ended with code ${code}`))
  let printed = ''
  for await (const text of child.stdout ?? []) {
    printed += String(text)
    if (printed.includes('Ctrl+C')) break
  }
  const address = /\/ip4\/\S+\/ws\/p2p\/\w+/.exec(printed)?.[0] ?? ''
  const url = /http:\/\/\S+/.exec(printed)?.[0] ?? ''
  const metrics = async (): Promise<string> => (await fetch(`${url}metrics`)).text()
  return {
    address,
    look: async (started) => {
      const answer = once(child, 'message')
      child.send('look')
      const [probed] = await answer
      const text = await metrics()
      const figure = (name: string): number => Number(new RegExp(`^warren_relay_${name} (\\d+)$`, 'm').exec(text)?.[1])
      return {
        seconds: Math.round((Date.now() - started) / SECOND),
        ...(probed as Pick<Sample, 'heapBytes' | 'resources' | 'targets'>),
        members: figure('members'),
        connections: figure('connections'),
        reservations: figure('reservations'),
        circuits: figure('circuits'),
        circuitsMade: figure('circuits_total'),
      }
    },
    refused: async () =>
      [...(await metrics()).matchAll(REFUSED)].map(([, reason, times]) => `the relay refused something ${times} times: ${reason}`),
    [Symbol.asyncDispose]: async () => {
      isEnding = true
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}
