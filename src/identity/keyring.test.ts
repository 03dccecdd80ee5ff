import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { isFailure, type DatabaseError } from '../errors.ts'
import { bytesToHex, encodeText } from '../util/bytes.ts'
import { openKeyring } from './keyring.node.ts'

const SECRET = 'correct horse battery staple'
const KEY = Uint8Array.from({ length: 64 }, (_, index) => index + 100)
/** What a key wrapped by RFC 3394 begins from. */
const WRAP_IV = Buffer.alloc(8, 0xa6)

const scratch = mkdtempSync(join(tmpdir(), 'warrendb-keyring-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let folders = 0
const aFolder = (): string => join(scratch, String(folders++), 'keys')
/** With few iterations: a test has no time for more. */
const aKeyring = (folder: string, secret = SECRET): ReturnType<typeof openKeyring> => openKeyring({ folder, secret, iterations: 10 })

async function failureOf(work: Promise<unknown>): Promise<DatabaseError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isFailure(error)) throw new Error('it did not fail as it should', { cause: error })
  return error
}

function wrappingKey(header: { p2s: string; p2c: number; alg: string }, secret: string): Buffer {
  const salt = Buffer.concat([Buffer.from(header.alg), Buffer.of(0), Buffer.from(header.p2s, 'base64url')])
  return pbkdf2Sync(secret, salt, header.p2c, 32, 'sha512')
}

/** Opens a file of a keyring by the steps of RFC 7516 and RFC 7518, 4.8. */
function openByHand(text: string, secret: string): { readonly header: unknown; readonly key: Buffer } {
  const [head = '', wrapped = '', iv = '', content = '', tag = ''] = text.split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; p2s: string; p2c: number }
  const unwrap = createDecipheriv('id-aes256-wrap', wrappingKey(header, secret), WRAP_IV)
  const contentKey = Buffer.concat([unwrap.update(wrapped, 'base64url'), unwrap.final()])
  const decipher = createDecipheriv('aes-256-gcm', contentKey, Buffer.from(iv, 'base64url'))
    .setAAD(Buffer.from(head))
    .setAuthTag(Buffer.from(tag, 'base64url'))
  return { header, key: Buffer.concat([decipher.update(content, 'base64url'), decipher.final()]) }
}

