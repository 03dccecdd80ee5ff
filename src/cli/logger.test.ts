import { describe, expect, it } from 'vitest'

import { createLoggers, hasColor, type Logger, type LoggerOptions } from './logger.ts'

const TIME = new Date(2026, 0, 2, 10, 15, 49, 124).getTime()

function aLogger(options: Partial<LoggerOptions> = {}): { readonly log: Logger; readonly lines: readonly string[] } {
  const lines: string[] = []
  const loggers = createLoggers({
    level: 'info',
    format: 'text',
    color: false,
    write: (line) => lines.push(line),
    now: () => TIME,
    ...options,
  })
  return { log: loggers('net'), lines }
}

describe('a log line', () => {
  it('looks as in the guide', () => {
    const { log, lines } = aLogger()
    log.info('Created LibP2P host', { PeerId: '12D3KooW', Address: ['/ip4/127.0.0.1/tcp/9171'] })
    expect(lines).toEqual(['Jan 2 10:15:49.124 INF net Created LibP2P host PeerId=12D3KooW Address=[/ip4/127.0.0.1/tcp/9171]\n'])
  })

  it('is one object when the format is json', () => {
    const { log, lines } = aLogger({ format: 'json', color: true })
    log.error('failed', { peer: 'a', count: 3n })
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { time: new Date(TIME).toISOString(), level: 'ERROR', name: 'net', msg: 'failed', peer: 'a', count: '3' },
    ])
  })

  it('is left out below the level', () => {
    const { log, lines } = aLogger({ level: 'warn' })
    log.debug('one')
    log.info('two')
    log.warn('three')
    log.fatal('four')
    expect(lines.map((line) => line.split(' ')[3])).toEqual(['WRN', 'FTL'])
  })

  it('has colours only when they are wanted', () => {
    const { log, lines } = aLogger({ color: true })
    log.warn('three')
    expect(lines[0]).toContain('\u001B[33mWRN\u001B[0m')
  })

  it('stays one line whatever a peer wrote, and quotes what could be misread', () => {
    const { log, lines } = aLogger()
    log.info('refused\nJan 3 fake\u001B[2J', { reason: 'a b="c"', empty: '', nested: { a: 1 } })
    expect(lines).toEqual(['Jan 2 10:15:49.124 INF net refused Jan 3 fake [2J reason="a b=\\"c\\"" empty="" nested={"a":1}\n'])
  })
})

describe('colours', () => {
  it('are for terminals, unless somebody does not want them', () => {
    expect(hasColor(true, false, {})).toBe(true)
    expect(hasColor(false, false, {})).toBe(false)
    expect(hasColor(true, true, {})).toBe(false)
    expect(hasColor(true, false, { NO_COLOR: '1' })).toBe(false)
    expect(hasColor(true, false, { NO_COLOR: '' })).toBe(true)
  })
})
