import { useEffect, useState, type ReactNode } from 'react'

import type { Database, InviteSummary, PeerStatus } from '../../index.browser.ts'
import { PeerName } from '../peer-name.tsx'

interface JoinedProps {
  readonly db: Database
  /** The invitation in the address of the page, if there is one. */
  readonly invitation: string | undefined
  readonly peers: readonly PeerStatus[]
}

/** Says what the page has joined. */
export function Joined({ db, invitation, peers }: JoinedProps): ReactNode {
  const [summary, setSummary] = useState<InviteSummary>()
  useEffect(() => {
    if (invitation === undefined) return
    // What is wrong with it was found when the node was opened.
    db.p2p.readInvite(invitation).then(setSummary, () => undefined)
  }, [db, invitation])
  if (summary === undefined) return null
  const { peer, collections, isToRoom } = summary
  const isHere = peers.some(({ id }) => id === peer)
  return (
    <p className="banner joined" role="status" data-testid="joined" data-peer={peer} data-here={isHere}>
      <PeerName id={peer} /> has invited you{isToRoom && ' to its room'}: this node has joined{' '}
      <strong>{collections.length === 0 ? 'it, without any collection' : collections.join(', ')}</strong>.
      <span className="hint">
        {isHere
          ? 'It is connected. Keep the address of this page: with it, you are back here.'
          : 'It is not connected now. Others who were invited are found all the same.'}
      </span>
    </p>
  )
}
