import { z } from 'zod'

import { API_PATH, TRANSACTION_HEADER } from './paths.ts'
import type { Answer, Body, Route } from './route.ts'
import { STATUS_BY_CODE } from './status.ts'

/** The description of the API (OpenAPI 3.1), made from the table of routes. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = (paths[API_PATH + route.path] ??= {})
    path[route.method.toLowerCase()] = operation(route)
  }
  paths['/health-check'] = { get: { summary: 'Whether the server answers', responses: { 200: { description: 'It does' } } } }
  return {
    openapi: '3.1.0',
    info: { title: 'WarrenDB', version, description: 'The HTTP API of a node.' },
    paths,
    components: {
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: { type: 'string', description: 'What is wrong, and what to do' },
            code: { type: 'string', enum: Object.keys(STATUS_BY_CODE) },
            details: { type: 'object' },
          },
        },
      },
    },
  }
}

function operation(route: Route): object {
  const { tag, summary, path, parameters, inTransaction, body, answer } = route
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  const inQuery = parameters.map(({ name, what, type = 'string', required = false }) => ({
    name,
    in: 'query',
    description: what,
    required,
    schema: { type },
  }))
  const inHeader = inTransaction
    ? [{ name: TRANSACTION_HEADER, in: 'header', description: 'the transaction to run in', required: false, schema: { type: 'string' } }]
    : []
  const all = [...inPath, ...inQuery, ...inHeader]
  return {
    tags: [tag],
    summary,
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(body.kind === 'none' ? {} : { requestBody: { required: true, content: contentOfBody(body) } }),
    responses: {
      200: { description: answer.kind === 'empty' ? 'Done' : 'The answer', ...contentOfAnswer(answer) },
      default: { description: 'An error', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  }
}

function contentOfBody(body: Exclude<Body, { kind: 'none' }>): object {
  switch (body.kind) {
    case 'json':
      return { 'application/json': { schema: jsonSchema(body.shape) } }
    case 'text':
      return { 'text/plain': { schema: { type: 'string', description: body.what } } }
    case 'stream':
      return { 'application/json': { schema: { description: body.what } } }
  }
}

function contentOfAnswer(answer: Answer): object {
  switch (answer.kind) {
    case 'empty':
      return {}
    case 'json':
      return { content: { 'application/json': { schema: jsonSchema(answer.shape) } } }
    case 'text':
      return { content: { 'application/json': { schema: { description: answer.what } } } }
    case 'events':
      return { content: { 'text/event-stream': { schema: { type: 'string', description: answer.what } } } }
  }
}

function jsonSchema(shape: z.ZodType): object {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  return schema
}
