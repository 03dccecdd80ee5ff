import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

import { bytesToHex } from '../util/bytes.ts'
import { openSqliteStore } from './sqlite.node.ts'
import { aKey, aPut, type StorePlace } from './store-harness.testkit.ts'
import { storeConformance } from './store.testkit.ts'

interface SqlitePlace extends StorePlace {
  readonly path: string
}

/** Files of the places that the suite was given. */
const pathsByPlace = new WeakMap<StorePlace, string>()

for (const durability of ['relaxed', 'strict'] as const) {
  storeConformance(`SQLite (${durability})`, {
    isPersistent: true,
    place: () => aPlace({ durability }),
    smallPlace: (bytes) => aPlace({ durability, capacityBytes: bytes }),
    failPuts: async (place, key) => {
      const other = new DatabaseSync(pathsByPlace.get(place) ?? '')
      other.exec(
        `CREATE TRIGGER fail BEFORE INSERT ON entries WHEN NEW.key = x'${bytesToHex(key)}' BEGIN SELECT RAISE(ABORT, 'no such luck'); END`,
      )
      return async () => {
        other.exec('DROP TRIGGER fail')
        other.close()
      }
    },
  })
}

test('folders on the way to the file are made', async () => {
  const { path, remove } = await aPlace()
  const store = await openSqliteStore(join(path, '..', 'deep', 'er', 'store.db'))
  await store.apply([aPut(aKey(1), 1)])
  expect(await store.get(aKey(1))).toEqual(aKey(1))
  await store.close()
  await remove()
})

test('a file that is no database is refused by name and left as it is', async () => {
  const { path, remove } = await aPlace()
  await writeFile(path, 'not a database, but long enough to be looked at by anyone who opens it'.repeat(20))
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining(path) })
  await remove()
})

test('a file of a newer layout is refused', async () => {
  const { path, remove } = await aPlace()
  const newer = new DatabaseSync(path)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining('upgrade') })
  await remove()
})

test('acknowledged writes survive a process that is killed', async () => {
  const { path, remove } = await aPlace()
  const script = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite.node.ts', import.meta.url).href)}
    const store = await openSqliteStore(${JSON.stringify(path)})
    for (let round = 0; round < 50; round++) await store.apply([{ key: Uint8Array.of(1), value: Uint8Array.of(round) }, { key: Uint8Array.of(2, round), value: Uint8Array.of() }])
    process.kill(process.pid, 'SIGKILL')`
  await expect(runModule(script)).rejects.toMatchObject({ signal: 'SIGKILL' })
  const store = await openSqliteStore(path)
  expect(await store.get(aKey(1))).toEqual(aKey(49))
  expect(await store.scan({ from: aKey(2) })).toHaveLength(50)
  await store.close()
  await remove()
})

test('using the store writes nothing to the standard error of its process', async () => {
  const { path, remove } = await aPlace()
  const script = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite.node.ts', import.meta.url).href)}
    await (await openSqliteStore(${JSON.stringify(path)})).close()`
  expect(await runModule(script)).toEqual({ stdout: '', stderr: '' })
  await remove()
})

async function aPlace(options: Parameters<typeof openSqliteStore>[1] = {}): Promise<SqlitePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'warrendb-store-'))
  const path = join(folder, 'store.db')
  const place = { path, open: () => openSqliteStore(path, options), remove: () => rm(folder, { recursive: true }) }
  pathsByPlace.set(place, path)
  return place
}

function runModule(script: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
}
