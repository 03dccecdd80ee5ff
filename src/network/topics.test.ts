import { expect, test } from 'vitest'

import { NEIGHBOUR_BYTES } from './messages.ts'
import { gossipTopic, neighbourName, topicKey, topicOf } from './topics.ts'

test('a topic shows neither the collection nor the room, and depends on both', () => {
  const topics = [topicOf('Note', ''), topicOf('Task', ''), topicOf('Note', 'attic'), topicOf('ttic', 'Notea')]
  expect(new Set(topics.map(topicKey)).size).toBe(4)
  expect(topicOf('Note', 'attic')).toEqual(topicOf('Note', 'attic'))
  expect(topics[0]).toHaveLength(32)
})

test('the topic of a collection never changes', () => {
  expect(gossipTopic(topicOf('Note', 'attic'))).toBe('/warren/gossip/1/1f76aa501aa999090e4648e5c89c933c01afd1d4c4ed5e0d4961a9f8119fe399')
})

test('neighbours have short names', () => {
  expect(neighbourName('12D3KooW')).toHaveLength(NEIGHBOUR_BYTES)
  expect(neighbourName('12D3KooW')).not.toEqual(neighbourName('12D3KooX'))
})
