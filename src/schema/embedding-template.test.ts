import { describe, expect, it } from 'vitest'

import { templateFault, templateParts } from './embedding-template.ts'

describe('an embedding template', () => {
  it('is text with the values of fields in it', () => {
    expect(templateParts('Name: {{ .name }}, {{.about}}!')).toEqual([
      { kind: 'text', text: 'Name: ' },
      { kind: 'field', name: 'name' },
      { kind: 'text', text: ', ' },
      { kind: 'field', name: 'about' },
      { kind: 'text', text: '!' },
    ])
    expect(templateFault('Name: {{ .name }}, {{.about}} }}!', ['name', 'about'])).toBeUndefined()
  })

  it.each([
    ['{{ .other }}', "the given field is not among the embedding's fields. Template field: other; it has name"],
    ['{{ if .name }}yes{{ end }}', 'an embedding template can only name fields, as in "{{ .name }}", not "{{ if .name }}yes{{ end }}"'],
    ['{{ .name', 'an embedding template can only name fields, as in "{{ .name }}", not "{{ .name"'],
    ['{{ .name.first }}', 'not "{{ .name.first }}"'],
  ])('%s is refused', (template, fault) => {
    expect(templateFault(template, ['name'])).toContain(fault)
  })
})
