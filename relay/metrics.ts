import { LIMITS } from './options.ts'
import type { RelayReport } from './report.ts'

/** A line of the table of metrics; `docs/relay.md` has the same. */
interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  /** One value, or one for each value of a label. */
  readonly read: (report: RelayReport) => number | Labelled
}

interface Labelled {
  readonly label: string
  readonly values: readonly (readonly [value: string, number: number])[]
}

export const METRICS: readonly Metric[] = [
  {
    name: 'warren_relay_info',
    type: 'gauge',
    help: 'The version that runs.',
    read: ({ version }) => ({ label: 'version', values: [[version, 1]] }),
  },
  { name: 'warren_relay_uptime_seconds', type: 'gauge', help: 'Since the start.', read: (report) => report.uptimeSeconds },
  { name: 'warren_relay_connections', type: 'gauge', help: 'Connections now.', read: (report) => report.connections },
  {
    name: 'warren_relay_pending_connections',
    type: 'gauge',
    help: 'Connections that are being made.',
    read: (report) => report.pendingConnections,
  },
  { name: 'warren_relay_reservations', type: 'gauge', help: 'Nodes that can be reached.', read: (report) => report.reservations },
  { name: 'warren_relay_circuits', type: 'gauge', help: 'Relayed connections now.', read: (report) => report.circuits },
  { name: 'warren_relay_circuits_total', type: 'counter', help: 'Relayed connections so far.', read: (report) => report.circuitsMade },
  {
    name: 'warren_relay_relayed_bytes_total',
    type: 'counter',
    help: 'Bytes that were relayed, in both directions.',
    read: (report) => report.relayedBytes,
  },
  { name: 'warren_relay_members', type: 'gauge', help: 'Nodes that have joined a topic.', read: (report) => report.members },
  { name: 'warren_relay_topics', type: 'gauge', help: 'Topics somebody is in.', read: (report) => report.topics },
  {
    name: 'warren_relay_stun_answers_total',
    type: 'counter',
    help: 'STUN requests that were answered.',
    read: (report) => report.stunAnswered,
  },
  {
    name: 'warren_relay_refused_total',
    type: 'counter',
    help: 'What was refused, cut or dropped, by reason.',
    read: ({ refused }) => ({ label: 'reason', values: Object.entries(refused) }),
  },
  {
    name: 'warren_relay_limit',
    type: 'gauge',
    help: 'The limits, by the option that sets them.',
    read: ({ limits }) => ({ label: 'limit', values: LIMITS.map(({ option, limit }) => [option, limits[limit]]) }),
  },
  { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Memory of the process.', read: (report) => report.memoryBytes },
  { name: 'nodejs_heap_size_used_bytes', type: 'gauge', help: 'Of that, what JavaScript uses.', read: (report) => report.heapBytes },
]

/** The media type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** A report in Prometheus' text format. */
export function printMetrics(report: RelayReport): string {
  return METRICS.map(({ name, type, help, read }) => {
    const value = read(report)
    const samples =
      typeof value === 'number'
        ? [`${name} ${value}`]
        : value.values.map(([label, number]) => `${name}{${value.label}="${label.replaceAll(/["\\\n]/g, '_')}"} ${number}`)
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n')
  }).join('')
}
