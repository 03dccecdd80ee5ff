import type { Database } from '../../database/database.ts'
import { messageOf } from '../../errors.ts'
import { chanceOf } from './chance.testkit.ts'
import { expectBounds, restlessness } from './expect-bounds.testkit.ts'
import { areAlike, expectAllThere } from './expect-all-there.testkit.ts'
import { createInternet } from './internet.testkit.ts'
import { createLedger, type Ledger } from './ledger.testkit.ts'
import { createMachine } from './machine.testkit.ts'
import type { Action, Plan } from './plan.testkit.ts'
import { createSimulatedNode, type SimulatedNode } from './simulated-node.testkit.ts'
import type { Templates } from './templates.testkit.ts'
import { createRoles, type Roles } from './roles.testkit.ts'
import { createTrace } from './trace.testkit.ts'
import { createTraffic, type Traffic } from './traffic.testkit.ts'
import { createVirtualTime } from './virtual-time.testkit.ts'
import type { World } from './world.testkit.ts'
import { COLLECTIONS, documentOf, isRefusal, LATE_SCHEMA, write } from './writes.testkit.ts'

/** What came of a simulation. */
export interface Outcome {
  readonly plan: Plan
  /** What went wrong; absent when all is well. */
  readonly failure?: string
  /** The same for two runs of one seed. */
  readonly trace: string
  /** What happened last. */
  readonly latest: readonly string[]
  readonly traffic: Traffic
  readonly ledger: Ledger
  /** Events that were played. */
  readonly events: number
  /** Milliseconds from the end of all faults until all had the same and knew it. */
  readonly convergedAfter: number
}

/** Everything that is worth saying of a run, while it goes on. */
export interface Run {
  readonly plan: Plan
  readonly world: World
  readonly nodes: readonly SimulatedNode[]
  readonly ledger: Ledger
  readonly roles: Roles
  readonly failures: unknown[]
}

/** A node that was away dials for up to 18 s between two attempts, and what hangs is found out within 41: a pull that a sleeping peer does not answer, and a silent one. */
const CONVERGES_WITHIN = 90_000
/** The same for each further hop that something may have to take. */
const FOR_EACH_NODE = 5_000
/** How often it is looked whether all have the same. */
const LOOK = 500
/** Time to see that nobody says anything any more: longer than a collection takes to come to rest and be told of. */
const QUIET = 3_000

/** Plays a plan: first with its faults, then without. Then all must have everything. */
export async function simulate(plan: Plan, templates: Templates): Promise<Outcome> {
  const time = createVirtualTime()
  const trace = createTrace(() => time.now)
  const chance = chanceOf(plan.seed, 'net')
  let ids = 0
  const world: World = {
    time,
    trace,
    chance,
    internet: createInternet(time, chance, plan.weather),
    machines: plan.nodes.map(({ skew }, index) => createMachine(time, index, skew)),
    traffic: createTraffic(),
    habits: plan.transports,
    endpoints: new Map(),
    nextId: () => (ids += 1),
  }
  const ledger = createLedger()
  const failures: unknown[] = []
  const nodes: SimulatedNode[] = []
  for (const [index, { learnsAt }] of plan.nodes.entries()) {
    const content = await templates.diskOf(index, learnsAt === 0)
    nodes.push(
      createSimulatedNode({
        world,
        plan,
        index,
        identities: templates.identities,
        content,
        onRunning: (_node, { db, replica }) => {
          replica.onCommits((batch) => ledger.stored(index, batch))
          db.events.addEventListener('peer:dropped', ({ detail }) => {
            failures.push(new Error(`node ${index} was told nonsense by ${detail.id}: ${detail.reason}`))
          })
        },
        onFailure: (error) => failures.push(error),
      }),
    )
  }
  const roles = createRoles(plan.nodes.map(({ role }) => role))
  const run: Run = { plan, world, nodes, ledger, roles, failures }
  let convergedAfter = Number.NaN
  let failure: string | undefined
  try {
    await playFaults(run, templates)
    heal(run, templates)
    convergedAfter = await untilAlike(run)
    expectBounds(run)
    for (const node of nodes) node.crash(true)
    await expectAllThere(run)
  } catch (error) {
    failure = failures.length > 0 ? failures.map(messageOf).join('; ') : messageOf(error)
  }
  for (const node of nodes) node.crash(true)
  return {
    plan,
    ...(failure === undefined ? {} : { failure }),
    trace: trace.hash(),
    latest: trace.latest(),
    traffic: world.traffic,
    ledger,
    events: time.played,
    convergedAfter,
  }
}

