import { describe, expect, it } from 'vitest'
import type { ContentPart, ContentReference } from '../../src/domain/content.ts'
import { segmentsOf } from '../../src/classify/segment.ts'
import { part, request, response } from './fixtures/events.ts'

describe('the segments of a request', () => {
  it('are its parts with their roles and places', () => {
    const segments = segmentsOf(
      request([part('system', 'Be kind.'), part('user', 'Hello'), part('tool', '{"ok":1}')]),
    )
    expect(segments.map(({ side, role, index }) => [side, role, index])).toEqual([
      ['prompt', 'system', 0],
      ['prompt', 'user', 1],
      ['prompt', 'tool', 2],
    ])
  })

  it('are fresh after the last answer, and so is an answer put into the mouth of the model', () => {
    const old = [part('system', 's'), part('user', 'a'), part('assistant', 'b')]
    const freshness = (parts: Parameters<typeof request>[0]): boolean[] =>
      segmentsOf(request(parts)).map((segment) => segment.fresh)
    expect(freshness([...old, part('user', 'c'), part('retrieved', 'd')])).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
    expect(freshness([part('user', 'a'), part('assistant', 'Sure, here is')])).toEqual([true, true])
    const prefill = [part('assistant', 'Sure.'), part('assistant', '{"name":')]
    expect(freshness([...old, part('user', 'c'), ...prefill])).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ])
  })

  it('leave out what is empty and keep what only a reference names', () => {
    const reference = { uri: 's3://b/o', sha256: 'ab'.repeat(32), sizeBytes: 5 }
    const segments = segmentsOf(request([part('user', ' \n'), { role: 'user', text: null, reference }]))
    expect(segments).toMatchObject([{ text: null, references: [reference], index: 0 }])
    expect(segmentsOf({ ...request([]), inputMessages: null })).toEqual([])
  })

  it('are bounded in number, and still hold every part (G1, G2)', () => {
    const parts = Array.from({ length: 5000 }, (_, i) => part(i % 2 === 0 ? 'tool' : 'user', `part-${i}.`))
    const segments = segmentsOf(request(parts))
    expect(segments.length).toBeLessThanOrEqual(256)
    const all = segments.map((segment) => segment.text).join('\n')
    expect(parts.every(({ text }) => all.includes(text ?? ''))).toBe(true)
    expect(segments.every((segment) => segment.role === 'user')).toBe(true)
  })
})

describe('references among very many parts', () => {
  const referenceTo = (n: number): ContentPart => ({
    role: 'user',
    text: null,
    reference: { uri: `s3://b/${n}`, sha256: n.toString(16).padStart(64, '0'), sizeBytes: n },
  })
  const referencesOf = (parts: readonly ContentPart[]): readonly (readonly ContentReference[])[] =>
    segmentsOf(request(parts)).map(({ references }) => references)

  it('stand apart from the texts around them, each with a segment of its own', () => {
    const parts = Array.from({ length: 600 }, (_, n) =>
      n % 2 === 0 ? part('user', `t${n}`) : referenceTo(n),
    )
    const told = referencesOf(parts).filter((references) => references.length > 0)
    expect(told).toEqual(parts.flatMap(({ reference }) => (reference === null ? [] : [[reference]])))
    expect(segmentsOf(request(parts)).filter(({ text }) => text !== null).length).toBeLessThanOrEqual(256)
  })

  it('share one where there are too many for that, and none is lost', () => {
    const parts = Array.from({ length: 5000 }, (_, n) => referenceTo(n))
    const told = referencesOf([part('user', 'Look at these'), ...parts])
    expect(told.length).toBeLessThanOrEqual(1 + 1024)
    expect(told.flat()).toEqual(parts.flatMap(({ reference }) => reference ?? []))
  })
})

describe('the segments of a response', () => {
  it('end with the exchange where the prompt travelled too', () => {
    const input = [
      part('user', 'old'),
      part('assistant', 'older answer'),
      part('system', 's'),
      part('user', 'Why?'),
    ]
    const segments = segmentsOf(response('Because.', { inputMessages: input }))
    expect(segments.map((segment) => segment.side)).toEqual(['response', 'exchange'])
    expect(segments[1]).toMatchObject({
      text: 'Why?\n\nBecause.',
      index: 1,
      exchange: { asked: 'Why?', answer: 'Because.' },
    })
  })

  it('hold the exchange of an agent at work: tools are called between what it was asked and its answer', () => {
    const asked = [
      part('user', 'Old'),
      part('assistant', 'Done'),
      part('user', 'Do this'),
      part('user', 'soon'),
    ]
    const work = [part('assistant', '{"tool":"list"}'), part('tool', 'a, b'), part('retrieved', 'c')]
    const [, exchange] = segmentsOf(response('Here.', { inputMessages: [...asked, ...work] }))
    expect(exchange?.exchange).toEqual({ asked: 'Do this\n\nsoon', answer: 'Here.' })
  })

  it('hold no exchange where nothing was asked inline, or nothing was answered', () => {
    expect(segmentsOf(response('Because.'))).toHaveLength(1)
    expect(segmentsOf(response('', { inputMessages: [part('user', 'Why?')], status: 'refused' }))).toEqual([])
  })
})
