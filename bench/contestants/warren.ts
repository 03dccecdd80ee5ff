import type { Collection, Database } from '../../src/index.browser.ts'
import type { Contestant, OpenContestant } from '../contestant.ts'
import { COLLECTION, FIELDS, type Person } from '../documents.ts'

type Open = (name: string) => Promise<Database>

/** WarrenDB through `collection`, as far as that goes. */
export function warrenCollection(open: Open): Contestant {
  return {
    open: async (name) => {
      const database = await open(name)
      return { ...throughCollection(database.collection<Person>(COLLECTION)), close: () => database.close() }
    },
  }
}

/** WarrenDB through GraphQL: every request is a constant text with variables. */
export function warrenGraphql(open: Open): Contestant {
  return {
    open: async (name) => {
      const database = await open(name)
      return { ...throughGraphql(database), close: () => database.close() }
    },
  }
}

function throughCollection(collection: Collection<Person>): Omit<OpenContestant, 'close'> {
  return {
    createMany: (documents) => collection.create(documents),
    create: (document) => collection.create(document),
    setAge: (id, age) => collection.update(id, { age }),
    get: (id) => collection.get(id),
    count: async () => {
      let count = 0
      for await (const _ of collection.docIDs()) count++
      return count
    },
  }
}

type Row = Person & { readonly _docID: string }

function throughGraphql(database: Database): Omit<OpenContestant, 'close'> {
  async function rows(request: string, field: string, variables: Readonly<Record<string, unknown>> = {}): Promise<readonly Row[]> {
    const { data, errors } = await database.execute(request, { variables })
    const [problem] = errors ?? []
    if (problem !== undefined) throw new Error(`${problem.message} in ${request}`)
    return (data?.[field] ?? []) as readonly Row[]
  }

  const fields = FIELDS.join(' ')
  const create = `mutation ($input: [${COLLECTION}MutationInputArg!]!) { create_${COLLECTION}(input: $input) { _docID email } }`
  const update = `mutation ($id: ID!, $age: Int!) { update_${COLLECTION}(docID: [$id], input: { age: $age }) { _docID } }`
  const get = `query ($id: ID!) { ${COLLECTION}(docID: [$id]) { ${fields} } }`
  const richer = `query ($points: Float64!) { ${COLLECTION}(filter: { points: { _ge: $points } }) { ${fields} } }`
  const ofAge = `query ($age: Int!) { ${COLLECTION}(filter: { age: { _eq: $age } }) { ${fields} } }`
  const oldest = `query ($limit: Int!) { ${COLLECTION}(order: { age: DESC }, limit: $limit) { ${fields} } }`

  return {
    createMany: async (documents) => {
      // What was created comes in the order of the document IDs.
      const created = await rows(create, `create_${COLLECTION}`, { input: documents })
      const ids = new Map(created.map(({ email, _docID }) => [email, _docID]))
      return documents.map(({ email }) => ids.get(email) ?? '')
    },
    create: async (document) => (await rows(create, `create_${COLLECTION}`, { input: [document] }))[0]?._docID ?? '',
    setAge: async (id, age) => {
      await rows(update, `update_${COLLECTION}`, { id, age })
    },
    get: async (id) => (await rows(get, COLLECTION, { id }))[0],
    count: async () => (await rows(`{ ${COLLECTION} { _docID } }`, COLLECTION)).length,
    richerThan: (points) => rows(richer, COLLECTION, { points }),
    ofAge: (age) => rows(ofAge, COLLECTION, { age }),
    oldest: (limit) => rows(oldest, COLLECTION, { limit }),
  }
}
