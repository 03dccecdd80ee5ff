import { parseArgs } from 'node:util'

import { soak, type Sample } from '../relay/soak.ts'

// Peers that come and go at a relay for a while: npm run soak -- --minutes 30 --peers 200
// Fails when the relay has grown, has refused somebody, has something left when all have gone, or when two peers that should have met have not.

const MIB = 1024 * 1024

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, peers: { type: 'string', default: '200' } } })
const [minutes, peers] = [Number(values.minutes), Number(values.peers)]
if (!(minutes > 0 && peers >= 2)) throw new Error('usage: npm run soak -- --minutes 30 --peers 200')

console.log(`${peers} peers come and go at one relay for ${minutes} minutes.`)
const { counts, crashes, pairs, before, after, faults } = await soak({ minutes, peers, onSample: print })
print(before)
print(after)
console.log(
  `${counts.joins} joins, ${counts.reconnects} reconnects, ${crashes} crashes of 20 peers, ${counts.circuits} circuits, ${pairs} pairs met`,
)
console.log(`${counts.broken} circuits broke because a peer was going`)
for (const fault of faults.slice(0, 20)) console.error(fault)
console.log(faults.length === 0 ? 'Nothing leaks, and nobody was refused.' : `${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

function print({ seconds, heapBytes, resources, targets, members, reservations, circuits, circuitsMade }: Sample): void {
  const heap = `${(heapBytes / MIB).toFixed(1)} MiB`.padStart(9)
  console.log(
    `${String(seconds).padStart(5)} s  ${heap}  ${resources} resources  ${targets} targets  ${members} members  ${reservations} reservations  ${circuits} of ${circuitsMade} circuits`,
  )
}
