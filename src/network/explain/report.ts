import type { ConnectionFinding, ConnectionReport } from '../../database/database.ts'
import type { Facts } from './facts.ts'
import { STEPS } from './steps.ts'

/** What the facts mean, step by step. The first thing that failed is what matters; without one, the first warning; else how the peer is connected. */
export function reportOf(facts: Facts): ConnectionReport {
  const findings: readonly ConnectionFinding[] = STEPS.flatMap((step) => step(facts))
  const first = (state: ConnectionFinding['state']): ConnectionFinding | undefined => findings.find((finding) => finding.state === state)
  const decisive =
    facts.session === undefined ? (first('failed') ?? first('warning') ?? first('unknown')) : findings.find(({ step }) => step === 'path')
  return {
    peer: facts.peer,
    ...(facts.session === undefined ? {} : { link: facts.session.link }),
    summary: (decisive ?? findings.at(-1))?.what ?? 'nothing is known of this peer',
    findings,
  }
}
