import { describe, expect, it } from 'vitest'

import { STATUS_ACTIVE, STATUS_DELETED } from '../block/block.ts'
import { mergeStatus } from './status.ts'

describe('the status of a document', () => {
  it('is that of its first composite', () => {
    expect(mergeStatus(undefined, STATUS_ACTIVE)).toBe(STATUS_ACTIVE)
    expect(mergeStatus(undefined, STATUS_DELETED)).toBe(STATUS_DELETED)
  })

  it('is deleted for good once any composite deletes it, in either order', () => {
    expect(mergeStatus(STATUS_ACTIVE, STATUS_DELETED)).toBe(STATUS_DELETED)
    expect(mergeStatus(STATUS_DELETED, STATUS_ACTIVE)).toBe(STATUS_DELETED)
    expect(mergeStatus(STATUS_ACTIVE, STATUS_ACTIVE)).toBe(STATUS_ACTIVE)
  })
})
