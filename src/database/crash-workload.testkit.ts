import { KEY_BYTES, sealEncryption } from '../block/encryption-block.ts'
import { COLLECTION_DAG, isDocumentCommit, type ReplicatedCommit } from '../block/replicated-commit.ts'
import { documentId } from '../document/document-id.ts'
import { parseSdl } from '../schema/sdl.ts'
import { encodeText } from '../util/bytes.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'
import { encryptHistory } from './encrypted-history.testkit.ts'

/** One write of a workload: whatever it does is stored by one write of the storage. */
export interface CrashStep {
  readonly name: string
  run(node: TestNode): Promise<unknown>
}

export const CRASH_SCHEMA = `
  type Note @index(includes: [{ field: "stars", direction: DESC }, { field: "tags" }]) {
    title: String @index(unique: true)
    stars: Int
    votes: Int @crdt(type: pncounter) @index
    tags: [String!]
  }
  type Page @branchable { title: String views: Int @crdt(type: pcounter) }`

const SETTING = 'a setting'

/** Every kind of write there is, in an order in which each finds what it needs. The same at every call, so that one run can be compared with another. */
export async function crashWorkload(): Promise<readonly CrashStep[]> {
  return [
    ...localWrites(),
    ...(await merges()),
    ...schemaWrites(),
    ...indexWrites(),
    ...(await versionWrites()),
    ...(await secrets()),
    ...requests(),
  ]
}

function localWrites(): readonly CrashStep[] {
  const first = { title: 'first', stars: 1, votes: 1 }
  const page = { title: 'page', views: 1 }
  const notes = ({ db }: TestNode): ReturnType<TestNode['db']['collection']> => db.collection('Note')
  const pages = ({ db }: TestNode): ReturnType<TestNode['db']['collection']> => db.collection('Page')
  return [
    { name: 'create a document', run: (node) => notes(node).create(first) },
    {
      name: 'create several',
      run: (node) => notes(node).create([{ title: 'a' }, { title: 'b', tags: ['x', 'y'] }, { title: 'c', stars: 3 }]),
    },
    { name: 'create several at once', run: (node) => Promise.all(['d', 'e', 'f'].map((title) => notes(node).create({ title }))) },
    { name: 'update a document', run: (node) => notes(node).update(idOf('Note', first), { title: 'changed', stars: null }) },
    {
      name: 'update a document several times at once',
      run: (node) => Promise.all([10, 100, 1000].map((votes) => notes(node).update(idOf('Note', first), { votes }))),
    },
    { name: 'delete a document', run: (node) => notes(node).delete(idOf('Note', { title: 'a' })) },
    { name: 'update what a filter finds', run: (node) => notes(node).updateMany({ title: { _in: ['d', 'e'] } }, { stars: 4, votes: 4 }) },
    { name: 'delete what a filter finds', run: (node) => notes(node).deleteMany({ title: { _in: ['e', 'f'] } }) },
    { name: 'create in a branchable collection', run: (node) => pages(node).create([page, { title: 'other page' }]) },
    { name: 'make fingerprints for the first time', run: (node) => fingerprints(node, 'Page') },
    { name: 'update in a branchable collection', run: (node) => pages(node).update(idOf('Page', page), { views: 2 }) },
    { name: 'delete in a branchable collection', run: (node) => pages(node).delete(idOf('Page', { title: 'other page' })) },
    {
      name: 'commit a transaction',
      run: ({ db }) =>
        db.transaction(async (tx) => {
          await tx.collection('Note').update(idOf('Note', first), { votes: -1000 })
          await tx.collection('Note').delete(idOf('Note', { title: 'c', stars: 3 }))
          await tx.collection('Page').create({ title: 'from a transaction' })
        }),
    },
    { name: 'make fingerprints anew', run: (node) => fingerprints(node, 'Page') },
    { name: 'keep a setting', run: ({ replica }) => replica.setSetting(SETTING, encodeText('one')) },
    { name: 'change a setting', run: ({ replica }) => replica.setSetting(SETTING, encodeText('two')) },
  ]
}

