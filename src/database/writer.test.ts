import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { watchedStore } from './database.testkit.ts'
import { createWriter } from './writer.ts'

const key = Uint8Array.of(1)
const other = Uint8Array.of(2)

async function aWriter(): Promise<{ readonly store: ReturnType<typeof watchedStore>; readonly writer: ReturnType<typeof createWriter> }> {
  const store = watchedStore(await openMemoryStore())
  return { store, writer: createWriter(store, store.apply) }
}

describe('the writer', () => {
  it('lets a job see what the jobs before it wrote', async () => {
    const { writer, store } = await aWriter()
    const increment = (): Promise<number> =>
      writer.run({
        name: 'increment',
        body: async (view) => {
          const next = ((await view.get(key))?.[0] ?? 0) + 1
          view.put(key, Uint8Array.of(next))
          return next
        },
      })
    expect(await Promise.all([increment(), increment(), increment()])).toEqual([1, 2, 3])
    expect(store.applies).toBe(1)
    expect(await store.get(key)).toEqual(Uint8Array.of(3))
  })

  it('keeps nothing of a job that throws', async () => {
    const { writer, store } = await aWriter()
    const failing = writer.run({
      name: 'failing',
      body: async (view) => {
        view.put(key, Uint8Array.of(1))
        throw new Error('no')
      },
    })
    const working = writer.run({ name: 'working', body: async (view) => view.put(other, Uint8Array.of(2)) })
    await expect(failing).rejects.toThrow('no')
    await working
    expect(await store.scan({})).toEqual([{ key: other, value: Uint8Array.of(2) }])
  })

  it('reads what all waiting jobs asked for in one call', async () => {
    const { writer, store } = await aWriter()
    const before = store.reads
    await Promise.all([key, other, key].map((wanted) => writer.run({ name: 'read', reads: [wanted], body: (view) => view.get(wanted) })))
    expect(store.reads - before).toBe(1)
  })

  it('tells of the whole of a batch in one go, so that what a tick brings can be sent together', async () => {
    const { writer } = await aWriter()
    const bundles: number[] = []
    let waiting = 0
    const stored = async (): Promise<void> => {
      if (waiting++ === 0) {
        queueMicrotask(() => {
          bundles.push(waiting)
          waiting = 0
        })
      }
      await Promise.resolve()
    }
    await Promise.all(
      [1, 2, 3].map((value) => writer.run({ name: 'write', stored, body: async (view) => view.put(key, Uint8Array.of(value)) })),
    )
    expect(bundles).toEqual([3])
  })

  it('tells of a result only after it is stored, and never of one that was not', async () => {
    const { writer, store } = await aWriter()
    const told: string[] = []
    const write = (name: string): Promise<void> =>
      writer.run({
        name,
        body: async (view) => view.put(key, Uint8Array.of(1)),
        stored: () => void told.push(`${name} after ${store.applies}`),
      })
    await write('first')
    store.failWith = new Error('no room')
    await expect(write('second')).rejects.toThrow('no room')
    expect(told).toEqual(['first after 1'])
  })

  it('finishes what it holds when it closes, and refuses more', async () => {
    const { writer, store } = await aWriter()
    const last = writer.run({ name: 'last', body: async (view) => view.put(key, Uint8Array.of(7)) })
    await writer.close()
    await last
    expect(await store.get(key)).toEqual(Uint8Array.of(7))
    await expect(writer.run({ name: 'late', body: async () => 0 })).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('scans stored and pending entries as one, in order and up to the limit', async () => {
    const { writer, store } = await aWriter()
    await store.apply([1, 3, 5, 7].map((byte) => ({ key: Uint8Array.of(byte), value: Uint8Array.of(byte) })))
    const [forward, backward] = await writer.run({
      name: 'scan',
      body: async (view) => {
        view.put(Uint8Array.of(4), Uint8Array.of(4))
        view.delete(Uint8Array.of(1))
        view.delete(Uint8Array.of(5))
        return [await view.scan({}, { limit: 2 }), await view.scan({ to: Uint8Array.of(7) }, { reverse: true, limit: 2 })]
      },
    })
    expect(forward?.map((entry) => entry.key[0])).toEqual([3, 4])
    expect(backward?.map((entry) => entry.key[0])).toEqual([4, 3])
  })
})
