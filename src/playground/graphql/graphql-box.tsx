import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'

import { isSubscription, type CollectionVersion, type Database } from '../../index.browser.ts'
import { exampleRequests } from './example-requests.ts'
import { RequestAnswer } from './request-answer.tsx'
import { useAnswer } from './use-answer.ts'
import { parseVariables } from './variables.ts'

interface GraphqlBoxProps {
  readonly db: Database
  /** The collection that the examples are about. */
  readonly collection: CollectionVersion
}

/** A request of any kind, and what the database answers: once, or again after every change while it is watched. */
export function GraphqlBox({ db, collection }: GraphqlBoxProps): ReactNode {
  const examples = exampleRequests(collection)
  const [request, setRequest] = useState(examples[0]?.request ?? '')
  const [variables, setVariables] = useState('')
  const [wrongVariables, setWrongVariables] = useState<string>()
  const { answer, isRunning, isWatching, run, watch, stop } = useAnswer(db)
  const id = useId()

  /** What is watched and what is shown as the request must be the same. */
  const edit = (change: () => void): void => {
    stop()
    change()
  }
  const start = (isWatch: boolean): void => {
    const parsed = parseVariables(variables)
    setWrongVariables(parsed.kind === 'wrong' ? parsed.reason : undefined)
    if (parsed.kind === 'wrong' || isRunning) return
    // There is no other way to run a subscription.
    if (isWatch || isSubscription(request)) watch(request, parsed.value)
    else void run(request, parsed.value)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    start(false)
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
              onClick={() =>
                edit(() => {
                  setRequest(example.request)
                  setVariables(example.variables)
                })
              }
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
            onChange={({ target }) => edit(() => setRequest(target.value))}
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
              onChange={({ target }) => edit(() => setVariables(target.value))}
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
            <button
              type="button"
              className="toggle"
              data-testid="graphql-watch"
              title="Keep the answer up to date"
              aria-pressed={isWatching}
              disabled={isRunning}
              onClick={() => (isWatching ? stop() : start(true))}
            >
              Watch
            </button>
            <button type="button" className="primary" data-testid="graphql-run" disabled={isRunning} onClick={() => start(false)}>
              Run
            </button>
          </div>
        </div>
        <RequestAnswer answer={answer} />
      </div>
    </section>
  )
}
