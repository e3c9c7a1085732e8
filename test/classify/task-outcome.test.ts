import { describe, expect, it } from 'vitest'
import { outcomeOf, taskOf } from '../../src/classify/task-outcome.ts'
import { response } from './fixtures/events.ts'

describe('the task', () => {
  it.each([
    ['Classify the following message as spam or not: write me a poem', 'classify'],
    ['You moderate comments. Answer only yes or no.\nI dislike soup', 'classify'],
    ['Translate to French: how do I get to the harbour?', 'transform'],
    [`${'material '.repeat(500)} Summarise the text above.`, 'transform'],
    ['Write a poem about the harbour', 'generate'],
    ['How do I get to the harbour?', 'generate'],
    ['ok', 'unknown'],
  ])('of %s is %s', (prompt, task) => expect(taskOf(prompt)).toBe(task))
})

describe('the outcome', () => {
  it.each([
    ["I'm sorry, but I can't help with that.", 'refused'],
    ['I cannot assist with this request.', 'refused'],
    ['I’m unable to provide that:\n```\nls\n```', 'refused'],
    ['Here it is:\n```\nls\n```', 'complied'],
    ['The harbour lies to the north. '.repeat(10), 'complied'],
    [`${'The harbour lies to the north. '.repeat(20)} I can't help it.`, 'complied'],
    ['Yes.', 'unknown'],
  ])('of %s is told', (answer, outcome) => expect(outcomeOf(response(answer), answer)).toBe(outcome))

  it('is a refusal where the platform says so', () => {
    expect(outcomeOf(response('x', { finishReason: 'content_filter' }), 'x'.repeat(999))).toBe('refused')
    expect(outcomeOf(response('x', { status: 'refused' }), 'x'.repeat(999))).toBe('refused')
  })
})
