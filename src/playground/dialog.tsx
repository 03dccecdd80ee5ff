import { useEffect, useId, useRef, type ReactNode } from 'react'

interface DialogProps {
  readonly title: string
  readonly action: string
  readonly submit: () => void
  /** What the button says that leaves it; 'Cancel' unless it is given. */
  readonly leave?: string
  /** Called when the dialog is left without submitting: by its button, by Escape. */
  readonly close: () => void
  readonly children: ReactNode
}

/** A modal form. The browser's own dialog keeps the focus inside, and gives it back. */
export function Dialog({ title, action, submit, leave = 'Cancel', close, children }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <h2 id={titleId}>{title}</h2>
        {children}
        <div className="buttons">
          <button type="button" onClick={close}>
            {leave}
          </button>
          <button type="submit" className="primary" data-testid="dialog-submit">
            {action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
