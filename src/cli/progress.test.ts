import { describe, expect, it } from 'vitest'

import { showProgress } from './progress.ts'

describe('the progress of something long', () => {
  it('is one line, drawn now and then, and taken away at the end', () => {
    let time = 0
    const written: string[] = []
    const line = showProgress(
      { err: (text) => void written.push(text), errIsTerminal: true },
      { verb: 'Exporting', noun: 'documents', now: () => time },
    )
    time = 1000
    line.report({ done: 1200, total: 5000 })
    time = 1050
    line.report({ done: 1300, total: 5000 })
    time = 2000
    line.report({ done: 2400 })
    line.end()
    expect(written).toEqual([
      '\r\u001B[2KExporting 1,200 of 5,000 documents, 1,200/s',
      '\r\u001B[2KExporting 2,400 documents, 1,200/s',
      '\r\u001B[2K',
    ])
  })

  it('is silent where there is no terminal', () => {
    const written: string[] = []
    const line = showProgress({ err: (text) => void written.push(text), errIsTerminal: false }, { verb: 'Exporting', noun: 'documents' })
    line.report({ done: 1 })
    line.end()
    expect(written).toEqual([])
  })
})
