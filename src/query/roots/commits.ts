import { DatabaseError } from '../../errors.ts'
import { latestCommits, listCommits } from '../commits/list-commits.ts'
import { selectCommits } from '../commits/select-commits.ts'
import { node, type ExplainMode, type Graph } from '../explain/graph.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RootPlanner } from './root.ts'

/** `commits(…)`: the history of everything, of one document or field, or from one commit back. */
export const commitsRoot: RootPlanner = (field) => {
  if (field.name !== 'commits') return undefined
  const { depth } = field.arguments
  if (typeof depth === 'number' && depth < 1) {
    throw new DatabaseError('INVALID_REQUEST', `"depth" counts commits in a row from 1; ${depth} would show none`, {})
  }
  const listing = {
    ...textIn(field, 'cid', 'cid'),
    ...textIn(field, 'docID', 'docId'),
    ...textIn(field, 'fieldName', 'fieldName'),
    ...(typeof depth === 'number' ? { depth } : {}),
  }
  return {
    run: async (execution) => selectCommits(field, await listCommits(listing, execution), execution),
    explain: (mode) => explainCommits(field, mode),
  }
}

/** `latestCommits(docID:)`: what a document, or one of its fields, consists of now. */
export const latestCommitsRoot: RootPlanner = (field) => {
  if (field.name !== 'latestCommits') return undefined
  const { docID, fieldName } = field.arguments
  return {
    run: async (execution) =>
      selectCommits(field, await latestCommits(String(docID), typeof fieldName === 'string' ? fieldName : undefined, execution), execution),
    explain: (mode) => explainCommits(field, mode),
  }
}

function explainCommits(
  { arguments: { cid = null, docID = null, fieldName = null, depth = null } }: RequestField,
  mode: ExplainMode,
): Graph {
  const scan = node('dagScanNode', mode, { attributes: { cid, docID, fieldName, depth } })
  return { selectTopNode: node('selectNode', mode, {}, scan) }
}

/** A text argument under the name it has in a listing; absent when it is not given or null. */
function textIn<Name extends string>(
  { arguments: given }: RequestField,
  argument: string,
  name: Name,
): { readonly [key in Name]?: string } {
  const text = given[argument]
  return typeof text === 'string' ? ({ [name]: text } as { readonly [key in Name]?: string }) : {}
}