/** Histories that peers have made, and the ways they come in. Some are of documents that are here too. */
async function merges(): Promise<readonly CrashStep[]> {
  const [a, b] = [await openTestNode(CRASH_SCHEMA), await openTestNode(CRASH_SCHEMA)]
  const notes = [a, b].map(({ db }) => db.collection('Note'))
  const [shared = '', diamond = '', gone = ''] =
    (await notes[0]?.create([{ title: 'd' }, { title: 'diamond', votes: 1 }, { title: 'gone' }])) ?? []
  const line = (await notes[0]?.create({ title: 'line', votes: 1 })) ?? ''
  for (const votes of [10, 100, 1000]) await notes[0]?.update(line, { votes, stars: votes })
  await deliver(a, b)
  await a.db.collection('Page').create({ title: 'from a' })
  await b.db.collection('Page').create({ title: 'from b' })
  for (const [index, collection] of notes.entries()) {
    await collection.update(diamond, { votes: 10 ** (index + 1), title: `side ${index}` })
    await collection.update(shared, { votes: 10 ** (index + 1), tags: ['same'] })
  }
  await notes[0]?.delete(gone)
  await notes[1]?.update(gone, { title: 'too late' })
  await deliver(b, a)
  await notes[0]?.update(diamond, { votes: 1000 })
  await a.db.collection('Page').create({ title: 'join' })

  const loner = await openTestNode(CRASH_SCHEMA)
  const twin = await loner.db.collection('Note').create({ title: 'line', stars: 12 })
  const twins = await loner.replica.commitsSince(collectionIdOf(a, 'Note'), twin, [])
  const history = async (collection: string, docId: string): Promise<readonly ReplicatedCommit[]> =>
    a.replica.commitsSince(collectionIdOf(a, collection), docId, [])
  const lines = await history('Note', line)
  const diamonds = await history('Note', diamond)
  const everything = (await Promise.all([shared, diamond, gone, line].map((docId) => history('Note', docId)))).flat()
  const pageIds = (await a.replica.documentHeads(collectionIdOf(a, 'Page'), { limit: 100 })).map(({ docId }) => docId)
  const pages = (await Promise.all(pageIds.map((docId) => history('Page', docId)))).flat()
  const dag = await history('Page', COLLECTION_DAG)

  return [
    { name: 'merge the beginning of a history', run: (node) => merge(node, 'Note', lines.slice(0, 2)) },
    {
      name: 'merge a history of which part is here, children first and twice',
      run: (node) => merge(node, 'Note', [...lines, ...lines].toReversed()),
    },
    { name: 'merge what a unique index keeps to one', run: (node) => merge(node, 'Note', twins) },
    { name: 'merge a diamond at once', run: (node) => merge(node, 'Note', diamonds.toReversed()) },
    { name: 'merge what forks from local updates', run: async (node) => merge(node, 'Note', await history('Note', shared)) },
    { name: 'make fingerprints after merges', run: (node) => fingerprints(node, 'Note') },
    {
      name: 'merge while writing, twice the same',
      run: (node) =>
        Promise.all([
          node.db.collection('Note').update(shared, { votes: 5 }),
          merge(node, 'Note', everything),
          node.db.collection('Note').create({ title: 'beside a merge' }),
          merge(node, 'Note', everything.toReversed()),
        ]),
    },
    { name: "merge half of a branchable collection's own DAG", run: (node) => merge(node, 'Page', dag.slice(0, 2)) },
    { name: 'delete the one of two that a unique index has', run: ({ db }) => db.collection('Note').delete(line) },
    { name: 'merge a branchable collection', run: (node) => merge(node, 'Page', [...pages, ...dag].toReversed()) },
  ]
}

/** A peer has a field that is not known here, until it is. */
async function versionWrites(): Promise<readonly CrashStep[]> {
  const peer = await openTestNode(CRASH_SCHEMA)
  const patch = [{ op: 'add', path: '/Note/Fields/views', value: { Kind: 'Int', Typ: 4 } }]
  const before = await versionIdOf(peer)
  await peer.db.schema.patch(patch)
  const after = await versionIdOf(peer)
  const docID = await peer.db.collection('Note').create({ title: 'patched', views: 1 })
  await peer.db.collection('Note').update(docID, { views: 10, stars: 1 })
  const early = await peer.replica.commitsSince(collectionIdOf(peer, 'Note'), docID, [])
  await peer.db.collection('Note').update(docID, { views: 100 })
  const late = await peer.replica.commitsSince(collectionIdOf(peer, 'Note'), docID, [])
  return [
    { name: 'merge a field that is not known', run: (node) => merge(node, 'Note', early) },
    { name: 'patch the schema, which merges what was left aside', run: ({ db }) => db.schema.patch(patch) },
    { name: 'write what the patch has added', run: ({ db }) => db.collection('Note').update(docID, { views: 1000 }) },
    { name: 'go back to the version before', run: ({ db }) => db.schema.setActive(before) },
    { name: 'merge a field that the active version does not have', run: (node) => merge(node, 'Note', late) },
    {
      name: 'activate a version by a patch of collections',
      run: ({ db }) =>
        db.collections.patch([
          { op: 'replace', path: `/${before}/IsActive`, value: false },
          { op: 'replace', path: `/${after}/IsActive`, value: true },
        ]),
    },
  ]
}

