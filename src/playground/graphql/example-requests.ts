import type { CollectionVersion, IndexDescription } from '../../index.browser.ts'
import { valueFields, type ValueField } from '../documents/cell-kinds.ts'

export interface ExampleRequest {
  readonly name: string
  readonly request: string
  /** JSON text. */
  readonly variables: string
}

/** Requests to start from, written for a collection. Those that need a text to look for, or an index, are there when it has one. */
export function exampleRequests({ name, fields, indexes }: CollectionVersion): readonly ExampleRequest[] {
  const columns = valueFields(fields)
  const selection = ['_docID', ...columns.map((field) => field.name)].join('\n    ')
  const text = columns.find(({ kind }) => kind.name === 'String')
  const mark = text === undefined ? '' : `${text.name}: ${SAMPLES.String}`
  const settable = columns.filter((field) => field !== text && field.kind.list === false && field.kind.scalar in SAMPLES)
  const sample = settable.slice(0, 1).map((field) => `${field.name}: ${SAMPLES[field.kind.scalar] ?? 'null'}`)
  const input = [...(text === undefined ? [] : [mark]), ...sample].join(', ')

  const all = { name: 'All', request: `query {\n  ${name} {\n    ${selection}\n  }\n}`, variables: '' }
  const create = { name: 'Create', request: `mutation {\n  create_${name}(input: { ${input} }) {\n    _docID\n  }\n}`, variables: '' }
  const history = {
    name: 'History',
    request: `query {\n  ${name}(limit: 5) {\n    _docID\n    _version {\n      cid\n      height\n    }\n  }\n}`,
    variables: '',
  }
  const subscribe = { name: 'Subscribe', request: `subscription {\n  ${name} {\n    ${selection}\n  }\n}`, variables: '' }
  const explain = explainExamples(name, columns, indexes)
  if (text === undefined) return [all, create, history, subscribe, ...explain]

  const find = {
    name: 'Find',
    request: `query Find($text: String) {\n  ${name}(filter: { ${text.name}: { _like: $text } }, order: { ${text.name}: ASC }, limit: 10) {\n    ${selection}\n  }\n}`,
    variables: '{ "text": "%a%" }',
  }
  const found = `filter: { ${text.name}: { _eq: ${SAMPLES.String} } }`
  const update = {
    name: 'Update',
    request: `mutation {\n  update_${name}(${found}, input: { ${sample.join(', ') || mark} }) {\n    ${selection}\n  }\n}`,
    variables: '',
  }
  const remove = { name: 'Delete', request: `mutation {\n  delete_${name}(${found}) {\n    _docID\n  }\n}`, variables: '' }
  return [all, find, create, update, remove, history, subscribe, ...explain]
}

/** A query whose plan names the index that finds its documents; none for a collection without an index on something to look for. */
function explainExamples(
  collection: string,
  columns: readonly ValueField[],
  indexes: readonly IndexDescription[],
): readonly ExampleRequest[] {
  for (const { fields } of indexes) {
    const field = columns.find(({ name, kind }) => name === fields[0]?.name && kind.list === false)
    const sample = field === undefined ? undefined : SAMPLES[field.kind.scalar]
    if (field === undefined || sample === undefined) continue
    const filter = `filter: { ${field.name}: { _eq: ${sample} } }`
    return [{ name: 'Explain', request: `query @explain {\n  ${collection}(${filter}) {\n    _docID\n  }\n}`, variables: '' }]
  }
  return []
}

/** What stands in a request for a value of the kind. */
const SAMPLES: Readonly<Partial<Record<ValueField['kind']['scalar'], string>>> = {
  Boolean: 'true',
  Int: '42',
  Float64: '4.2',
  Float32: '4.2',
  String: '"written in GraphQL"',
}
