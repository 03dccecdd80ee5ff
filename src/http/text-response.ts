const WHOLE: unique symbol = Symbol('the whole text of a response')

/** A response whose text is kept beside its stream. A server can send it in one go, which takes it a third less time than reading the stream. */
export function textResponse(text: string, init: ResponseInit): Response {
  return Object.assign(new Response(text, init), { [WHOLE]: text })
}

/** What a `textResponse` says; `undefined` for all others. */
export function wholeText(response: Response & { readonly [WHOLE]?: string }): string | undefined {
  return response[WHOLE]
}