/** Such a file, with a header that may differ. */
function sealByHand(key: Uint8Array, secret: string, changes: { p2c?: number; alg?: string; enc?: string } = {}): string {
  const header = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 10_000, p2s: randomBytes(16).toString('base64url'), ...changes }
  const head = Buffer.from(JSON.stringify(header)).toString('base64url')
  const [contentKey, iv] = [randomBytes(32), randomBytes(12)]
  const derived = header.p2c > 10_000 ? randomBytes(32) : wrappingKey(header, secret)
  const wrap = createCipheriv('id-aes256-wrap', derived, WRAP_IV)
  const wrapped = Buffer.concat([wrap.update(contentKey), wrap.final()])
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(head))
  const content = Buffer.concat([cipher.update(key), cipher.final()])
  return [head, ...[wrapped, iv, content, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

describe('a keyring', () => {
  it('gives a key back to whoever has the secret, after it was opened anew', async () => {
    const folder = aFolder()
    await aKeyring(folder).set('peer-key', KEY)
    expect(await aKeyring(folder).get('peer-key')).toEqual(KEY)
  })

  it('has no key that nobody set, and makes no folder for the question', async () => {
    const folder = aFolder()
    const keyring = aKeyring(folder)
    expect(await keyring.get('peer-key')).toBeUndefined()
    expect(await keyring.list()).toEqual([])
    expect(await keyring.remove('peer-key')).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  it('lists its keys in order, and forgets those that are removed', async () => {
    const keyring = aKeyring(aFolder())
    for (const name of ['peer-key', 'encryption-key', 'a.b_C-9']) await keyring.set(name, KEY)
    expect(await keyring.list()).toEqual(['a.b_C-9', 'encryption-key', 'peer-key'])
    expect(await keyring.remove('encryption-key')).toBe(true)
    expect(await keyring.list()).toEqual(['a.b_C-9', 'peer-key'])
    expect(await keyring.get('encryption-key')).toBeUndefined()
  })

  it('puts a key in the place of the one before, and leaves nothing beside it', async () => {
    const folder = aFolder()
    const keyring = aKeyring(folder)
    await keyring.set('peer-key', KEY)
    await keyring.set('peer-key', Uint8Array.of(1))
    expect(await keyring.get('peer-key')).toEqual(Uint8Array.of(1))
    expect(readdirSync(folder)).toEqual(['peer-key'])
  })

  it('gives one of the keys as a whole when several are set at once', async () => {
    const folder = aFolder()
    const keyring = aKeyring(folder)
    const keys = [1, 2, 3, 4, 5, 6].map((byte) => new Uint8Array(200).fill(byte))
    await Promise.all(keys.map((key) => keyring.set('peer-key', key)))
    expect(keys).toContainEqual(await keyring.get('peer-key'))
    expect(readdirSync(folder)).toEqual(['peer-key'])
  })

  it.skipIf(process.platform === 'win32')('keeps everybody else out of its folder and files', async () => {
    const folder = aFolder()
    await aKeyring(folder).set('peer-key', KEY)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'peer-key')).mode & 0o777).toBe(0o600)
    chmodSync(join(folder, 'peer-key'), 0o755) // as DefraDB leaves it
    await aKeyring(folder).set('peer-key', KEY)
    expect(statSync(join(folder, 'peer-key')).mode & 0o777).toBe(0o600)
  })

  it('passes over what is no key: folders, hidden files, a file that was being written at a crash', async () => {
    const folder = aFolder()
    const keyring = aKeyring(folder)
    await keyring.set('peer-key', KEY)
    mkdirSync(join(folder, 'folder'))
    for (const name of ['.DS_Store', '.peer-key.1.tmp', 'a key']) writeFileSync(join(folder, name), 'x')
    symlinkSync(join(folder, 'peer-key'), join(folder, 'linked'))
    expect(await keyring.list()).toEqual(['linked', 'peer-key'])
    expect(await keyring.get('linked')).toEqual(KEY)
  })
})

describe('the files of a keyring', () => {
  it('are what the standards say: a JWE that opens by their steps', async () => {
    const folder = aFolder()
    await openKeyring({ folder, secret: SECRET }).set('peer-key', KEY)
    const text = readFileSync(join(folder, 'peer-key'), 'utf8')
    const { header, key } = openByHand(text, SECRET)
    expect(bytesToHex(key)).toBe(bytesToHex(KEY))
    expect(header).toMatchObject({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 210_000 })
    expect(text).not.toContain(Buffer.from(KEY).toString('base64url').slice(4, 12))
  })

  it('have another salt and another key inside each time', async () => {
    const folder = aFolder()
    for (const name of ['a', 'b']) await aKeyring(folder).set(name, KEY)
    const [a = [], b = []] = ['a', 'b'].map((name) => readFileSync(join(folder, name), 'utf8').split('.'))
    expect(a.filter((part) => b.includes(part))).toEqual([])
  })

  it('may have been written by another program, also with a line break at the end', async () => {
    const folder = aFolder()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'peer-key'), `${sealByHand(KEY, SECRET)}\n`)
    expect(await aKeyring(folder).get('peer-key')).toEqual(KEY)
  })
})

