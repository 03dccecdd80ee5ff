import { member, type Provider } from './provider.ts'

/** Models on the own machine: https://github.com/ollama/ollama/blob/main/docs/api.md */
export const OLLAMA: Provider = {
  name: 'ollama',
  url: 'http://localhost:11434/api',
  request: (model, text) => ({ model, prompt: text }),
  vector: (answer) => member(answer, 'embedding'),
  advice: 'see that "ollama serve" runs there and has the model ("ollama pull"); for a page, OLLAMA_ORIGINS must allow its origin',
}
