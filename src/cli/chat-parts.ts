/**
 * A chat request in the shape of OpenAI's API as the parts that a platform hands over in `inputMessages`. Pure, and the one place
 * that knows that shape; docs/classification.md has it as a table.
 *
 * H1. Whatever bears text becomes part of what is classified, with the role of who wrote it: the customer's own settings (tools,
 *     functions, the schema of the answer) are `system`, calls of tools are the assistant's, their results the tool's.
 * H2. What cannot be read as text is named in `notRead`: pictures, sound, files, and what nobody here knows. Nothing is left out
 *     without a word.
 * H3. What is nested deeper than MOST_DEPTH is not read, and named.
 */
import { z } from 'zod'
import type { ContentPart, ContentRole } from '../domain/content.ts'
import { wordsOfSchema } from './schema-words.ts'

const ROLES = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
} as const

const loose = z.looseObject({})
const content = z.union([z.string(), z.array(z.union([z.string(), loose]))])

export const chatMessage = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function'], {
    error: 'role is one of system, developer, user, assistant, tool, function',
  }),
  content: content.nullish(),
  tool_calls: z.array(loose).nullish(),
  function_call: loose.nullish(),
})

export const chatRequest = z.looseObject({
  messages: z.array(chatMessage).optional(),
  tools: z.array(loose).nullish(),
  functions: z.array(loose).nullish(),
  response_format: loose.nullish(),
})

export type ChatMessage = z.infer<typeof chatMessage>
export type ChatRequest = z.infer<typeof chatRequest>

/** What was read of a chat. */
export interface ReadChat {
  readonly parts: readonly ContentPart[]
  /** Types and fields that hold something else than text (H2), each once. */
  readonly notRead: readonly string[]
}

/** The request's parts, in the order in which a model is given them: settings first, then the conversation. */
export function readChat({ tools, functions, response_format: format, messages }: ChatRequest): ReadChat {
  const reader = new ChatReader()
  for (const definition of [...(tools ?? []), ...(functions ?? []), format ?? {}])
    reader.definition(definition)
  for (const message of messages ?? []) reader.message(message)
  return reader.read()
}

/** One message's parts: what was answered, for instance. */
export function readMessage(message: ChatMessage): ReadChat {
  const reader = new ChatReader()
  reader.message(message)
  return reader.read()
}

const MOST_DEPTH = 16
const OTHER_PART = 'part of another type'
const OTHER_FIELD = 'field of another kind'
const TOO_DEEP = 'nested too deep'
/** Parts that hold no text, by their types. */
const MEDIA = new Set(
  'image_url input_image image input_audio audio video_url input_video video redacted_thinking'.split(' '),
)
/** Fields of a message or a part that name something and say nothing. */
const NO_TEXT = new Set('role type id tool_call_id tool_use_id call_id status file_id signature'.split(' '))
/** Fields of a message that are read by a rule of their own. */
const READ_APART = new Set(['content', 'tool_calls', 'function_call'])
const TEXT_FILE = /^data:(?:text\/[\w.+-]+|application\/(?:json|xml))(?:;[\w-]+=[\w.-]+)*(;base64)?,/i

class ChatReader {
  readonly #parts: ContentPart[] = []
  readonly #notRead = new Set<string>()

  read(): ReadChat {
    return { parts: this.#parts, notRead: [...this.#notRead] }
  }

  /** A tool, a function or the schema of an answer: its name, what it is for, and all names and values of its parameters. */
  definition(definition: object): void {
    const { words, isWhole } = wordsOfSchema(definition)
    this.#say('system', words.join('\n'))
    if (!isWhole) this.#notRead.add(TOO_DEEP)
  }

  message(message: ChatMessage): void {
    const role = ROLES[message.role]
    for (const [field, value] of Object.entries(message))
      if (!READ_APART.has(field)) this.#field(role, field, value)
    this.#content(role, message.content, 0)
    for (const call of [...(message.tool_calls ?? []), message.function_call ?? {}]) this.#call(role, call)
  }

  /** A name, a refusal, a reasoning. */
  #field(role: ContentRole, field: string, value: unknown): void {
    if (NO_TEXT.has(field)) return
    if (typeof value === 'string') this.#say(role, value)
    else if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
      this.#notRead.add(OTHER_FIELD)
  }

  /** Texts that follow each other are one: the model reads them so, and what is cut in two is not hidden. */
  #content(role: ContentRole, value: unknown, depth: number): void {
    const parts: readonly unknown[] = Array.isArray(value) ? value : [value]
    let text: string[] = []
    for (const part of parts) {
      const spoken = textOf(part)
      if (spoken !== null) text.push(spoken)
      else {
        this.#say(role, text.join('\n'))
        text = []
        this.#part(role, part, depth)
      }
    }
    this.#say(role, text.join('\n'))
  }

  #part(role: ContentRole, part: unknown, depth: number): void {
    if (!isFields(part)) return
    if (depth === MOST_DEPTH) return void this.#notRead.add(TOO_DEEP)
    const type = typeof part['type'] === 'string' ? part['type'] : ''
    if (MEDIA.has(type)) this.#notRead.add(type)
    else if (type === 'file' || type === 'input_file')
      this.#file(role, isFields(part['file']) ? part['file'] : part)
    else if (type === 'tool_use') this.#call('assistant', part)
    else if (type === 'tool_result') this.#content('tool', part['content'], depth + 1)
    else this.#otherPart(role, part, depth)
  }

  /** Its strings, such as a refusal's or a title, and what is nested in it. */
  #otherPart(role: ContentRole, part: Fields, depth: number): void {
    const said = this.#parts.length
    for (const [field, value] of Object.entries(part)) {
      if (field === 'content') this.#content(role, value, depth + 1)
      else if (typeof value === 'string') this.#field(role, field, value)
      else if (isFields(value)) this.#notRead.add(OTHER_PART)
    }
    if (this.#parts.length === said) this.#notRead.add(OTHER_PART)
  }

  #file(role: ContentRole, file: Fields): void {
    this.#say(role, file['filename'])
    const data = file['file_data']
    const head = typeof data === 'string' ? TEXT_FILE.exec(data) : null
    if (typeof data !== 'string' || head === null) return void this.#notRead.add('file')
    const body = data.slice(head[0].length)
    this.#say(role, head[1] === undefined ? body : Buffer.from(body, 'base64').toString('utf8'))
  }

  /** The name of what is called and what it is given, as one part. */
  #call(role: ContentRole, call: Fields): void {
    const called = [call['function'], call['custom'], call].find(isFields) ?? call
    const given = called['arguments'] ?? called['input']
    const text = typeof given === 'string' || given === undefined ? given : JSON.stringify(given)
    this.#say(role, [called['name'], text].filter((one) => typeof one === 'string').join('\n'))
  }

  #say(role: ContentRole, text: unknown): void {
    if (typeof text === 'string' && text.trim() !== '') this.#parts.push({ role, text, reference: null })
  }
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a part of plain text says; null for any other. */
function textOf(part: unknown): string | null {
  if (typeof part === 'string') return part
  return isFields(part) && typeof part['text'] === 'string' ? part['text'] : null
}
