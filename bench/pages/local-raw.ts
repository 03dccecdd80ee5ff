import { rawIdb } from '../contestants/raw-idb.ts'
import { createLocalPage } from './local-page.ts'

globalThis.localPage = createLocalPage({ 'raw idb': rawIdb })