/** Two documents of a peer who encrypts: one as a whole, one in part. */
async function secrets(): Promise<readonly CrashStep[]> {
  const peer = await openTestNode(CRASH_SCHEMA)
  const made = ['whole', 'votes'].map(async (what) => {
    const docID = await peer.db.collection('Note').create({ title: what, votes: 1 })
    await peer.db.collection('Note').update(docID, { title: `${what} secret`, votes: 10 })
    const secret = sealEncryption({
      key: crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
      docId: docID,
      ...(what === 'whole' ? {} : { fieldName: what }),
    })
    const history = await peer.replica.commitsSince(collectionIdOf(peer, 'Note'), docID, [])
    return { key: secret.bytes, commits: await encryptHistory(history.filter(isDocumentCommit), secret, what) }
  })
  const [whole, part] = await Promise.all(made)
  if (whole === undefined || part === undefined) throw new Error('two documents were to be made')
  return [
    { name: 'take a key that opens nothing yet', run: ({ replica }) => replica.addKeys([part.key]) },
    { name: 'merge encrypted documents', run: (node) => merge(node, 'Note', [...whole.commits, ...part.commits].toReversed()) },
    { name: 'take a key that opens a document', run: ({ replica }) => replica.addKeys([whole.key]) },
  ]
}

async function versionIdOf({ db }: TestNode): Promise<string> {
  return (await db.collections.describe({ name: 'Note' }))[0]?.versionId ?? ''
}

function schemaWrites(): readonly CrashStep[] {
  return [
    {
      name: 'add a schema',
      run: ({ db }) =>
        db.schema.add('type Tag { name: String } type Author { name: String books: [Book] } type Book { name: String author: Author }'),
    },
    {
      name: 'add a schema and use it in one transaction',
      run: async ({ db }) => {
        const tx = await db.beginTransaction()
        await tx.schema.add('type Shelf { name: String }')
        await tx.collection('Shelf').create({ name: 'upper' })
        await tx.collection('Tag').create({ name: 'red' })
        await tx.commit()
      },
    },
    { name: 'delete a setting', run: ({ replica }) => replica.setSetting(SETTING, undefined) },
  ]
}

function indexWrites(): readonly CrashStep[] {
  return [
    { name: 'create an index', run: ({ db }) => db.indexes.create('Page', { fields: [{ name: 'title' }] }) },
    {
      name: 'create a unique index in a transaction',
      run: ({ db }) =>
        db.transaction(async (tx) => {
          await tx.indexes.create('Note', { name: 'both', fields: [{ name: 'title', descending: true }, { name: 'votes' }], unique: true })
          await tx.collection('Note').create({ title: 'indexed' })
        }),
    },
    { name: 'drop an index', run: ({ db }) => db.indexes.drop('Page', 'Page_title_ASC') },
  ]
}

function requests(): readonly CrashStep[] {
  const mutation = `mutation {
    author: create_Author(input: { name: "A" }) { _docID }
    updated: update_Note(filter: { title: { _eq: "changed" } }, input: { stars: 5, votes: 7 }) { _docID }
    page: create_Page(input: [{ title: "m", views: 3 }, { title: "n" }]) { _docID }
    deleted: delete_Note(filter: { title: { _eq: "b" } }) { _docID }
  }`
  return [
    {
      name: 'carry out a mutation of several parts',
      run: async ({ db }) => {
        const { errors } = await db.execute(mutation)
        // Refused writes are told in the result; whoever plays the steps wants them thrown.
        if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('; '))
      },
    },
    { name: 'create one more', run: ({ db }) => db.collection('Note').create({ title: 'last' }) },
  ]
}

/** Everything that can be seen of a database through its API and its port to the network, but for CIDs, which differ with every run. */
export async function observe({ db, replica }: TestNode): Promise<unknown> {
  const collections = await db.collections.describe({ includeInactive: true })
  const documents = [...replica.collectionIds()].toSorted().map(async (collectionId) => {
    const collection = db.collection(replica.collectionName(collectionId) ?? '')
    const listed = await replica.documentHeads(collectionId, { limit: 1000 })
    const seen = listed.map(async ({ docId, heads }) => ({
      docId,
      heads: heads.length,
      commits: (await replica.commitsSince(collectionId, docId, [])).length,
      document: docId === COLLECTION_DAG ? undefined : await collection.get(docId, { showDeleted: true }),
      isThere: docId !== COLLECTION_DAG && (await collection.get(docId)) !== undefined,
    }))
    return { collection: collection.name, seen: await Promise.all(seen) }
  })
  return { collections, documents: await Promise.all(documents), setting: await replica.setting(SETTING) }
}

const VERSIONS = parseSdl(CRASH_SCHEMA, [])

function idOf(collection: string, content: Readonly<Record<string, string | number>>): string {
  const version = VERSIONS.find(({ name }) => name === collection)
  if (version === undefined) throw new RangeError(`no collection ${collection}`)
  return documentId(version, new Map(Object.entries(content)))
}

function merge(node: TestNode, collection: string, commits: readonly ReplicatedCommit[]): Promise<unknown> {
  return node.replica.merge(collectionIdOf(node, collection), commits, { peer: 'test' })
}

function fingerprints(node: TestNode, collection: string): Promise<unknown> {
  return node.replica.fingerprints(collectionIdOf(node, collection))
}

function collectionIdOf({ replica }: TestNode, name: string): string {
  return replica.collectionIds().find((id) => replica.collectionName(id) === name) ?? ''
}
