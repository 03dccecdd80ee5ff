import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { BackupApi } from '../../database/database.ts'
import { DatabaseError } from '../../errors.ts'
import { aCliNode, run, runJson } from '../cli.testkit.ts'
import { EXIT_CODES } from '../exit-codes.ts'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-backup-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** A backup that gives these pieces, and keeps what it was asked and given. */
function aBackup(pieces: readonly (string | Error)[]): {
  readonly backup: BackupApi
  readonly asked: unknown[]
  readonly imported: string[]
} {
  const asked: unknown[] = []
  const imported: string[] = []
  return {
    asked,
    imported,
    backup: {
      export: async function* ({ onProgress, collections, pretty } = {}) {
        asked.push({ collections, pretty })
        for (const [index, piece] of pieces.entries()) {
          if (piece instanceof Error) throw piece
          onProgress?.({ done: index + 1, total: pieces.length })
          yield piece
        }
      },
      import: async (source, { onProgress } = {}) => {
        let text = ''
        for await (const piece of typeof source === 'string' ? [source] : source) {
          text += typeof piece === 'string' ? piece : new TextDecoder().decode(piece)
        }
        imported.push(text)
        onProgress?.({ done: 7 })
        return { documents: 7 }
      },
    },
  }
}

describe('client backup export', () => {
  it('writes the pieces to a file of this machine', async () => {
    const { backup, asked } = aBackup(['{"User"', ': []}'])
    await using node = await aCliNode({ replace: () => ({ backup }) })
    const path = join(await aFolder(), 'backup.json')
    const ran = await run(['client', 'backup', 'export', '-p', '-c', 'User,Book', '-f', 'json', path], node)
    expect(ran).toEqual({ code: 0, out: '', err: `2 documents are in ${path}\n` })
    expect(await readFile(path, 'utf8')).toBe('{"User": []}')
    expect(asked).toEqual([{ pretty: true, collections: ['User', 'Book'] }])
  })

  it('keeps the file that was there when it fails', async () => {
    const folder = await aFolder()
    const path = join(folder, 'backup.json')
    await writeFile(path, 'old')
    const failure = new DatabaseError('NOT_FOUND', 'no collection "Usr"', { what: 'collection', id: 'Usr' })
    await using node = await aCliNode({ replace: () => ({ backup: aBackup(['{', failure]).backup }) })
    expect(await run(['client', 'backup', 'export', path], node)).toEqual({
      code: EXIT_CODES.notFound,
      out: '',
      err: 'Error: no collection "Usr"\n',
    })
    expect(await readdir(folder)).toEqual(['backup.json'])
    expect(await readFile(path, 'utf8')).toBe('old')
  })

  it('writes to standard output for -, and shows progress on a terminal', async () => {
    await using node = await aCliNode({ replace: () => ({ backup: aBackup(['{', '}']).backup }) })
    const ran = await run('client backup export -', node, { errIsTerminal: true })
    expect(ran).toMatchObject({ code: 0, out: '{}' })
    expect(ran.err).toContain('Exporting 1 of 2 documents')
  })

  it('says that a folder is not there', async () => {
    await using node = await aCliNode({ replace: () => ({ backup: aBackup(['{}']).backup }) })
    const { code, err } = await run('client backup export /nowhere/backup.json', node)
    expect({ code, err }).toEqual({ code: EXIT_CODES.notFound, err: 'Error: there is no file or folder "/nowhere/backup.json"\n' })
  })
})

describe('client backup import', () => {
  it('reads a file or standard input', async () => {
    const { backup, imported } = aBackup([])
    await using node = await aCliNode({ replace: () => ({ backup }) })
    const path = join(await aFolder(), 'backup.json')
    await writeFile(path, '{"User": []}')
    expect(await run(['client', 'backup', 'import', path], node)).toEqual({ code: 0, out: '', err: '7 documents were imported\n' })
    await run('client backup import -', node, { input: ['{"Book"', ': []}'] })
    expect(imported).toEqual(['{"User": []}', '{"Book": []}'])
    expect(await run('client backup import /nowhere/x', node)).toMatchObject({ code: EXIT_CODES.notFound })
  })
})

describe('the node', () => {
  it('checks signatures', async () => {
    const asked: unknown[] = []
    const verifySignature = async (cid: string, key: string, options: { readonly type?: string } = {}): Promise<void> => {
      asked.push([cid, key, options.type])
      if (cid === 'bad') throw new DatabaseError('INVALID_SIGNATURE', 'another key', { cid })
    }
    await using node = await aCliNode({ replace: () => ({ blocks: { verifySignature } }) })
    expect(await run('client block verify-signature 02ab bafy', node)).toEqual({ code: 0, out: "Block's signature verified\n", err: '' })
    expect(await run('client block verify-signature -t ed25519 02ab bad', node)).toMatchObject({ code: EXIT_CODES.corrupt, out: '' })
    expect(asked).toEqual([
      ['bafy', '02ab', 'secp256k1'],
      ['bad', '02ab', 'ed25519'],
    ])
  })

  it('shows its identity, or that it has none', async () => {
    await using one = await aCliNode({ control: { nodeIdentity: async () => ({ publicKey: '02ab', did: 'did:key:z' }) } })
    await using other = await aCliNode()
    expect(await runJson('client node-identity', one)).toEqual({ PublicKey: '02ab', DID: 'did:key:z' })
    expect(await runJson('client node-identity', other)).toBeNull()
  })

  it('is purged only by force', async () => {
    let purged = 0
    const purge = async (): Promise<void> => void (purged += 1)
    await using node = await aCliNode({ control: { purge } })
    expect(await run('client purge', node)).toMatchObject({ code: EXIT_CODES.usage })
    expect(purged).toBe(0)
    expect(await run('client purge -f', node)).toEqual({ code: 0, out: '', err: '' })
    expect(purged).toBe(1)
  })

  it('dumps its storage a line for each key', async () => {
    const dump = async function* (): AsyncGenerator<{ kind: string; key: Uint8Array; value: Uint8Array }> {
      yield { kind: 'document', key: Uint8Array.of(1, 255), value: Uint8Array.of() }
    }
    await using node = await aCliNode({ replace: () => ({ dump }) })
    expect((await run('client dump', node)).out).toBe('{"kind":"document","key":"01ff","value":""}\n')
  })
})
