import type { ReactNode } from 'react'

import { isFailure, messageOf, type ErrorCode } from '../index.browser.ts'
import { sentence } from './sentence.ts'
import { printPageAddress, type PageAddress } from './page-address.ts'

/** What a visitor can do about a failure, where there is something. */
const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  IN_USE: 'Another tab holds this node. Close that tab and reload this page, or open the page in a new tab: that is another node.',
  STORAGE_UNAVAILABLE: 'Private windows often have no storage. Open the page in an ordinary window, or go on without keeping anything.',
  STORAGE_FULL: 'Free some space: delete documents of other nodes of this page, or files on this disk. Then reload.',
  STORAGE_FAILED: 'Reload the page. If that does not help, restart the browser.',
  CORRUPT_DATA: 'What this browser has stored for the page cannot be read. Clear the data of this site to begin anew.',
  UNSUPPORTED: 'Open the page over https, or from localhost, in a current browser.',
}

interface FailureProps {
  readonly title: string
  readonly error: unknown
  readonly address: PageAddress
}

/** Shown instead of the page when there can be none. */
export function Failure({ title, error, address }: FailureProps): ReactNode {
  const code = isFailure(error) ? error.code : undefined
  return (
    <main className="failure card" role="alert" data-testid="failure" data-code={code}>
      <h1>{title}</h1>
      <p>{sentence(messageOf(error))}</p>
      {code !== undefined && <p>{ADVICE[code]}</p>}
      <div className="buttons">
        {code === 'STORAGE_UNAVAILABLE' && <a href={printPageAddress({ ...address, storage: 'memory' })}>Go on without keeping anything</a>}
        <button type="button" className="primary" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    </main>
  )
}
