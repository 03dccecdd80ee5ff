import { memo, type ReactNode } from 'react'

import type { RequestError, RequestResult } from '../../index.browser.ts'
import { sentence } from '../sentence.ts'
import { jsonTokens, printJson } from '../json-text.ts'

/** Text beyond this is cut: nobody reads it here, and drawing it would stop the page. */
const MOST_CHARACTERS = 60_000

interface RequestAnswerProps {
  readonly answer: { readonly result: RequestResult; readonly milliseconds: number } | undefined
}

/** The result of a request: first what went wrong, in sentences, then the data. */
export const RequestAnswer: (props: RequestAnswerProps) => ReactNode = memo(function RequestAnswer({ answer }: RequestAnswerProps) {
  if (answer === undefined) {
    return (
      <div className="answer">
        <p className="hint">The answer comes here.</p>
      </div>
    )
  }
  const { data, errors = [] } = answer.result
  const text = data === null ? '' : printJson(data, '  ')
  return (
    <div className="answer" data-testid="graphql-result" aria-live="polite">
      {errors.map((error, index) => (
        <p key={index} className="wrong" data-testid="graphql-error">
          {sentence(error.message)}
          <span className="where">{whereOf(error)}</span>
        </p>
      ))}
      {text !== '' && <JsonText text={text.slice(0, MOST_CHARACTERS)} />}
      <p className="hint">
        {text.length > MOST_CHARACTERS && `${(text.length - MOST_CHARACTERS).toLocaleString()} more characters are not shown. `}
        {answer.milliseconds.toFixed(1)} ms
      </p>
    </div>
  )
})

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
