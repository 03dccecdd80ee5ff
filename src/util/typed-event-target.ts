/** An event target whose event names and details are known: each event is a `CustomEvent` with the mapped detail. */
export interface TypedEventTarget<Events extends object> {
  addEventListener<Name extends keyof Events & string>(
    name: Name,
    listener: (event: CustomEvent<Events[Name]>) => void,
    options?: AddEventListenerOptions,
  ): void
  removeEventListener<Name extends keyof Events & string>(name: Name, listener: (event: CustomEvent<Events[Name]>) => void): void
}

/** The owner's end of a typed event target. */
export interface Emitter<Events extends object> {
  readonly target: TypedEventTarget<Events>
  emit<Name extends keyof Events & string>(name: Name, detail: Events[Name]): void
}

export function createEmitter<Events extends object>(): Emitter<Events> {
  const target = new EventTarget()
  // `emit` is the only sender and sends what the map says, which the platform's own signature cannot express.
  return {
    target: {
      addEventListener: (name, listener, options) => {
        target.addEventListener(name, listener as EventListener, options)
      },
      removeEventListener: (name, listener) => {
        target.removeEventListener(name, listener as EventListener)
      },
    },
    emit: (name, detail) => {
      target.dispatchEvent(new CustomEvent(name, { detail }))
    },
  }
}