describe('a key that does not open', () => {
  it('says that the secret may be wrong and what to do, and shows neither secret nor key', async () => {
    const folder = aFolder()
    await aKeyring(folder).set('peer-key', KEY)
    const failure = await failureOf(aKeyring(folder, 'hunter2').get('peer-key'))
    expect(failure.code).toBe('KEY_UNREADABLE')
    expect(failure.details).toEqual({ name: 'peer-key', file: join(folder, 'peer-key') })
    expect(failure.message).toContain('the key "peer-key" cannot be opened: it was written with another secret, or its file is damaged')
    expect(failure.message).toContain('give the secret it was written with')
    expect(failure.message).not.toMatch(new RegExp(`hunter2|${SECRET}`))
  })

  it('is found by any part of its file that was changed, and leaves the file as it is', async () => {
    const folder = aFolder()
    const file = join(folder, 'peer-key')
    await aKeyring(folder).set('peer-key', KEY)
    const text = readFileSync(file, 'utf8')
    const starts = text.split('.').map((_, index, parts) => parts.slice(0, index).join('.').length + 2)
    for (const at of starts) {
      const damaged = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
      writeFileSync(file, damaged)
      expect((await failureOf(aKeyring(folder).get('peer-key'))).code).toBe('KEY_UNREADABLE')
      expect(readFileSync(file, 'utf8')).toBe(damaged)
    }
  })

  it.each([
    ['is empty', ''],
    ['holds a key in hex', bytesToHex(KEY)],
    ['was cut short', sealByHand(KEY, SECRET).slice(0, -40)],
    ['has no text at all', '\u0000\u00ff\u0080'],
    ['is encrypted in a way that needs no secret', sealByHand(KEY, SECRET, { alg: 'dir' })],
    ['is encrypted in a weaker way', sealByHand(KEY, SECRET, { alg: 'PBES2-HS256+A128KW' })],
    ['asks for more iterations than anybody needs', sealByHand(KEY, SECRET, { p2c: 1_000_001 })],
    [
      'asks for no iteration',
      sealByHand(KEY, SECRET).replace(/^[^.]+/, base64({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 0, p2s: 'AAAA' })),
    ],
  ])('says so when its file %s', async (_what, text) => {
    const folder = aFolder()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'peer-key'), text)
    const failure = await failureOf(aKeyring(folder).get('peer-key'))
    expect(failure.code).toBe('KEY_UNREADABLE')
    expect(failure.message).toContain('"peer-key"')
    expect(failure.message).not.toContain(bytesToHex(KEY).slice(0, 8))
  })
})

describe('a keyring refuses', () => {
  it.each(['', '.', '..', '../peer-key', 'a/b', 'a\\b', '/etc/passwd', '.hidden', 'a\u0000b', 'key.', 'ключ', 'a b', 'x'.repeat(101)])(
    'the name %j, whatever is asked of it',
    async (name) => {
      const keyring = aKeyring(aFolder())
      for (const call of [() => keyring.get(name), () => keyring.set(name, KEY), () => keyring.remove(name)]) {
        const failure = await failureOf(call())
        expect(failure.code).toBe('INVALID_ARGUMENT')
        expect(failure.message).toContain('is no name of a key')
      }
    },
  )

  it('an empty secret, an empty key and a count of iterations that it would not read again', async () => {
    const folder = aFolder()
    expect(() => openKeyring({ folder, secret: '' })).toThrow('the secret of the keyring')
    for (const iterations of [0, 1.5, 1_000_001, Number.NaN]) {
      expect(() => openKeyring({ folder, secret: SECRET, iterations })).toThrow('iterations takes a whole number')
    }
    expect((await failureOf(aKeyring(folder).set('peer-key', new Uint8Array()))).message).toContain('that for "peer-key" has 0')
    expect(existsSync(folder)).toBe(false)
  })

  it('a folder that is a file, and says which', async () => {
    const folder = aFolder()
    mkdirSync(join(folder, '..'), { recursive: true })
    writeFileSync(folder, encodeText('x'))
    const keyring = aKeyring(folder)
    const calls = [
      () => keyring.get('peer-key'),
      () => keyring.set('peer-key', KEY),
      () => keyring.list(),
      () => keyring.remove('peer-key'),
    ]
    for (const call of calls) {
      const failure = await failureOf(call())
      expect(failure.code).toBe('STORAGE_FAILED')
      expect(failure.message).toContain(folder)
    }
  })
})

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
