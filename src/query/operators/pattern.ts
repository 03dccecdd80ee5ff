import type { DocumentValue } from '../../schema/document-value.ts'
import { TEXT_SCALARS, type Operator, type ValueTest } from './operator.ts'

interface PatternOptions {
  readonly name: Operator['name']
  readonly ignoreCase: boolean
  readonly negated: boolean
}

/** An operator that matches texts against a pattern, where `%` stands for any characters, also none. What is no text matches no pattern. */
export function pattern({ name, ignoreCase, negated }: PatternOptions): Operator {
  return {
    name,
    scalars: TEXT_SCALARS,
    operand: 'text',
    compile: (operand) => {
      const isLike = likeTest(operand, ignoreCase ? (text) => text.toLowerCase() : (text) => text)
      return negated ? (value) => !isLike(value) : isLike
    },
    seek: (operand) => {
      if (negated) return undefined
      return operand === null ? { among: [null] } : {}
    },
  }
}

function likeTest(operand: DocumentValue, fold: (text: string) => string): ValueTest {
  if (typeof operand !== 'string') return (value) => value === operand
  const parts = fold(operand).split('%')
  return (value) => typeof value === 'string' && matches(fold(value), parts)
}

/** Whether the parts stand in the text in their order: the first at its beginning, the last at its end. */
function matches(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let offset = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, offset)
    if (found < 0 || found + part.length > end) return false
    offset = found + part.length
  }
  return true
}
