import type { CollectionVersion } from '../../index.browser.ts'
import { valueFields, type ValueField } from '../documents/cell-kinds.ts'

export interface ExampleRequest {
  readonly name: string
  readonly request: string
  /** JSON text. */
  readonly variables: string
}

/** Requests to start from, written for a collection: one line an example. */
export function exampleRequests({ name, fields }: CollectionVersion): readonly ExampleRequest[] {
  const columns = valueFields(fields)
  const selection = ['_docID', ...columns.map((field) => field.name)].join('\n    ')
  const text = columns.find(({ kind }) => kind.name === 'String')
  const settable = columns.filter(({ kind }) => kind.list === false && kind.scalar in SAMPLES)
  return [
    { name: 'All', request: `query {\n  ${name} {\n    ${selection}\n  }\n}`, variables: '' },
    ...(text === undefined ? [] : [filtered(name, text, selection)]),
    { name: 'Create', request: `mutation {\n  create_${name}(input: { ${sample(settable, 2)} }) {\n    _docID\n  }\n}`, variables: '' },
    {
      name: 'Update all',
      request: `mutation {\n  update_${name}(input: { ${sample(settable, 1)} }) {\n    ${selection}\n  }\n}`,
      variables: '',
    },
    {
      name: 'History',
      request: `query {\n  ${name}(limit: 5) {\n    _docID\n    _version {\n      cid\n      height\n    }\n  }\n}`,
      variables: '',
    },
  ]
}

function filtered(collection: string, field: ValueField, selection: string): ExampleRequest {
  return {
    name: 'Filter',
    request: `query Find($text: String) {\n  ${collection}(filter: { ${field.name}: { _ne: $text } }, order: { ${field.name}: ASC }, limit: 10) {\n    ${selection}\n  }\n}`,
    variables: '{ "text": "" }',
  }
}

/** Values for the first fields, as they stand in a request. */
function sample(fields: readonly ValueField[], count: number): string {
  return fields
    .slice(0, count)
    .map(({ name, kind }) => `${name}: ${SAMPLES[kind.scalar] ?? 'null'}`)
    .join(', ')
}

const SAMPLES: Readonly<Partial<Record<ValueField['kind']['scalar'], string>>> = {
  Boolean: 'true',
  Int: '42',
  Float64: '4.2',
  Float32: '4.2',
  String: '"written in GraphQL"',
}
