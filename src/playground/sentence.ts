/** Messages of errors begin small, to be quoted by others; on the page they begin a sentence. */
export function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1)
}
