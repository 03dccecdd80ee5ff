import { memo, type ReactNode } from 'react'

import type { RequestError } from '../../index.browser.ts'
import { sentence } from '../sentence.ts'
import { jsonTokens, printJson } from '../json-text.ts'
import type { Answer } from './use-answer.ts'
import type { WatchedAnswer } from './watch-request.ts'

/** Text beyond this is cut: nobody reads it here, and drawing it would stop the page. */
const MOST_CHARACTERS = 60_000

interface RequestAnswerProps {
  readonly answer: Answer | undefined
}

/** The result of a request, or its results, the newest first: what went wrong in sentences, then the data. */
export const RequestAnswer: (props: RequestAnswerProps) => ReactNode = memo(function RequestAnswer({ answer }: RequestAnswerProps) {
  if (answer === undefined) {
    return (
      <div className="answer">
        <p className="hint">The answer comes here.</p>
      </div>
    )
  }
  const results = answer.kind === 'ran' ? [answer.result] : answer.results
  const errors = results.flatMap((result) => result.errors ?? [])
  const text = results.flatMap(({ data }) => (data === null ? [] : [printJson(data, '  ')])).join('\n\n')
  return (
    // What changes by itself would be read out over and over.
    <div className="answer" data-testid="graphql-result" aria-live={answer.kind === 'ran' ? 'polite' : 'off'}>
      {errors.map((error, index) => (
        <p key={index} className="wrong" data-testid="graphql-error">
          {sentence(error.message)}
          <span className="where">{whereOf(error)}</span>
        </p>
      ))}
      {text !== '' && <JsonText text={text.slice(0, MOST_CHARACTERS)} />}
      <p className="hint">
        {text.length > MOST_CHARACTERS && `${(text.length - MOST_CHARACTERS).toLocaleString()} more characters are not shown. `}
        {answer.kind === 'ran' ? `${answer.milliseconds.toFixed(1)} ms` : <WatchState answer={answer} />}
      </p>
    </div>
  )
})

function WatchState({ answer: { isOpen, count, lastAt } }: { readonly answer: WatchedAnswer }): ReactNode {
  const updates = `${count.toLocaleString()} ${count === 1 ? 'update' : 'updates'}`
  const last = lastAt === undefined ? [] : [`last ${new Date(lastAt).toLocaleTimeString([], { hour12: false })}`]
  return (
    <span className="watch-state" data-testid="graphql-watch-state">
      {[isOpen ? 'watching' : 'stopped', updates, ...last].join(' · ')}
    </span>
  )
}

function whereOf({ locations = [], path = [], extensions }: RequestError): string {
  const places = locations.map(({ line, column }) => `line ${line}, column ${column}`)
  return [...places, ...(path.length === 0 ? [] : [`at ${path.join('.')}`]), ...(extensions === undefined ? [] : [extensions.code])].join(
    ' · ',
  )
}

function JsonText({ text }: { readonly text: string }): ReactNode {
  return (
    <pre tabIndex={0}>
      {[...jsonTokens(text)].map((token, index) =>
        token.kind === 'other' ? (
          token.text
        ) : (
          <span key={index} className={`json-${token.kind}`}>
            {token.text}
          </span>
        ),
      )}
    </pre>
  )
}