async function playFaults(run: Run, templates: Templates): Promise<void> {
  const { plan, world, nodes } = run
  for (const node of nodes) {
    world.time.after(node.plan.joinsAt, () => node.start())
    if (node.plan.learnsAt > 0) world.time.after(node.plan.learnsAt, () => learn(run, node))
  }
  for (const [serial, action] of plan.actions.entries()) world.time.after(action.at, () => act(run, templates, serial, action))
  const last = plan.actions.at(-1)?.at ?? 0
  await world.time.pass(Math.max(plan.lasts, last))
  throwFailures(run)
}

/** Learns the late collection, unless the node knows it. */
function learn({ failures }: Run, node: SimulatedNode): void {
  const { running } = node
  if (running === undefined || running.replica.collectionIds().length === COLLECTIONS.length) return
  running.db.schema.add(LATE_SCHEMA).catch((error: unknown) => {
    if (!isRefusal(error)) failures.push(error)
  })
}

function act(run: Run, templates: Templates, serial: number, action: Action): void {
  const { world, nodes, ledger, failures } = run
  const { time, internet, trace } = world
  trace.note('act', action.kind)
  switch (action.kind) {
    case 'write': {
      const running = nodes[action.node]?.running
      running?.life.run(() => {
        write(running.db, ledger, serial, action.write).catch((error: unknown) => failures.push(error))
      })
      return
    }
    case 'partition': {
      for (const from of action.side) {
        for (const { index: to } of nodes) if (!action.side.includes(to)) cut(world, from, to, action.isOneWay, action.lasts)
      }
      return
    }
    case 'cut':
      return cut(world, action.from, action.to, action.isOneWay, action.lasts)
    case 'break': {
      const connections = [...(world.endpoints.get(action.from)?.connections ?? [])]
      for (const connection of connections) if (connection.other.endpoint.index === action.to) connection.break()
      return
    }
    case 'restart':
      nodes[action.node]?.close()
      time.after(action.lasts, () => nodes[action.node]?.start())
      return
    case 'crash':
      if (action.how === 'page') nodes[action.node]?.leave()
      nodes[action.node]?.crash(action.how === 'power')
      time.after(action.lasts, () => nodes[action.node]?.start())
      return
    case 'sleep':
      if (action.isTold) nodes[action.node]?.leave()
      nodes[action.node]?.sleep()
      time.after(action.lasts, () => nodes[action.node]?.wake())
      return
    case 'disk':
      nodes[action.node]?.setTrouble(action.trouble)
      time.after(action.lasts, () => nodes[action.node]?.setTrouble(undefined))
      return
    case 'jump':
      world.machines[action.node]?.jump(action.by)
      return
    case 'slow':
      internet.slow(action.factor)
      time.after(action.lasts, () => internet.slow(1))
      return
    case 'subscribe':
    case 'follow':
    case 'replicate': {
      const running = nodes[action.kind === 'replicate' ? action.from : action.node]?.running
      running?.life.run(() => {
        choose(running.db, run, templates, action).catch((error: unknown) => {
          if (!isRefusal(error)) failures.push(error)
        })
      })
      return
    }
    case 'part': {
      const [from, to] = [nodes[action.from]?.running, templates.identities[action.to]]
      if (from === undefined || to === undefined) return
      from.life.run(() => {
        // Not connected at the moment: then there is nobody to part from.
        from.db.p2p.disconnect(to.peer).catch(() => {})
      })
      time.after(action.lasts, () => meet(run, templates, action.from, action.to))
      return
    }
  }
}

