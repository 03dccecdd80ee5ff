import { describe, expect, it } from 'vitest'

import { applyJsonPatch, isSameJson, parseJsonPatch, pathOfSegments, pathSegments } from './json-patch.ts'

const DOCUMENT = { notes: [{ title: 'a' }, { title: 'b' }], 'a/b~c': 1 }

const patched = (...operations: readonly object[]): unknown => applyJsonPatch(DOCUMENT, parseJsonPatch(operations))

describe('applyJsonPatch', () => {
  it('adds, replaces, removes, copies and moves, one after another, and leaves the document as it was', () => {
    const before = structuredClone(DOCUMENT)
    expect(
      patched(
        { op: 'add', path: '/notes/1', value: { title: 'new' } },
        { op: 'replace', path: '/notes/0/title', value: 'A' },
        { op: 'remove', path: '/a~1b~0c' },
        { op: 'copy', from: '/notes/1', path: '/notes/-' },
        { op: 'add', path: '/notes/3/stars', value: 1 },
        { op: 'move', from: '/notes/2', path: '/notes/0' },
      ),
    ).toEqual({ notes: [{ title: 'b' }, { title: 'A' }, { title: 'new' }, { title: 'new', stars: 1 }] })
    expect(DOCUMENT).toEqual(before)
  })

  it('goes on when a test holds, whatever the order of members', () => {
    expect(patched({ op: 'test', path: '/notes', value: [{ title: 'a' }, { title: 'b' }] })).toEqual(DOCUMENT)
    expect(isSameJson({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true)
    expect(isSameJson([1, 2], [2, 1])).toBe(false)
  })

  it.each([
    [{ op: 'test', path: '/notes/0/title', value: 'b' }, 'testing value /notes/0/title failed: test failed'],
    [{ op: 'test', path: '/none', value: 1 }, 'testing value /none failed: test failed'],
    [{ op: 'add', path: '/none/x', value: 1 }, 'add operation does not apply: doc is missing path: "/none/x"'],
    [{ op: 'add', path: '/notes/3', value: 1 }, 'add operation does not apply: doc is missing path: "/notes/3"'],
    [{ op: 'add', path: '/notes/01', value: 1 }, 'doc is missing path'],
    [{ op: 'replace', path: '/notes/-', value: 1 }, 'replace operation does not apply: doc is missing key: "/notes/-"'],
    [{ op: 'replace', path: '/none', value: 1 }, 'doc is missing key: "/none"'],
    [{ op: 'remove', path: '/notes/2' }, 'remove operation does not apply: doc is missing path: "/notes/2"'],
    [{ op: 'remove', path: '/notes/length' }, 'doc is missing path'],
    [{ op: 'copy', from: '/none', path: '/x' }, 'copy operation does not apply: doc is missing from path: "/none"'],
    [{ op: 'copy', from: '/notes/0', path: '/notes/9' }, 'copy operation does not apply: doc is missing path: "/notes/9"'],
    [{ op: 'move', from: '/none', path: '/x' }, 'move operation does not apply: doc is missing from path: "/none"'],
    [{ op: 'move', from: '/notes', path: '/notes/0/x' }, '"/notes" cannot be moved into itself, to "/notes/0/x"'],
  ])('refuses %j', (operation, message) => {
    expect(() => patched(operation)).toThrow(message)
  })

  it('reaches nothing that objects inherit from the language', () => {
    for (const path of ['/toString/x', '/constructor/prototype/x', '/notes/push/x', '/__proto__/x']) {
      expect(() => patched({ op: 'add', path, value: 1 })).toThrow('doc is missing path')
    }
    patched({ op: 'add', path: '/__proto__', value: { polluted: true } })
    expect('polluted' in {}).toBe(false)
  })

  it('lets paths be rewritten by what the document holds at that moment', () => {
    const last = applyJsonPatch(DOCUMENT, parseJsonPatch([{ op: 'remove', path: '/last' }]), (document, target) => {
      const size = isSameJson(document, DOCUMENT) ? 2 : 0
      return { ...target, path: `/notes/${size - 1}` }
    })
    expect(last).toMatchObject({ notes: [{ title: 'a' }] })
    expect(() => applyJsonPatch(DOCUMENT, parseJsonPatch([{ op: 'add', path: '/x', value: 1 }]), () => undefined)).toThrow(
      'doc is missing path: "/x"',
    )
  })
})

describe('parseJsonPatch', () => {
  it('reads JSON text', () => {
    expect(parseJsonPatch('[{"op": "remove", "path": "/a"}]')).toEqual([{ op: 'remove', path: '/a', from: '', value: undefined }])
  })

  it.each([
    ['{', 'the patch is no JSON text'],
    ['{}', 'a patch is a list of operations'],
    [[1], 'an operation of a patch is an object'],
    [[{ op: 'put', path: '/a' }], 'unexpected kind: put; an operation is one of add, replace, remove, test, copy, move'],
    [[{ op: 'toString', path: '/a' }], 'unexpected kind: toString'],
    [[{ op: 'add', path: '/a' }], 'the operation "add" at "/a" needs a "value"'],
    [[{ op: 'remove', path: 'a' }], 'needs a "path" that begins with "/"'],
    [[{ op: 'copy', path: '/a' }], 'the operation "copy" needs a "from"'],
  ])('refuses %j', (patch, message) => {
    expect(() => parseJsonPatch(patch)).toThrow(message)
  })
})

describe('a path', () => {
  it('is made of parts and taken apart again', () => {
    const parts = ['Users', 'a/b', 'm~n', '']
    expect(pathSegments(pathOfSegments(parts))).toEqual(parts)
    expect(pathOfSegments(parts)).toBe('/Users/a~1b/m~0n/')
  })
})
