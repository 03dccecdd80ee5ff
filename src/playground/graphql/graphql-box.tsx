import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'

import { messageOf, type CollectionVersion, type Database, type RequestResult } from '../../index.browser.ts'
import { exampleRequests } from './example-requests.ts'
import { RequestAnswer } from './request-answer.tsx'
import { parseVariables } from './variables.ts'

interface GraphqlBoxProps {
  readonly db: Database
  /** The collection that the examples are about. */
  readonly collection: CollectionVersion
}

/** A request of any kind, and what the database answers. */
export function GraphqlBox({ db, collection }: GraphqlBoxProps): ReactNode {
  const examples = exampleRequests(collection)
  const [request, setRequest] = useState(examples[0]?.request ?? '')
  const [variables, setVariables] = useState('')
  const [answer, setAnswer] = useState<{ readonly result: RequestResult; readonly milliseconds: number }>()
  const [wrongVariables, setWrongVariables] = useState<string>()
  const [isRunning, setRunning] = useState(false)
  const id = useId()

  const run = async (): Promise<void> => {
    const parsed = parseVariables(variables)
    if (parsed.kind === 'wrong') return setWrongVariables(parsed.reason)
    setWrongVariables(undefined)
    setRunning(true)
    const started = performance.now()
    const result = await db.execute(request, { variables: parsed.value }).catch(
      // What is wrong with the request stands in the result; what rejects is the database itself, such as one that was closed.
      (error: unknown): RequestResult => ({ data: null, errors: [{ message: messageOf(error) }] }),
    )
    setAnswer({ result, milliseconds: performance.now() - started })
    setRunning(false)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void run()
  }

  return (
    <section className="card" aria-labelledby="graphql-title">
      <header>
        <h2 id="graphql-title">GraphQL</h2>
        <nav className="tabs" aria-label="Examples">
          {examples.map((example) => (
            <button
              key={example.name}
              type="button"
              className="quiet"
              data-testid="example"
              onClick={() => {
                setRequest(example.request)
                setVariables(example.variables)
              }}
            >
              {example.name}
            </button>
          ))}
        </nav>
      </header>
      <div className="request">
        <div>
          <label className="for-readers" htmlFor={`${id}-request`}>
            Request
          </label>
          <textarea
            id={`${id}-request`}
            className="code"
            data-testid="graphql-input"
            rows={8}
            spellCheck={false}
            value={request}
            onChange={({ target }) => setRequest(target.value)}
            onKeyDown={onKeyDown}
          />
          <details open={variables !== ''}>
            <summary>Variables</summary>
            <label className="for-readers" htmlFor={`${id}-variables`}>
              Variables, as JSON
            </label>
            <textarea
              id={`${id}-variables`}
              className="code"
              data-testid="graphql-variables"
              rows={2}
              spellCheck={false}
              placeholder="{ }"
              aria-invalid={wrongVariables !== undefined}
              value={variables}
              onChange={({ target }) => setVariables(target.value)}
              onKeyDown={onKeyDown}
            />
            {wrongVariables !== undefined && (
              <p className="wrong" role="alert">
                {wrongVariables}
              </p>
            )}
          </details>
          <div className="buttons">
            <span className="hint">Ctrl or ⌘ with Enter</span>
            <button type="button" className="primary" data-testid="graphql-run" disabled={isRunning} onClick={() => void run()}>
              Run
            </button>
          </div>
        </div>
        <RequestAnswer answer={answer} />
      </div>
    </section>
  )
}
