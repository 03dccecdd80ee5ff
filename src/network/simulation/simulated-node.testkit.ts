import type { Database } from '../../database/database.ts'
import { openLocalDatabase } from '../../database/local-database.ts'
import type { Replica } from '../../database/replica.ts'
import type { Store } from '../../storage/store.ts'
import { TIMELESS } from '../../util/pacer.testkit.ts'
import { randomnessOf } from '../../util/seed.testkit.ts'
import { attachNetwork } from '../network.ts'
import { chanceOf } from './chance.testkit.ts'
import { createDisk, type Disk, type DiskTrouble } from './disk.testkit.ts'
import type { Identity } from './identities.testkit.ts'
import type { Life } from './machine.testkit.ts'
import type { NodePlan, Plan } from './plan.testkit.ts'
import { createSimulatedHost, type SimulatedHost } from './simulated-host.testkit.ts'
import type { World } from './world.testkit.ts'

/** A node of a simulation over all its lives: its disk outlives its processes. */
export interface SimulatedNode {
  readonly index: number
  readonly plan: NodePlan
  readonly content: Store
  readonly state: 'off' | 'starting' | 'running' | 'closing'
  /** The database, while it is running. */
  readonly running: Running | undefined
  /** The process that is there, running or not. */
  readonly life: Life | undefined
  /** Starts a process, unless there is one. */
  start(): void
  /** Closes the database as one should, and ends the process. */
  close(): void
  /** The process ends in the middle of whatever it does. With its power lost, the machine does not answer for it. */
  crash(isPower: boolean): void
  /** Its page is told that it goes. */
  leave(): void
  sleep(): void
  wake(): void
  /** Its disk makes trouble from now on, until it is called with nothing or the process ends. */
  setTrouble(trouble: DiskTrouble | undefined): void
}

export interface Running {
  readonly db: Database
  readonly replica: Replica
  readonly life: Life
}

export interface SimulatedNodeParts {
  readonly world: World
  readonly plan: Plan
  readonly index: number
  readonly identities: readonly Identity[]
  readonly content: Store
  /** Called when it is running. */
  readonly onRunning: (node: SimulatedNode, running: Running) => void
  /** Called when it cannot be opened or closed. */
  readonly onFailure: (error: unknown) => void
}

export function createSimulatedNode(parts: SimulatedNodeParts): SimulatedNode {
  const { world, plan, index, identities, content, onFailure } = parts
  const machine = world.machines[index]
  const own = plan.nodes[index]
  if (machine === undefined || own === undefined) throw new RangeError(`there is no node ${index}`)
  const chance = chanceOf(plan.seed, `node ${index}`)
  const peers = plan.links.flatMap(({ from, to, isMutual }) => (from === index ? [to] : to === index && isMutual ? [from] : []))
  const addresses = peers.map((peer) => identities[peer]?.address.toString() ?? '')
  let state: SimulatedNode['state'] = 'off'
  let running: Running | undefined
  let life: Life | undefined
  let host: SimulatedHost | undefined
  let disk: Disk | undefined

  async function open(life: Life): Promise<Running> {
    host = createSimulatedHost({ world, index, identities, life })
    disk = createDisk(content, life, chance, own?.disk ?? { read: 0, write: 0 })
    const randomness = randomnessOf(chance)
    const attach = attachNetwork({ peers: addresses, ...(own?.role === 'everything' ? { subscribe: 'all' } : {}) }, host.create, {
      clock: life.clock,
      randomness,
      crowd: plan.crowd,
    })
    const replicas: Replica[] = []
    const db = await openLocalDatabase({
      name: `node ${index}`,
      store: disk.store,
      storageKind: 'memory',
      pacing: TIMELESS,
      randomness,
      network: (replica) => {
        replicas.push(replica)
        return attach(replica)
      },
    })
    const [replica] = replicas
    if (replica === undefined) throw new Error('the database gave its network no replica')
    return { db, replica, life }
  }

  async function start(): Promise<void> {
    if (machine === undefined || own === undefined) return
    machine.isOn = true
    state = 'starting'
    const begun = machine.begin()
    life = begun
    world.trace.note('start', index)
    const opened = await open(begun)
    running = opened
    state = 'running'
    parts.onRunning(node, opened)
  }

  function end(): void {
    life?.end()
    life = undefined
    host = undefined
    disk = undefined
    running = undefined
    state = 'off'
    world.endpoints.delete(index)
  }

  async function close({ db, life }: Running): Promise<void> {
    state = 'closing'
    world.trace.note('close', index)
    await db.close()
    world.trace.note('closed', index)
    if (life.isAlive) end()
  }

  const node: SimulatedNode = {
    index,
    plan: own,
    content,
    get state() {
      return state
    },
    get running() {
      return state === 'running' ? running : undefined
    },
    get life() {
      return life
    },
    start: () => {
      if (state === 'off') start().catch(onFailure)
    },
    close: () => {
      if (state === 'running' && running !== undefined && !machine.isAsleep) close(running).catch(onFailure)
    },
    crash: (isPower) => {
      if (state === 'off') return
      world.trace.note('crash', index, String(isPower))
      const connections = [...(world.endpoints.get(index)?.connections ?? [])]
      end()
      machine.isOn = !isPower
      if (machine.isAsleep) machine.wake()
      for (const connection of connections) connection.vanish(!isPower)
    },
    leave: () => {
      if (state === 'running' && !machine.isAsleep) host?.onLeft()
    },
    setTrouble: (trouble) => {
      if (state === 'running') disk?.setTrouble(trouble)
    },
    sleep: () => {
      if (state !== 'running' || machine.isAsleep) return
      world.trace.note('sleep', index)
      machine.sleep()
    },
    wake: () => {
      if (!machine.isAsleep) return
      world.trace.note('wake', index)
      machine.wake()
      const woken = host
      life?.after(0, () => woken?.onWoken())
    },
  }
  return node
}
