/**
 * A schema registry with Confluent's API, at any base path (Apicurio: `/apis/ccompat/v7`).
 *
 * R3. Many callers who want one id at the same time make one request.
 * R4. A missing id is believed for `absentForMs`, so that a poison id does not hammer the registry; at most
 *     `MOST_ABSENT` are remembered, for ids are as many as an attacker cares to write.
 * R5. Only the registry's own "not found" counts, which says what was not found: a 404 of something in between (a wrong
 *     path, an ingress whose backend is gone) is trouble, else a whole topic would be set aside as unreadable.
 * R6. Every request ends within `timeoutMs`. What may pass is a TransientError (P8), what needs a person is a
 *     RefusedError.
 * R7. Nobody is followed who sends us elsewhere: a question would become another one on the way (POST becomes GET), and what
 *     is there (a page to sign in, a page that says sorry) is no registry.
 */
import { z } from 'zod'
import type { Clock } from '../domain/clock.ts'
import { RefusedError, TransientError } from '../engine/errors.ts'
import type { SchemaSource } from './schema-source.ts'

const MOST_ABSENT = 10_000
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

export interface RegistryOptions {
  /** With the path under which `/subjects` lies; a user and password in it become basic authentication. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly timeoutMs: number
  readonly absentForMs: number
}

/** Enough for a registry in the same network; ten seconds of disbelief after an unknown id. */
export const REGISTRY_DEFAULTS = { timeoutMs: 5_000, absentForMs: 10_000 }

export type Registered =
  | { readonly outcome: 'registered'; readonly id: number }
  /** The subject's compatibility forbids it; `reason` is the registry's own. */
  | { readonly outcome: 'incompatible'; readonly reason: string }

const schemaAnswer = z.object({ schema: z.string() })
const idAnswer = z.object({ id: z.int() })
const subjectsAnswer = z.array(z.string())
const levelAnswer = z.object({ compatibilityLevel: z.string() })
const errorAnswer = z.object({ error_code: z.int(), message: z.string().default('') })
/** 40401 and so on; the web server within a registry says 404 of a path that it does not know. */
const notFoundAnswer = z.object({ error_code: z.int().min(40_400).max(40_499) })

interface Answer {
  readonly status: number
  readonly body: unknown
  /** Where it sends us instead; empty where it does not say. */
  readonly elsewhere: string
}

export class RegistryClient implements SchemaSource {
  readonly #options: RegistryOptions
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #known = new Map<number, string>()
  readonly #asked = new Map<number, Promise<string | null>>()
  /** Id to the time until which it is believed to be missing. */
  readonly #absent = new Map<number, number>()

  constructor(options: RegistryOptions) {
    const url = new URL(options.baseUrl)
    this.#options = options
    this.#headers = { accept: CONTENT_TYPE, 'content-type': CONTENT_TYPE, ...authorization(url) }
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  }

