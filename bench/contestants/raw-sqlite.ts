import { DatabaseSync } from 'node:sqlite'

import type { Contestant } from '../contestant.ts'
import { FIELDS, type Person } from '../documents.ts'

/** The yardstick in Node: a table with a column per field in SQLite, in the mode that WarrenDB calls relaxed. */
export function rawSqlite(folder: string): Contestant {
  return {
    open: async (name) => {
      const database = new DatabaseSync(`${folder}/${name}.sqlite`)
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      database.exec(`CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, ${FIELDS.join(', ')}) WITHOUT ROWID`)
      database.exec('CREATE INDEX IF NOT EXISTS by_age ON people (age)')
      const columns = ['id', ...FIELDS]
      const insert = database.prepare(`INSERT INTO people (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
      const update = database.prepare('UPDATE people SET age = ? WHERE id = ?')
      const get = database.prepare('SELECT * FROM people WHERE id = ?')
      const count = database.prepare('SELECT count(*) AS count FROM people')
      const richer = database.prepare('SELECT * FROM people WHERE points >= ?')
      const ofAge = database.prepare('SELECT * FROM people WHERE age = ?')
      const oldest = database.prepare('SELECT * FROM people ORDER BY age DESC LIMIT ?')

      function add(document: Person): string {
        const id = crypto.randomUUID()
        const { name, email, age, verified, points, city, bio } = document
        insert.run(id, name, email, age, verified ? 1 : 0, points, city, bio)
        return id
      }

      return {
        createMany: async (documents) => {
          database.exec('BEGIN')
          const ids = documents.map(add)
          database.exec('COMMIT')
          return ids
        },
        create: async (document) => add(document),
        setAge: async (id, age) => {
          update.run(age, id)
        },
        get: async (id) => personOf(get.get(id)),
        count: async () => Number(count.get()?.['count']),
        richerThan: async (points) => richer.all(points).flatMap((row) => personOf(row) ?? []),
        ofAge: async (age) => ofAge.all(age).flatMap((row) => personOf(row) ?? []),
        oldest: async (limit) => oldest.all(limit).flatMap((row) => personOf(row) ?? []),
        close: async () => database.close(),
      }
    },
  }
}

function personOf(row: Readonly<Record<string, unknown>> | undefined): Person | undefined {
  // The columns are those that `add` has filled from a person; SQLite has no booleans.
  return row === undefined ? undefined : ({ ...row, verified: row['verified'] === 1 } as unknown as Person)
}
