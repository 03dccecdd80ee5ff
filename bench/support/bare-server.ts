import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'

import { FIELDS, type Person } from '../documents.ts'

/*
 * The yardstick of `http.ts`, a process of its own: what the benchmark asks, answered by hand over a bare `node:http`. Documents are read from memory, where they
 * lie by ID and by age; those that are created are also inserted into SQLite, in the mode that WarrenDB calls relaxed.
 */
const [, , folder = ''] = process.argv
const database = new DatabaseSync(`${folder}/bare.sqlite`)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
database.exec(`CREATE TABLE people (id TEXT PRIMARY KEY, ${FIELDS.join(', ')}) WITHOUT ROWID`)
database.exec('CREATE INDEX by_age ON people (age)')
const insert = database.prepare(`INSERT INTO people VALUES (?, ${FIELDS.map(() => '?').join(', ')})`)
const personById = new Map<string, Person>()
const peopleByAge = new Map<number, Person[]>()

const server = createServer((request, response) => {
  void answer(request, response)
})
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = JSON.stringify(answerTo(request, await readJson(request)) ?? { error: 'there is nothing' })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const text = Buffer.concat(pieces).toString()
  // What is no JSON is the schema, which is of no use here.
  return /^[{[]/.test(text) ? (JSON.parse(text) as unknown) : undefined
}

/** What is given is what the benchmark sends. */
function answerTo({ method, url = '' }: IncomingMessage, given: unknown): unknown {
  if (method === 'GET') return personById.get(url.slice(url.lastIndexOf('/') + 1))
  if (url.endsWith('/graphql')) {
    const { variables } = given as { readonly variables?: { readonly age: number } }
    return { data: variables === undefined ? { _count: personById.size } : { Person: peopleByAge.get(variables.age) } }
  }
  if (url.endsWith('/backup')) {
    const { Person: people } = given as { readonly Person: readonly Person[] }
    database.exec('BEGIN')
    people.forEach(add)
    database.exec('COMMIT')
    return { documents: people.length }
  }
  if (url.endsWith('/schema')) return []
  const people = Array.isArray(given) ? (given as readonly Person[]) : [given as Person]
  return { Count: people.length, DocIDs: people.map(add) }
}

function add(person: Person): string {
  const id = crypto.randomUUID()
  const { name, email, age, verified, points, city, bio } = person
  insert.run(id, name, email, age, verified ? 1 : 0, points, city, bio)
  personById.set(id, { ...person })
  const ofAge = peopleByAge.get(age)
  if (ofAge === undefined) peopleByAge.set(age, [person])
  else ofAge.push(person)
  return id
}
