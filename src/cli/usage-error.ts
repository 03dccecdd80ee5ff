/** The command line, the configuration or the environment is wrong: nothing was tried. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
