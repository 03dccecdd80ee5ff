import { createRoot } from 'react-dom/client'

import { openDatabase } from '../index.browser.ts'
import { App } from './app.tsx'
import { Failure } from './failure.tsx'
import { openNode } from './node.ts'
import { parsePageAddress } from './page-address.ts'

const address = parsePageAddress(location.hash)
const root = createRoot(document.querySelector('#page') ?? document.body, {
  // React has taken the page away by then; without this it would stay empty.
  onUncaughtError: (error) => {
    setTimeout(() => root.render(<Failure title="The page has stopped" error={error} address={address} />))
  },
})
// A link with another relay, pasted into this tab, changes the fragment only.
addEventListener('hashchange', () => location.reload())

try {
  const node = await openNode(openDatabase, address)
  Object.assign(globalThis, { warren: { db: node.db } })
  root.render(<App node={node} address={address} />)
} catch (error) {
  root.render(<Failure title="This node could not be opened" error={error} address={address} />)
}
