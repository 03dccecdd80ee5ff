import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { queryTest, type QueryTest } from './source.testkit.ts'

const LIBRARY = `
  type Book { name: String rating: Float author: Author }
  type Author { name: String age: Int published: [Book] contact: Contact @primary }
  type Contact { email: String author: Author }
`

async function library(): Promise<QueryTest> {
  const test = queryTest(LIBRARY)
  const [mail] = await test.create('Contact', { email: 'ann@example.org' }, { email: 'nobody@example.org' })
  const [ann, ben] = await test.create(
    'Author',
    { name: 'Ann', age: 60, contact: mail },
    { name: 'Ben', age: 30 },
    { name: 'Cid', age: 20 },
  )
  await test.create(
    'Book',
    { name: 'A1', rating: 4.9, author: ann },
    { name: 'A2', rating: 4.5, author: ann },
    { name: 'B1', rating: 4.8, author: ben },
    { name: 'Lost', rating: 1 },
    { name: 'Dangling', rating: 2, author: 'bae-00000000-0000-5000-8000-000000000000' },
  )
  return test
}

describe('relations', () => {
  it('show the other document from the side that stores its ID, and null where there is none', async () => {
    const test = await library()
    expect(await test.data('{ Book(order: {name: ASC}) { name author { name age } } }')).toEqual({
      Book: [
        { name: 'A1', author: { name: 'Ann', age: 60 } },
        { name: 'A2', author: { name: 'Ann', age: 60 } },
        { name: 'B1', author: { name: 'Ben', age: 30 } },
        { name: 'Dangling', author: null },
        { name: 'Lost', author: null },
      ],
    })
  })

  it('show the list from the other side, filtered, ordered and cut for each document', async () => {
    const test = await library()
    const request =
      '{ Author(order: {name: ASC}) { name all: published(order: {rating: ASC}) { name } one: published(order: {rating: DESC}, limit: 1) { name } good: published(filter: {rating: {_gt: 4.6}}) { name } } }'
    expect(await test.data(request)).toEqual({
      Author: [
        { name: 'Ann', all: [{ name: 'A2' }, { name: 'A1' }], one: [{ name: 'A1' }], good: [{ name: 'A1' }] },
        { name: 'Ben', all: [{ name: 'B1' }], one: [{ name: 'B1' }], good: [{ name: 'B1' }] },
        { name: 'Cid', all: [], one: [], good: [] },
      ],
    })
  })

  it('show the first by its ID where merges have left several for one, whatever index finds them', async () => {
    const names = ['a', 'b', 'c', 'd']
    const shown: unknown[] = []
    for (const index of [
      '',
      '@index(includes: [{field: "mail"}, {field: "name"}])',
      '@index(includes: [{field: "mail"}, {field: "name", direction: DESC}])',
    ]) {
      const test = queryTest(`type Author ${index} { name: String mail: Mail @primary } type Mail { address: String author: Author }`)
      const [mail] = await test.create('Mail', { address: 'x' })
      await test.create('Author', ...names.map((name) => ({ name, mail })))
      shown.push(await test.data('{ Mail(order: {author: {name: ASC}}) { author { name } } }'))
    }
    expect(shown).toEqual([shown[0], shown[0], shown[0]])
  })

  it('show one to one from both sides, also the ID on the side that does not store it', async () => {
    const test = await library()
    const { Contact } = await test.data('{ Contact(order: {email: ASC}) { author_id author { name contact { email } } } }')
    expect(Contact).toEqual([
      { author_id: expect.stringMatching(/^bae-/), author: { name: 'Ann', contact: { email: 'ann@example.org' } } },
      { author_id: null, author: null },
    ])
  })

  it('go on from document to document, with one read for each step', async () => {
    const test = await library()
    test.source.scans = 0
    const { Book } = await test.data(
      '{ Book(filter: {name: {_eq: "A1"}}) { author { published(order: {name: ASC}) { name author { contact { email } } } } } }',
    )
    expect(Book).toEqual([
      {
        author: {
          published: [
            { name: 'A1', author: { contact: { email: 'ann@example.org' } } },
            { name: 'A2', author: { contact: { email: 'ann@example.org' } } },
          ],
        },
      },
    ])
    expect(test.source.scans).toBe(5)
  })

  it('leave deleted documents out', async () => {
    const test = await library()
    await test.data('mutation { delete_Author(filter: {name: {_eq: "Ann"}}) { name } }')
    expect(await test.data('{ Book(filter: {name: {_eq: "A1"}}) { author { name } } }')).toEqual({ Book: [{ author: null }] })
  })

  it('lead back to the same type', async () => {
    const test = queryTest('type Node { name: String parent: Node children: [Node] }')
    const [root] = await test.create('Node', { name: 'root' })
    const [left] = await test.create('Node', { name: 'left', parent: root })
    await test.create('Node', { name: 'right', parent: root }, { name: 'leaf', parent: left })
    expect(
      await test.data('{ Node(filter: {parent: null}) { name children(order: {name: ASC}) { name children { name parent { name } } } } }'),
    ).toEqual({
      Node: [
        {
          name: 'root',
          children: [
            { name: 'left', children: [{ name: 'leaf', parent: { name: 'left' } }] },
            { name: 'right', children: [] },
          ],
        },
      ],
    })
  })
})

