/** What is read of a chat in OpenAI's shape. */
import { describe, expect, it } from 'vitest'
import { chatRequest, readChat, type ReadChat } from '../../src/cli/chat-parts.ts'

function read(request: object): ReadChat {
  return readChat(chatRequest.parse(request))
}

function said(request: object): readonly (readonly [string, string | null])[] {
  return read(request).parts.map(({ role, text }) => [role, text])
}

const of = (...messages: readonly object[]): object => ({ messages })

describe('the parts of a chat', () => {
  it('are its messages with their roles, names too', () => {
    const chat = of(
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', name: 'Ada', content: 'How deep is the sea?' },
      { role: 'function', name: 'depth', content: '{"metres":4000}' },
      { role: 'assistant', content: null },
    )
    expect(said(chat)).toEqual([
      ['system', 'Be kind.'],
      ['user', 'Ada'],
      ['user', 'How deep is the sea?'],
      ['tool', 'depth'],
      ['tool', '{"metres":4000}'],
    ])
  })

  it('are calls of tools, with their names and arguments', () => {
    const chat = of(
      {
        role: 'assistant',
        content: 'I look it up.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'search', arguments: '{"query":"tides"}' } },
          { id: 'c2', type: 'custom', custom: { name: 'shell', input: 'ls harbour' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'High at six.' }] },
      { role: 'assistant', function_call: { name: 'old_search', arguments: '{"q":"ebb"}' } },
    )
    expect(said(chat)).toEqual([
      ['assistant', 'I look it up.'],
      ['assistant', 'search\n{"query":"tides"}'],
      ['assistant', 'shell\nls harbour'],
      ['tool', 'High at six.'],
      ['assistant', 'old_search\n{"q":"ebb"}'],
    ])
  })

  it('begin with the definitions of tools and of the answer: names, descriptions, keys, enums', () => {
    const parameters = {
      type: 'object',
      properties: {
        harbour: { type: 'string', description: 'Which one', enum: ['north', 'south'] },
        type: { type: ['string', 'null'], default: 'fishing' },
        nested: { anyOf: [{ $ref: '#/$defs/boat' }], 'x-note': 'mind the rocks' },
      },
      required: ['harbour'],
      $defs: { boat: { title: 'A boat', properties: { keel: { type: 'number' } } } },
    }
    const [tool, old, answer] = said({
      tools: [{ type: 'function', function: { name: 'berth', description: 'Finds a berth', parameters } }],
      functions: [{ name: 'old_berth', description: 'As before', parameters: { type: 'object' } }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'reply', schema: { properties: { tide: {} } } },
      },
      messages: [],
    })
    expect(tool).toEqual([
      'system',
      [
        ...['berth', 'Finds a berth', 'harbour', 'Which one', 'north', 'south', 'type', 'fishing', 'nested'],
        ...['#/$defs/boat', 'x-note', 'mind the rocks', 'boat', 'A boat', 'keel'],
      ].join('\n'),
    ])
    expect([old, answer]).toEqual([
      ['system', 'old_berth\nAs before'],
      ['system', 'reply\ntide'],
    ])
  })

  it('are the texts, file names, refusals and results that a message is made of', () => {
    const chat = of({
      role: 'user',
      content: [
        { type: 'text', text: 'Read this,', cache_control: { type: 'ephemeral' } },
        { type: 'input_text', text: 'please:' },
        {
          type: 'file',
          file: { filename: 'tides.txt', file_data: `data:text/plain;base64,${btoa('High at six.')}` },
        },
        { type: 'refusal', refusal: 'I would rather not.' },
        { type: 'tool_use', id: 't1', name: 'look', input: { at: 'the sea' } },
        { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'It is calm.' }] },
      ],
    })
    expect(said(chat)).toEqual([
      ['user', 'Read this,\nplease:'],
      ['user', 'tides.txt'],
      ['user', 'High at six.'],
      ['user', 'I would rather not.'],
      ['assistant', 'look\n{"at":"the sea"}'],
      ['tool', 'It is calm.'],
    ])
    expect(read(chat).notRead).toEqual([])
  })
})

describe('what is not read', () => {
  it.each([
    ['image_url', { type: 'image_url', image_url: { url: 'https://pictures.example/1', detail: 'low' } }],
    ['input_audio', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }],
    ['file', { type: 'file', file: { file_id: 'f-1' } }],
    ['part of another type', { type: 'lives at 4711', thing: { deep: 'x' } }],
  ])('is named: %s', (name, part) => {
    expect(read(of({ role: 'user', content: [part] }))).toEqual({ parts: [], notRead: [name] })
  })

  it('is named where a message has a field that nobody knows, without what it says', () => {
    const chat = of({ role: 'assistant', content: 'Yes.', secret_words: { a: 'b' }, annotations: [] })
    expect(read(chat)).toMatchObject({ parts: [{ text: 'Yes.' }], notRead: ['field of another kind'] })
  })

  it('is named where it is nested without end', () => {
    const deep = (levels: number): object =>
      levels === 0 ? { type: 'text', text: 'x' } : { type: 'tool_result', content: [deep(levels - 1)] }
    const schema = (levels: number): object => (levels === 0 ? {} : { properties: { a: schema(levels - 1) } })
    expect(read(of({ role: 'user', content: [deep(500)] })).notRead).toEqual(['nested too deep'])
    expect(read({ tools: [schema(500)] }).notRead).toEqual(['nested too deep'])
  })
})
