import { openDatabase } from '../../src/index.browser.ts'
import { warrenCollection, warrenGraphql } from '../contestants/warren.ts'
import { SCHEMA } from '../documents.ts'
import { createLocalPage } from './local-page.ts'

const open = (name: string): ReturnType<typeof openDatabase> => openDatabase({ name, schema: SCHEMA, p2p: false, durability: 'relaxed' })

globalThis.localPage = createLocalPage({ collection: warrenCollection(open), GraphQL: warrenGraphql(open) })
