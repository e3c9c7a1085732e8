/**
 * Surrogate one-line texts of honest customers, all written for this simulator: `{n}` is a number from anywhere,
 * `{word}` a harmless noun.
 */
import type { Said } from './customer.ts'
import type { Random } from './random.ts'

export const CHAT_KINDS = ['support', 'summary', 'code', 'translation', 'writing', 'question'] as const
export type ChatKind = (typeof CHAT_KINDS)[number]

const PROMPTS: Readonly<Record<ChatKind, readonly string[]>> = {
  support: [
    'My parcel for order {n} has not arrived yet, what should I do?',
    'How do I change the delivery address of order {n}?',
    'The {word} I bought does not switch on, is it under warranty?',
    'Can I return a {word} without the original box?',
  ],
  summary: [
    'Summarise this meeting note in two sentences: we spoke about the {word} and agreed to meet again.',
    'Give me the main points of the attached report about the {word}.',
    'Shorten this paragraph about the {word} to one line.',
  ],
  code: [
    'Write a function that sorts a list of {word} records by date.',
    'Why does my unit test for the {word} parser fail with a null pointer?',
    'Add a docstring to this function that counts the {word} entries.',
    'How do I read a CSV file of {word} prices in Python?',
  ],
  translation: [
    'Translate into French: the {word} is on the table.',
    'Translate into German: we would like to order a new {word}.',
  ],
  writing: [
    'Draft a friendly reminder that the {word} workshop starts on Monday.',
    'Write a short product description for a {word}.',
    'Write a birthday poem for someone who loves their {word}.',
  ],
  question: [
    'What is the difference between a {word} and a kettle?',
    'Which plants grow well next to a {word}?',
    'Explain to a child how a {word} works.',
  ],
}

const ANSWERS: Readonly<Record<ChatKind, readonly string[]>> = {
  support: [
    'Thanks for getting in touch. I have checked your order and our team will write to you today.',
    'You can do that in your account under Orders; tell me if the button is greyed out.',
  ],
  summary: [
    'The group agreed on the next steps and will meet again.',
    'In short: it went well, and one item is open.',
  ],
  code: [
    'Here you go:\n```python\ndef by_date(records):\n    return sorted(records, key=lambda record: record.date)\n```',
    'The parser returns nothing for an empty line, and the test then reads a field of nothing. Check for it first.',
  ],
  translation: ['Certainly, here is the translation you asked for.'],
  writing: ['Of course. Here is a first draft; tell me whether the tone fits.'],
  question: ['Good question. In short, it depends on what you want to use it for.'],
}

const WORDS = [
  'lamp',
  'bicycle',
  'teapot',
  'garden chair',
  'printer',
  'backpack',
  'bookshelf',
  'camera',
  'piano',
  'tent',
]

/** One turn of a conversation of this kind, with its answer. */
export function honestExchange(kind: ChatKind, random: Random): Said {
  const prompt = random
    .pick(PROMPTS[kind])
    .replace('{n}', () => String(random.integer(100_000, 999_999)))
    .replace('{word}', () => random.pick(WORDS))
  return { prompt, answer: random.pick(ANSWERS[kind]), on: 'both' }
}

/** A prompt that walks through records, as told by the request event alone. */
export function enumerated(template: string, ordinal: number): Said {
  return { prompt: template.replace('{n}', String(ordinal)), answer: '', on: 'request' }
}

/** Every line that can be said, for the test that reads them all. */
export function allHonestLines(): readonly string[] {
  return [...Object.values(PROMPTS), ...Object.values(ANSWERS)].flat()
}
