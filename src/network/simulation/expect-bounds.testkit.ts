import { COMMIT_WINDOW_BYTES, MAX_FRAME_BYTES } from '../limits.ts'
import type { Run } from './simulate.testkit.ts'
import type { SimulatedNode } from './simulated-node.testkit.ts'

/** Bytes of one stream that its sender holds: what may be unacknowledged, and the frames around it. */
const MOST_HELD: number = COMMIT_WINDOW_BYTES + MAX_FRAME_BYTES

/** What keeps everybody from resting; empty when each link has one connection and one session, and all know that they have the same. */
export async function restlessness({ plan, world, nodes }: Run): Promise<string> {
  const connected = nodes.map(({ index }) => [...(world.endpoints.get(index)?.connections ?? [])].map(({ other }) => other.endpoint.index))
  for (const [index, others] of connected.entries()) {
    if (new Set(others).size < others.length) return `node ${index} has several connections to one of ${others.join()}`
    const peers = await peersOf(nodes[index])
    for (const { id, inSync } of peers) if (!inSync) return `node ${index} does not know that it has the same as ${id}`
    if (peers.length !== others.length) return `node ${index} has ${peers.length} peers and ${others.length} connections`
  }
  for (const { index, running } of nodes) {
    for (const { id, status, pending, problem } of (await running?.db.p2p.replicators.getAll()) ?? []) {
      if (status !== 'active' || pending.length > 0) return `node ${index} has not replicated ${pending.join()} to ${id}: ${problem}`
    }
  }
  for (const { from, to } of plan.links) {
    if (connected[from]?.includes(to) !== true || connected[to]?.includes(from) !== true) return `${from} and ${to} are not connected`
  }
  return ''
}

async function peersOf(node: SimulatedNode | undefined): Promise<readonly { readonly id: string; readonly inSync: boolean }[]> {
  return (await node?.running?.db.p2p.peers()) ?? []
}

/** Nobody had to hold more than was agreed. */
export function expectBounds({ world }: Run): void {
  const { mostHeld } = world.traffic
  if (mostHeld > MOST_HELD) throw new Error(`${mostHeld} bytes were held for one stream, more than ${MOST_HELD}`)
}
