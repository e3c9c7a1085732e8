/**
 * A gateway in front of a model, as small as one can be: it asks the view for every request and forwards what may pass.
 *
 *   KAFKA_BROKERS=127.0.0.1:19092 SCHEMA_REGISTRY_URL=http://127.0.0.1:18081/apis/ccompat/v7 node examples/gateway.ts 8080
 *
 * Outside of this repository import from `bailiff/client`. The account comes from the API key; here the key says it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { refusalOf, standingView, type Decision, type StandingView } from '../src/client/index.ts'

const APPEAL_URL = 'https://example.com/appeal'
const MINUTE_MS = 60_000

/** Requests of the running minute, by who has a ceiling. A real gateway counts in its own rate limiter. */
class Ceilings {
  #minute = 0
  readonly #counts = new Map<string, number>()

  passes(accountId: string, ratePerMinute: number): boolean {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    if (minute !== this.#minute) this.#counts.clear()
    this.#minute = minute
    const count = (this.#counts.get(accountId) ?? 0) + 1
    this.#counts.set(accountId, count)
    return count <= ratePerMinute
  }
}

const ceilings = new Ceilings()

function answer(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** `Authorization: Bearer ACCOUNT.KEY` */
function callerOf(request: IncomingMessage): { accountId: string; keyId: string } | null {
  const [, accountId, keyId] = /^Bearer ([\w-]+)\.([\w-]+)$/.exec(request.headers.authorization ?? '') ?? []
  return accountId === undefined || keyId === undefined ? null : { accountId, keyId: `${accountId}.${keyId}` }
}

function handle(view: StandingView, request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/healthz')
    return answer(response, 200, { staleMs: view.staleMs(), sanctioned: view.size })
  const caller = callerOf(request)
  if (caller === null) return answer(response, 401, { error: { message: 'no key', code: 'invalid_api_key' } })
  const model = request.headers['x-model']
  const ask = { keyId: caller.keyId, ...(typeof model === 'string' ? { capability: model } : {}) }
  const decision = view.may(caller.accountId, ask)
  if (!decision.allow) return refuse(response, decision, false)
  if (decision.ratePerMinute !== null && !ceilings.passes(caller.accountId, decision.ratePerMinute))
    return refuse(response, decision, true)
  answer(response, 200, { choices: [{ message: { role: 'assistant', content: 'Hello.' } }] })
}

function refuse(response: ServerResponse, decision: Decision, overCeiling: boolean): void {
  const { status, headers, body } = refusalOf(decision, APPEAL_URL, overCeiling)
  answer(response, status, body, headers)
}

const view = await standingView({
  brokers: (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:19092').split(','),
  registryUrl: process.env['SCHEMA_REGISTRY_URL'] ?? 'http://127.0.0.1:18081/apis/ccompat/v7',
  whenStale: 'allow',
  answerAfterMs: 30_000,
  onEnded: (error) => {
    console.error('the view is no longer followed:', error)
    process.exit(1)
  },
})
const server = createServer((request, response) => handle(view, request, response))
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`gateway on ${JSON.stringify(server.address())}, ${view.size} accounts sanctioned`)
})
process.once('SIGTERM', () => {
  server.close()
  void view.close()
})
