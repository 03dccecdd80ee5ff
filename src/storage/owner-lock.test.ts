import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { fileLocks } from './owner-lock.node.ts'

let folder = ''
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warrendb-lock-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

test('a second owner in the same process is refused until the first has released', async () => {
  const locks = fileLocks(folder)
  const held = await locks.acquire('warren')
  const refusal = { code: 'IN_USE', details: { name: 'warren' }, message: expect.stringContaining(`this process (${process.pid})`) }
  await expect(locks.acquire('warren')).rejects.toMatchObject(refusal)
  await expect(fileLocks(folder).acquire('warren')).rejects.toMatchObject(refusal)
  await held.release()
  const again = await locks.acquire('warren')
  await held.release()
  await expect(locks.acquire('warren')).rejects.toMatchObject({ code: 'IN_USE' })
  await again.release()
})

test('a folder has one owner, whatever name it goes by; another folder has its own', async () => {
  const held = await fileLocks(folder).acquire('warren')
  await expect(fileLocks(folder).acquire('burrow')).rejects.toMatchObject({ code: 'IN_USE', details: { name: 'burrow' } })
  const beside = await fileLocks(join(folder, 'beside')).acquire('warren')
  await beside.release()
  await held.release()
})

test('what another process holds is refused with its number and advice, and free once that process is killed', async () => {
  const { child, line } = await aContender()
  expect(line).toBe('held')
  await expect(fileLocks(folder).acquire('warren')).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringMatching(`process ${child.pid}, since .*close it there, or use another name or path`),
  })
  await kill(child)
  const held = await fileLocks(folder).acquire('warren')
  await held.release()
})

test('a process is refused what this one holds, and gets it when it is released', async () => {
  const held = await fileLocks(folder).acquire('warren')
  const refused = await aContender()
  expect(refused.line).toContain(`process ${process.pid}`)
  await held.release()
  const granted = await aContender()
  expect(granted.line).toBe('held')
})

test('of several processes at once exactly one is the owner', async () => {
  const contenders = await Promise.all(Array.from({ length: 4 }, aContender))
  expect(contenders.filter(({ line }) => line === 'held')).toHaveLength(1)
})

test('the file of a dead owner that names a living process keeps nobody out', async () => {
  await writeFile(join(folder, 'owner.lock'), '')
  await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid: process.ppid, since: '2026-01-01T00:00:00.000Z' }))
  const held = await fileLocks(folder).acquire('warren')
  await held.release()
})

test('a place where no file can be made is no lock', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(fileLocks(join(folder, 'file')).acquire('warren')).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringContaining(join(folder, 'file')),
  })
})

/** A process that tries to be the owner, forgets what it got, says `held` or why not, and stays until it is killed. */
async function aContender(): Promise<{ child: ChildProcess; line: string }> {
  const script = `
    import { fileLocks } from ${JSON.stringify(new URL('./owner-lock.node.ts', import.meta.url).href)}
    fileLocks(${JSON.stringify(folder)}).acquire('warren').then(() => 'held', (error) => error.message).then((line) => {
      setInterval(gc, 10)
      setTimeout(console.log, 50, line)
    })`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line]: unknown[] = await once(child.stdout, 'data')
  return { child, line: String(line).trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
