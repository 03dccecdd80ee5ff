/** A piece of a template: a text, or the name of the field whose value stands there. */
export type TemplatePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'field'; readonly name: string }

/** `{{ .name }}`, the one action of Go's templates that is known here. */
const FIELD = /\{\{\s*\.(\w+)\s*\}\}/

/** The parts of an embedding's template. What `templateFault` finds fault with comes out as text. */
export function templateParts(template: string): readonly TemplatePart[] {
  return template
    .split(FIELD)
    .map((piece, index): TemplatePart => (index % 2 === 0 ? { kind: 'text', text: piece } : { kind: 'field', name: piece }))
}

/** What is wrong with a template that may name these fields; `undefined` when nothing is. */
export function templateFault(template: string, fields: readonly string[]): string | undefined {
  for (const part of templateParts(template)) {
    if (part.kind === 'text' && part.text.includes('{{')) {
      const action = /\{\{.{0,40}/s.exec(part.text)?.[0] ?? part.text
      return `an embedding template can only name fields, as in "{{ .${fields[0] ?? 'name'} }}", not ${JSON.stringify(action)}`
    }
    if (part.kind === 'field' && !fields.includes(part.name)) {
      return `the given field is not among the embedding's fields. Template field: ${part.name}; it has ${fields.join(', ')}`
    }
  }
  return undefined
}