  async schemaById(id: number): Promise<string | null> {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    if ((this.#absent.get(id) ?? 0) > this.#options.clock.now()) return null
    const asked = this.#asked.get(id) ?? this.#ask(id)
    this.#asked.set(id, asked)
    return asked.finally(() => this.#asked.delete(id))
  }

  async idFor(subject: string, schema: string): Promise<number | null> {
    const answer = await this.#request('POST', `/subjects/${encodeURIComponent(subject)}`, { schema })
    return answer.status === 404 ? null : read(idAnswer, answer, 'an id').id
  }

  /** Makes the schema the subject's newest version; one that is there already keeps its id. */
  async register(subject: string, schema: string): Promise<Registered> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    const answer = await this.#request('POST', path, { schema }, [409])
    if (answer.status === 409) return { outcome: 'incompatible', reason: messageOf(answer.body) }
    return { outcome: 'registered', id: read(idAnswer, answer, 'an id').id }
  }

  /** The subject's own level; null where it has none. */
  async compatibility(subject: string): Promise<string | null> {
    const answer = await this.#request('GET', `/config/${encodeURIComponent(subject)}`)
    return answer.status === 404 ? null : read(levelAnswer, answer, 'a level').compatibilityLevel
  }

  async setCompatibility(subject: string, level: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`
    const answer = await this.#request('PUT', path, { compatibility: level }, [409])
    // Apicurio, where somebody else gave the subject its first level meanwhile: now there is one to change.
    if (answer.status === 409) await this.#request('PUT', path, { compatibility: level })
  }

  async subjects(): Promise<readonly string[]> {
    return read(subjectsAnswer, await this.#request('GET', '/subjects'), 'a list of subjects')
  }

  async #ask(id: number): Promise<string | null> {
    const answer = await this.#request('GET', `/schemas/ids/${id}`)
    if (answer.status === 404) return this.#missing(id)
    const { schema } = read(schemaAnswer, answer, 'a schema')
    this.#known.set(id, schema)
    this.#absent.delete(id)
    return schema
  }

  #missing(id: number): null {
    const oldest = this.#absent.keys().next()
    if (this.#absent.size >= MOST_ABSENT && oldest.done !== true) this.#absent.delete(oldest.value)
    this.#absent.set(id, this.#options.clock.now() + this.#options.absentForMs)
    return null
  }

  /** Answers with 2xx, with the registry's own 404, or with a status of `also`; all else is thrown. */
  async #request(method: string, path: string, json?: object, also: readonly number[] = []): Promise<Answer> {
    const answer = await this.#fetch(method, path, json)
    if (answer.status >= 200 && answer.status < 300) return answer
    if (answer.status === 404 && notFoundAnswer.safeParse(answer.body).success) return answer
    if (also.includes(answer.status)) return answer
    throw failure(answer, `${method} ${this.#base}${path}`)
  }

  async #fetch(method: string, path: string, json: object | undefined): Promise<Answer> {
    try {
      const response = await fetch(this.#base + path, {
        method,
        headers: this.#headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#options.timeoutMs),
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      })
      const { status, headers } = response
      const elsewhere = placeOf(headers.get('location') ?? '')
      return { status, body: jsonOrNull(await response.text()), elsewhere }
    } catch (cause) {
      throw new TransientError('registry', `the schema registry at ${this.#base} does not answer`, { cause })
    }
  }
}

function authorization(url: URL): Record<string, string> {
  if (url.username === '') return {}
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** What a person may do about a status that stays. */
const TO_DO: Readonly<Record<number, string>> = {
  301: 'correct SCHEMA_REGISTRY_URL',
  302: 'check SCHEMA_REGISTRY_URL',
  303: 'check SCHEMA_REGISTRY_URL',
  307: 'check SCHEMA_REGISTRY_URL',
  308: 'correct SCHEMA_REGISTRY_URL',
  401: 'correct user and password in SCHEMA_REGISTRY_URL',
  403: 'check the rights of the user and password in SCHEMA_REGISTRY_URL',
  404: 'no registry speaks there: check the path in SCHEMA_REGISTRY_URL',
  405: 'no registry speaks there: check the path in SCHEMA_REGISTRY_URL',
}
/** A 404 that is not the registry's own, and who is sent elsewhere for now. (R5, R7) */
const MAY_PASS = [302, 303, 307, 404, 408, 429]

/** A refusal of ours is permanent. (R6) */
function failure({ status, body, elsewhere }: Answer, request: string): Error {
  const sent = elsewhere === '' ? '' : `sends us to ${elsewhere}`
  const toDo = TO_DO[status] ?? ''
  const told = [`${request}: status ${status} ${messageOf(body)}`.trim(), sent, toDo]
  const message = told.filter((part) => part !== '').join('; ')
  const passes = status >= 500 || MAY_PASS.includes(status)
  return passes ? new TransientError('registry', message) : new RefusedError(message)
}

/** Without what it was asked for there, which may hold a secret. */
function placeOf(location: string): string {
  return location.replace(/[?#].*/s, '').replace(/\/\/[^/@]*@/, '//')
}

function read<V>(schema: z.ZodType<V>, answer: Answer, wanted: string): V {
  const parsed = schema.safeParse(answer.body)
  if (parsed.success) return parsed.data
  throw new TransientError('registry', `the schema registry answered without ${wanted}`)
}

function messageOf(body: unknown): string {
  const parsed = errorAnswer.safeParse(body)
  return parsed.success ? parsed.data.message : ''
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
