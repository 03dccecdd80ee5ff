import { OLLAMA } from './ollama.ts'
import { OPENAI } from './openai.ts'
import type { Provider } from './provider.ts'

/** The services that are known here. */
export const PROVIDERS: readonly Provider[] = [OLLAMA, OPENAI]
