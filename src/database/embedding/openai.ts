import { member, type Provider } from './provider.ts'

/** OpenAI, and the many services that speak like it: https://platform.openai.com/docs/api-reference/embeddings */
export const OPENAI: Provider = {
  name: 'openai',
  url: 'https://api.openai.com/v1',
  key: 'openai',
  request: (model, text) => ({ model, input: text }),
  vector: (answer) => member(member(member(answer, 'data'), 0), 'embedding'),
  advice: 'see that its key is right (embeddingKeys.openai, or OPENAI_API_KEY in Node) and that the service can be reached',
}
