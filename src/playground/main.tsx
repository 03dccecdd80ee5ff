import { createRoot } from 'react-dom/client'

import { openDatabase } from '../index.browser.ts'
import { App } from './app.tsx'
import { Failure } from './failure.tsx'
import { openNode } from './node.ts'
import { parsePageAddress } from './page-address.ts'

const root = createRoot(document.querySelector('#page') ?? document.body)
const address = parsePageAddress(location.hash)
// A link with another relay, pasted into this tab, changes the fragment only.
addEventListener('hashchange', () => location.reload())

try {
  const node = await openNode(openDatabase, address)
  Object.assign(globalThis, { warren: { db: node.db } })
  root.render(<App node={node} address={address} />)
} catch (error) {
  root.render(<Failure error={error} address={address} />)
}
