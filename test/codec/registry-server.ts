/** A schema registry over HTTP with the answers of Confluent's, and trouble on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'

/** How the server answers: as a registry, as a broken one, as something else in its place, or not at all. */
export type Mood = 'well' | 'broken' | 'not a registry' | 'silent' | 'forbidding'

export class RegistryServer {
  readonly #server: Server
  readonly #schemas: string[] = []
  readonly #subjects = new Map<string, string[]>()
  readonly #levels = new Map<string, string>()
  /** Method and path of every request, in order. */
  readonly requests: string[] = []
  /** The authorization header of the last request. */
  authorization: string | undefined
  mood: Mood = 'well'
  /** Subjects whose next registration is refused as incompatible. */
  readonly refuses = new Set<string>()

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  /** Base address, with a path as Apicurio has one. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}/apis/ccompat/v7`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/apis/ccompat/v7', '')
    this.requests.push(`${request.method} ${path}`)
    this.authorization = request.headers.authorization
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    if (this.mood === 'silent') return
    const [status, body] = this.#inMood(request.method ?? '', path, text)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #inMood(method: string, path: string, text: string): readonly [number, unknown] {
    if (this.mood === 'broken') return [503, { error_code: 50003, message: 'no leader' }]
    if (this.mood === 'not a registry') return [404, '<html>no such page</html>']
    if (this.mood === 'forbidding') return [401, { error_code: 40101, message: 'who are you' }]
    return this.#answer(method, path, text)
  }

  #answer(method: string, path: string, text: string): readonly [number, unknown] {
    const [, section = '', name = '', rest = ''] = path.split('/').map(decodeURIComponent)
    if (section === 'schemas') return this.#schemaById(Number(rest))
    if (section === 'config') return this.#config(method, name, text)
    if (section === 'subjects' && name === '') return [200, [...this.#subjects.keys()]]
    return rest === 'versions' ? this.#register(name, schemaIn(text)) : this.#lookUp(name, schemaIn(text))
  }

  #schemaById(id: number): readonly [number, unknown] {
    const schema = this.#schemas[id - 1]
    return schema === undefined
      ? [404, { error_code: 40403, message: 'Schema not found' }]
      : [200, { schema }]
  }

  #config(method: string, subject: string, text: string): readonly [number, unknown] {
    if (method === 'PUT') this.#levels.set(subject, /"compatibility":"(\w+)"/.exec(text)?.[1] ?? '')
    const level = this.#levels.get(subject)
    return level === undefined
      ? [404, { error_code: 40408, message: 'No level' }]
      : [200, { compatibilityLevel: level }]
  }

  #register(subject: string, schema: string): readonly [number, unknown] {
    if (this.refuses.has(subject))
      return [409, { error_code: 409, message: 'READER_FIELD_MISSING_DEFAULT_VALUE' }]
    if (!this.#schemas.includes(schema)) this.#schemas.push(schema)
    this.#subjects.set(subject, [...(this.#subjects.get(subject) ?? []), schema])
    return [200, { id: this.#schemas.indexOf(schema) + 1 }]
  }

  #lookUp(subject: string, schema: string): readonly [number, unknown] {
    if (!this.#subjects.has(subject)) return [404, { error_code: 40401, message: 'Subject not found' }]
    if (this.#subjects.get(subject)?.includes(schema) !== true)
      return [404, { error_code: 40403, message: 'not found' }]
    return [200, { subject, id: this.#schemas.indexOf(schema) + 1, version: 1, schema }]
  }
}

function schemaIn(text: string): string {
  const body: unknown = JSON.parse(text)
  if (typeof body !== 'object' || body === null || !('schema' in body))
    throw new Error('no schema in the request')
  return String(body.schema)
}
