import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'

import { messageOf, type DocumentValue } from '../../index.browser.ts'
import { sentence } from '../sentence.ts'
import { cellKind, type ValueField } from './cell-kinds.ts'

interface CellProps {
  readonly field: ValueField
  readonly value: DocumentValue
  /** What a screen reader calls the control. */
  readonly label: string
  /** Saves a new value, or for a counter the increment. Rejects with the reason. */
  readonly save: (value: DocumentValue) => Promise<void>
}

/** One value of a document, edited in place. */
export function Cell(props: CellProps): ReactNode {
  switch (cellKind(props.field).control) {
    case 'check':
      return <CheckCell {...props} />
    case 'counter':
      return <CounterCell {...props} />
    case 'line':
    case 'time':
    case 'text':
      return <TextCell {...props} />
  }
}

interface Draft {
  readonly text: string
  /** The text of the value when the editing began. */
  readonly base: string
}

/**
 * A cell that is typed into. While it holds a draft, what arrives from other nodes does not touch it: Enter or leaving the cell saves the draft, Escape
 * takes the value as it is by then.
 */
function TextCell({ field, value, label, save }: CellProps): ReactNode {
  const kind = cellKind(field)
  const text = kind.print(value)
  const [draft, setDraft] = useState<Draft>()
  const [failure, setFailure] = useState<string>()
  const noteId = useId()

  const revert = (): void => {
    setDraft(undefined)
    setFailure(undefined)
  }
  const commit = async (): Promise<void> => {
    if (draft === undefined) return
    if (draft.text === text) return revert()
    const parsed = kind.parse(draft.text)
    if (parsed.kind === 'wrong') return setFailure(parsed.reason)
    try {
      await save(parsed.value)
      // Who typed on while it was being saved keeps what he typed.
      setDraft((latest) => (latest === draft ? undefined : latest))
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') revert()
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void commit()
    }
  }

  const isOvertaken = draft !== undefined && draft.base !== text
  const control = {
    'data-testid': 'cell',
    'data-field': field.name,
    'aria-label': label,
    'aria-invalid': failure !== undefined,
    'aria-describedby': noteId,
    inputMode: kind.inputMode,
    spellCheck: kind.control === 'text' && kind.inputMode === 'text',
    placeholder: value === null ? '–' : '',
    value: draft?.text ?? text,
    onChange: ({ target }: { readonly target: { readonly value: string } }) =>
      setDraft({ text: target.value, base: draft === undefined ? text : draft.base }),
    onBlur: () => void commit(),
    onKeyDown,
  }
  // Lies over the control until that is focused: changing the control's own text at that moment would lose the caret.
  const face = draft === undefined && kind.show(value) !== text ? kind.show(value) : undefined
  return (
    <>
      <span className="typed">
        {face !== undefined && (
          <span className="face" aria-hidden="true">
            {face}
          </span>
        )}
        {kind.control === 'text' ? <textarea rows={1} {...control} /> : <input type="text" {...control} />}
      </span>
      <CellNote id={noteId} failure={failure}>
        {isOvertaken && `Now “${text}”, written elsewhere. Enter keeps yours, Escape takes it.`}
      </CellNote>
    </>
  )
}

function CheckCell({ field, value, label, save }: CellProps): ReactNode {
  const [wanted, setWanted] = useState<boolean>()
  const [failure, setFailure] = useState<string>()
  const box = useRef<HTMLInputElement>(null)
  const noteId = useId()
  useEffect(() => {
    // "Not known" is a state of its own, which HTML has no attribute for.
    if (box.current !== null) box.current.indeterminate = value === null && wanted === undefined
  }, [value, wanted])

  const change = async (checked: boolean): Promise<void> => {
    setWanted(checked)
    setFailure(undefined)
    try {
      await save(checked)
    } catch (error) {
      setFailure(messageOf(error))
    }
    setWanted(undefined)
  }
  return (
    <>
      <input
        ref={box}
        type="checkbox"
        data-testid="cell"
        data-field={field.name}
        aria-label={label}
        aria-describedby={noteId}
        checked={wanted ?? value === true}
        onChange={({ target }) => void change(target.checked)}
      />
      <CellNote id={noteId} failure={failure} />
    </>
  )
}

/** A counter is not set but counted, so that counts of several nodes add up. */
function CounterCell({ field, value, label, save }: CellProps): ReactNode {
  const [failure, setFailure] = useState<string>()
  const noteId = useId()
  const count = async (increment: number): Promise<void> => {
    setFailure(undefined)
    try {
      await save(increment)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <>
      <span className="counter" role="group" aria-label={label} aria-describedby={noteId}>
        {field.crdt === 'pncounter' && (
          <button type="button" className="quiet" data-testid="count-down" aria-label={`one less: ${label}`} onClick={() => void count(-1)}>
            −
          </button>
        )}
        <output data-testid="cell" data-field={field.name}>
          {cellKind(field).print(value)}
        </output>
        <button type="button" className="quiet" data-testid="count-up" aria-label={`one more: ${label}`} onClick={() => void count(1)}>
          +
        </button>
      </span>
      <CellNote id={noteId} failure={failure} />
    </>
  )
}

/** What is to be said about a cell, beside it. */
export function CellNote(props: { readonly id: string; readonly failure: string | undefined; readonly children?: ReactNode }): ReactNode {
  const { id, failure, children } = props
  return (
    <span id={id} className={failure === undefined ? 'cell-note' : 'cell-note wrong'} role="status">
      {failure === undefined ? children : sentence(failure)}
    </span>
  )
}