describe('filters on relations', () => {
  const authorsWith = async (filter: string): Promise<unknown> => {
    const { Author } = await (await library()).data(`{ Author(filter: ${filter}, order: {name: ASC}) { name } }`)
    return (Author as readonly { readonly name: string }[]).map(({ name }) => name)
  }

  it('ask whether there is a related document that passes', async () => {
    expect(await authorsWith('{published: {rating: {_gt: 4.8}}}')).toEqual(['Ann'])
    expect(await authorsWith('{contact: {email: {_like: "ann%"}}}')).toEqual(['Ann'])
    expect(await authorsWith('{published: {author: {name: {_eq: "Ben"}}}}')).toEqual(['Ben'])
  })

  it('ask of one related document all that stands in one place', async () => {
    expect(await authorsWith('{published: {rating: {_gt: 4.8}, name: {_eq: "A2"}}}')).toEqual([])
    expect(await authorsWith('{_and: [{published: {rating: {_gt: 4.8}}}, {published: {name: {_eq: "A2"}}}]}')).toEqual(['Ann'])
  })

  it('combine with _or and _not, and ask for there being none', async () => {
    expect(await authorsWith('{_or: [{age: {_lt: 25}}, {published: {name: {_eq: "B1"}}}]}')).toEqual(['Ben', 'Cid'])
    expect(await authorsWith('{_not: {published: {rating: {_gt: 4.8}}}}')).toEqual(['Ben', 'Cid'])
    expect(await authorsWith('{published: null}')).toEqual(['Cid'])
    expect(await authorsWith('{contact: null}')).toEqual(['Ben', 'Cid'])
  })

  it('ask for the ID, on the side that stores it and on the other', async () => {
    const test = await library()
    const { Author } = await test.data('{ Author(filter: {name: {_eq: "Ann"}}) { _docID } }')
    const id = (Author as readonly { readonly _docID: string }[])[0]?._docID
    expect(await test.data(`{ Book(filter: {author_id: {_eq: "${id}"}}, order: {name: ASC}) { name } }`)).toEqual({
      Book: [{ name: 'A1' }, { name: 'A2' }],
    })
    expect(await test.data(`{ Contact(filter: {author_id: {_eq: "${id}"}}) { email } }`)).toEqual({
      Contact: [{ email: 'ann@example.org' }],
    })
    expect(await test.data('{ Contact(filter: {author_id: {_eq: null}}) { email } }')).toEqual({
      Contact: [{ email: 'nobody@example.org' }],
    })
  })

  it('decide about mutations', async () => {
    const test = await library()
    await test.data('mutation { update_Book(filter: {author: {name: {_eq: "Ann"}}}, input: {rating: 0}) { name } }')
    expect(await test.data('{ Book(filter: {rating: {_eq: 0}}, order: {name: ASC}) { name } }')).toEqual({
      Book: [{ name: 'A1' }, { name: 'A2' }],
    })
  })

  it('find documents for others, and are refused where no other document can be read', async () => {
    const test = await library()
    const filter = { published: { name: { _eq: 'A1' } } }
    expect(await test.engine.find(test.collection('Author'), filter, test.source)).toHaveLength(1)
    expect(() => test.engine.compileFilter(test.collection('Author'), filter)).toThrow('asks for related documents')
  })
})

describe('orders by relations', () => {
  it('sort by a value of the related document, without one first', async () => {
    const test = await library()
    const { Book } = await test.data('{ Book(order: [{author: {age: ASC}}, {name: ASC}]) { name } }')
    expect(Book).toEqual([{ name: 'Dangling' }, { name: 'Lost' }, { name: 'B1' }, { name: 'A1' }, { name: 'A2' }])
  })

  it('sort by what is selected of it, by alias', async () => {
    const test = await library()
    const { Book } = await test.data(
      '{ Book(order: [{_alias: {writer: {age: DESC}}}, {name: DESC}], limit: 2) { name writer: author { age } } }',
    )
    expect(Book).toEqual([
      { name: 'A2', writer: { age: 60 } },
      { name: 'A1', writer: { age: 60 } },
    ])
  })

  it('take no list', async () => {
    const { errors } = await (await library()).run('{ Author(order: {published: {name: ASC}}) { name } }')
    expect(errors?.[0]?.message).toMatch(
      'Argument "order" has invalid value {published: {name: ASC}}.\nIn field "published": Unknown field.',
    )
  })
})

describe('joins, compared with nested loops', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const numbers = fc.integer({ min: 0, max: 4 })

  it('give the same pairs', async () => {
    const authors = fc.uniqueArray(fc.record({ name: names, age: numbers }), { selector: ({ name }) => name, maxLength: 5 })
    const books = fc.uniqueArray(fc.record({ name: names, rating: numbers, of: fc.option(names, { nil: null }) }), {
      selector: ({ name }) => name,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(authors, books, numbers, numbers, async (people, written, least, most) => {
        const test = queryTest(
          'type Book { name: String rating: Int author: Author } type Author { name: String age: Int published: [Book] }',
        )
        const ids = new Map((await test.create('Author', ...people)).map((id, index) => [people[index]?.name, id]))
        await test.create('Book', ...written.map(({ of, ...book }) => ({ ...book, author: (of === null ? null : ids.get(of)) ?? null })))
        const request = `{
          Author(filter: {published: {rating: {_ge: ${least}}}}, order: {name: ASC}) { name published(filter: {rating: {_le: ${most}}}, order: {name: ASC}) { name } }
          Book(filter: {author: {age: {_le: ${most}}}}, order: {name: ASC}) { name author { name } }
        }`
        const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)
        expect(await test.data(request)).toEqual({
          Author: people
            .filter(({ name }) => written.some(({ of, rating }) => of === name && rating >= least))
            .toSorted(byName)
            .map(({ name }) => ({
              name,
              published: written
                .filter(({ of, rating }) => of === name && rating <= most)
                .toSorted(byName)
                .map((book) => ({ name: book.name })),
            })),
          Book: written
            .filter(({ of }) => people.some(({ name, age }) => name === of && age <= most))
            .toSorted(byName)
            .map(({ name, of }) => ({ name, author: { name: of } })),
        })
      }),
      { numRuns: 60 },
    )
  })
})
