import { useEffect, useId, useState, type ReactNode } from 'react'

import { messageOf, type ConnectionFinding, type ConnectionReport, type Database } from '../../index.browser.ts'
import { Dialog } from '../dialog.tsx'
import { sentence } from '../sentence.ts'

interface ExplainDialogProps {
  readonly db: Database
  /** The peer that is asked about at once; empty to ask for one. */
  readonly peer: string
  readonly close: () => void
}

/** How often the report of a peer is made anew while it is shown: an attempt takes some seconds. */
const REFRESH_MS = 1500

/** Says why a peer is connected as it is, or is not. */
export function ExplainDialog({ db, peer, close }: ExplainDialogProps): ReactNode {
  const [written, write] = useState(peer)
  const [asked, ask] = useState(peer)
  const { report, failure } = useReport(db, asked)
  const fieldId = useId()
  return (
    <Dialog title="Why is it connected so, or not?" action="Look" leave="Close" close={close} submit={() => ask(written.trim())}>
      <label htmlFor={fieldId}>ID or address of a peer</label>
      <input
        id={fieldId}
        className="code"
        data-testid="explain-input"
        spellCheck={false}
        autoComplete="off"
        placeholder="12D3KooW…"
        value={written}
        onChange={({ target }) => write(target.value)}
      />
      {failure !== undefined && (
        <p className="wrong" role="alert" data-testid="explain-error">
          {sentence(failure)}
        </p>
      )}
      {report !== undefined && (
        <div aria-live="polite">
          <p data-testid="explain-summary">
            <strong>{sentence(report.summary)}</strong>
          </p>
          <ul className="findings" data-testid="findings">
            {report.findings.map((finding) => (
              <Finding key={finding.step + finding.what} finding={finding} />
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  )
}

function Finding({ finding: { step, state, what, advice } }: { readonly finding: ConnectionFinding }): ReactNode {
  return (
    <li data-testid="finding" data-step={step} data-state={state}>
      <span aria-label={state}>{STATE_SIGNS[state]}</span>
      <div>
        {sentence(what)}
        {advice !== undefined && <p className="hint">{sentence(advice)}</p>}
      </div>
    </li>
  )
}

const STATE_SIGNS: Readonly<Record<ConnectionFinding['state'], string>> = { ok: '✓', warning: '!', failed: '✕', unknown: '…' }

interface Explained {
  readonly report?: ConnectionReport
  readonly failure?: string
}

function useReport(db: Database, peer: string): Explained {
  const [explained, setExplained] = useState<Explained>({})
  useEffect(() => {
    setExplained({})
    if (peer === '') return undefined
    let isOver = false
    const look = async (): Promise<void> => {
      try {
        const report = await db.p2p.explain(peer)
        if (!isOver) setExplained({ report })
      } catch (error) {
        if (!isOver) setExplained({ failure: messageOf(error) })
      }
    }
    void look()
    const timer = setInterval(() => void look(), REFRESH_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [db, peer])
  return explained
}