/** Tells a node what to take or to give, and notes what it has acknowledged. Never settles when its process ends meanwhile. */
async function choose(
  { p2p }: Database,
  { roles, ledger }: Run,
  templates: Templates,
  action: Extract<Action, { readonly kind: 'subscribe' | 'follow' | 'replicate' }>,
): Promise<void> {
  switch (action.kind) {
    case 'subscribe':
      await p2p.collections.add(action.collections)
      return roles.subscribed(action.node, action.collections)
    case 'follow': {
      const docIds = action.documents.flatMap((number) => documentOf(ledger, number)?.docId ?? [])
      await p2p.documents.add(docIds)
      return roles.followed(action.node, docIds)
    }
    case 'replicate': {
      const { from, to, collections } = action
      const address = templates.identities[to]?.address.toString() ?? ''
      await p2p.replicators.set(address, collections === undefined ? {} : { collections })
      return roles.replicating(from, to, collections)
    }
  }
}

function cut({ time, internet }: World, from: number, to: number, isOneWay: boolean, lasts: number): void {
  const ways = isOneWay ? [[from, to] as const] : [[from, to] as const, [to, from] as const]
  for (const [a, b] of ways) {
    internet.cut(a, b)
    time.after(lasts, () => internet.mend(a, b))
  }
}

/** Connects a node that may have parted from another one. */
function meet({ nodes }: Run, templates: Templates, from: number, to: number): void {
  const running = nodes[from]?.running
  const identity = templates.identities[to]
  if (running === undefined || identity === undefined) return
  // It cannot be reached now: it is tried again when everything heals.
  running.life.run(() => void running.db.p2p.connect(identity.address.toString()).catch(() => {}))
}

/** From now on nothing goes wrong any more. */
function heal(run: Run, templates: Templates): void {
  const { plan, world, nodes } = run
  world.trace.note('heal')
  world.internet.slow(1)
  for (const from of nodes) for (const to of nodes) world.internet.mend(from.index, to.index)
  for (const node of nodes) {
    node.setTrouble(undefined)
    node.wake()
    node.start()
  }
  const parted = plan.actions.flatMap((action) => (action.kind === 'part' ? [action] : []))
  const isMet = ({ from, to }: { readonly from: number; readonly to: number }): boolean =>
    [...(world.endpoints.get(from)?.connections ?? [])].some(({ other }) => other.endpoint.index === to)
  const tidy = (): void => {
    for (const node of nodes) {
      node.start()
      learn(run, node)
    }
    for (const link of parted) if (!isMet(link)) meet(run, templates, link.from, link.to)
    world.time.after(5000, tidy)
  }
  world.time.after(1000, tidy)
}

/** Resolves when all have the same and know it, and nobody has more to say than that he is there, to how long that took. */
async function untilAlike(run: Run): Promise<number> {
  const { plan, world } = run
  const bound = CONVERGES_WITHIN + FOR_EACH_NODE * plan.nodes.length
  const began = world.time.now
  let missing = ''
  let said = 0
  let quietSince = began
  while (world.time.now - began < bound) {
    await world.time.pass(LOOK)
    throwFailures(run)
    if (world.traffic.said > said) quietSince = world.time.now
    said = world.traffic.said
    missing = (await areAlike(run)) ? await restlessness(run) : 'not everybody has the same'
    if (missing !== '') continue
    if (world.time.now - quietSince >= QUIET) return quietSince - began
    missing = 'messages are sent though all have the same'
  }
  throw new Error(`within ${bound} ms: ${missing}; ${JSON.stringify(Object.fromEntries(world.traffic.messages))}`)
}

function throwFailures({ failures }: Run): void {
  if (failures.length > 0) throw new Error(failures.map(messageOf).join('; '))
}
