/**
 * Every break of a connection to the registry, and every answer that is none: each call ends in time, with TransientError where
 * waiting helps and RefusedError with what to do where it does not, and nothing that was not said is remembered (R5, R6, R7).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RegistryClient } from '../../src/codec/registry.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import { RefusedError, TransientError } from '../../src/engine/errors.ts'
import {
  answerOf,
  chunkedAnswerOf,
  RawHttpServer,
  unmeasuredAnswerOf,
  type Answering,
} from './raw-http-server.ts'

const SCHEMA = JSON.stringify({ type: 'record', name: 'One', fields: [] })

interface Call {
  readonly name: string
  readonly ask: (client: RegistryClient) => Promise<unknown>
  /** What a registry answers, and what the call makes of it. */
  readonly body: string
  readonly value: unknown
}

const CALLS: readonly Call[] = [
  {
    name: 'schemaById',
    ask: (client) => client.schemaById(7),
    body: JSON.stringify({ schema: SCHEMA }),
    value: SCHEMA,
  },
  {
    name: 'idFor',
    ask: (client) => client.idFor('t-value', SCHEMA),
    body: JSON.stringify({ subject: 't-value', id: 7, version: 1, schema: SCHEMA }),
    value: 7,
  },
  {
    name: 'register',
    ask: (client) => client.register('t-value', SCHEMA),
    body: JSON.stringify({ id: 7 }),
    value: { outcome: 'registered', id: 7 },
  },
  {
    name: 'compatibility',
    ask: (client) => client.compatibility('t-value'),
    body: JSON.stringify({ compatibilityLevel: 'FULL' }),
    value: 'FULL',
  },
  {
    name: 'setCompatibility',
    ask: (client) => client.setCompatibility('t-value', 'FULL'),
    body: JSON.stringify({ compatibility: 'FULL' }),
    value: undefined,
  },
  {
    name: 'subjects',
    ask: (client) => client.subjects(),
    body: JSON.stringify(['t-value']),
    value: ['t-value'],
  },
]

/** What is read of the answer; the level that was set is only told back. */
const READING = CALLS.filter(({ name }) => name !== 'setCompatibility')

const giving =
  (...parts: readonly Buffer[]): Answering =>
  (socket) =>
    void socket.write(Buffer.concat(parts))

let server: RawHttpServer
let baseUrl: string

beforeEach(async () => {
  server = new RawHttpServer()
  baseUrl = await server.listen()
})
afterEach(() => server.close())

function newClient(timeoutMs = 20_000): RegistryClient {
  return new RegistryClient({ baseUrl, clock: new ManualClock(0), timeoutMs, absentForMs: 10_000 })
}

function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => ({ value }),
    (error: unknown) => error,
  )
}

/** Gives the trouble, and the right answer to who asks again: nothing of the trouble may be remembered. */
async function troubleOf(
  { ask, body, value }: Call,
  trouble: Answering,
  client = newClient(),
): Promise<unknown> {
  server.requests.length = 0
  server.answers = [trouble, giving(answerOf(200, body))]
  const error = await errorOf(ask(client))
  expect(server.requests).toHaveLength(1)
  expect(await ask(client)).toEqual(value)
  return error
}

describe('an answer that is cut', () => {
  const ends: Readonly<Record<string, (answer: Buffer) => Answering>> = {
    ends: (part) => (socket) => socket.end(part),
    'is reset': (part) => (socket) => socket.write(part, () => socket.resetAndDestroy()),
  }
  const answers = { 'with its length': answerOf, 'in chunks': chunkedAnswerOf }

  it.each(
    CALLS.flatMap((call) =>
      Object.entries(answers).flatMap(([kind, answer]) =>
        Object.entries(ends).map(([how, end]) => ({ name: call.name, kind, how, call, answer, end })),
      ),
    ),
  )('$name, $kind: the connection $how at whatever byte', async ({ call, answer, end }) => {
    const whole = answer(200, call.body)
    const client = newClient()
    for (let bytes = 0; bytes < whole.length; bytes++) {
      // What is known is not asked for again.
      const asked = call.name === 'schemaById' ? newClient() : client
      const error = await troubleOf(call, end(whole.subarray(0, bytes)), asked)
      expect(error, `after ${bytes} bytes`).toBeInstanceOf(TransientError)
    }
  })

  it.each(READING)('$name, where only the connection tells its end', async (call) => {
    for (let bytes = 0; bytes < call.body.length; bytes++) {
      const part = unmeasuredAnswerOf(200, call.body.slice(0, bytes))
      const error = await troubleOf(call, (socket) => socket.end(part))
      expect(error, `after ${bytes} bytes`).toBeInstanceOf(TransientError)
    }
  })

  it.each(READING)('$name, by a length that is too short', async (call) => {
    const told = answerOf(200, call.body.slice(0, -1))
    const error = await troubleOf(call, giving(told, Buffer.from(call.body.slice(-1))))
    expect(error).toBeInstanceOf(TransientError)
  })
})

describe('an answer that does not come', () => {
  const SLOW_MS = 100
  const slowly = (bytes: Buffer): Answering => {
    return (socket) => {
      let at = 0
      const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), SLOW_MS / 4)
      socket.on('close', () => clearInterval(timer))
    }
  }

  it.each(CALLS)('$name ends in time, however little comes', async (call) => {
    const whole = answerOf(200, call.body)
    const headBytes = whole.indexOf('\r\n\r\n') + 4
    const all: readonly Answering[] = [
      () => undefined,
      giving(whole.subarray(0, headBytes)),
      giving(whole.subarray(0, -1)),
      slowly(whole),
      (socket) => {
        socket.write(whole.subarray(0, headBytes))
        slowly(whole.subarray(headBytes))(socket, '')
      },
    ]
    for (const answer of all) {
      server.requests.length = 0
      server.answers = [answer]
      expect(await errorOf(call.ask(newClient(SLOW_MS)))).toBeInstanceOf(TransientError)
    }
  })
})

describe('an answer that is none', () => {
  const bodies = [
    '',
    ' ',
    '<html>hello</html>',
    'null',
    '7',
    '{}',
    '[7]',
    '{"schema":7,"id":"7"}',
    '{"id":7.5}',
  ]

  it.each(READING)('$name waits for a better one', async (call) => {
    for (const body of bodies) {
      const error = await troubleOf(call, giving(answerOf(200, body)))
      expect(error, body).toBeInstanceOf(TransientError)
    }
    expect(await troubleOf(call, giving(answerOf(204, '')))).toBeInstanceOf(TransientError)
  })

  it.each(CALLS)('$name waits where HTTP itself is broken', async (call) => {
    for (const bytes of [
      '\r\n\r\n',
      'SSH-2.0-server\r\n',
      'HTTP/1.1 abc\r\n\r\n',
      'HTTP/1.1 200 So\r\n: \r\n\r\n',
    ]) {
      const error = await troubleOf(call, (socket) => socket.end(bytes))
      expect(error, bytes).toBeInstanceOf(TransientError)
    }
  })
})

describe('a status', () => {
  const passing: readonly (readonly [status: number, body: string, ...headers: string[]])[] = [
    [500, '{"error_code":50001,"message":"store"}'],
    [502, '<html>'],
    [503, '', 'retry-after: 3600'],
    [429, ''],
    [429, '', 'retry-after: 1'],
    [408, ''],
    [404, '<html>'],
    // Of the web server within a registry: there is no such path.
    [404, '{"error_code":404,"message":"HTTP 404 Not Found"}'],
  ]

  it.each(CALLS)('$name waits for what may pass', async (call) => {
    for (const [status, body, ...headers] of passing) {
      const error = await troubleOf(call, giving(answerOf(status, body, ...headers)))
      expect(error, `${status} ${body}`).toBeInstanceOf(TransientError)
    }
  })

  it.each(CALLS)('$name tells a person what to do about what does not pass', async (call) => {
    for (const [status, toDo] of [
      [401, /user and password in SCHEMA_REGISTRY_URL/],
      [403, /user and password in SCHEMA_REGISTRY_URL/],
      [405, /check the path in SCHEMA_REGISTRY_URL/],
    ] as const) {
      const error = await troubleOf(call, giving(answerOf(status, '')))
      expect(error, String(status)).toBeInstanceOf(RefusedError)
      expect(String(error)).toMatch(toDo)
    }
  })

  it.each(CALLS)('$name follows nobody who sends it elsewhere, and says where to', async (call) => {
    const elsewhere = 'location: https://me:secret@login.example/here?token=secret'
    for (const [status, kind] of [
      [301, RefusedError],
      [308, RefusedError],
      [302, TransientError],
      [303, TransientError],
      [307, TransientError],
    ] as const) {
      const error = await troubleOf(call, giving(answerOf(status, '', elsewhere)))
      expect(error, String(status)).toBeInstanceOf(kind)
      expect(String(error)).toMatch(/https:\/\/login\.example\/here\b.*SCHEMA_REGISTRY_URL/)
      expect(String(error)).not.toContain('secret')
      expect(await troubleOf(call, giving(answerOf(status, '')))).toBeInstanceOf(kind)
    }
  })
})

describe('a connection that is used again', () => {
  const schemaOf = (path: string): string =>
    JSON.stringify({ type: 'enum', name: `Of${path.split('/').at(-1)}` })
  const answered: Answering = (socket, path) => {
    socket.write(answerOf(200, JSON.stringify({ schema: schemaOf(path) })))
  }

  it('gives no answer to another question, where a registry answers twice', async () => {
    const twice: Answering = (socket, path) => {
      const answer = answerOf(200, JSON.stringify({ schema: schemaOf(path) }))
      socket.write(Buffer.concat([answer, answer]))
    }
    for (const late of [false, true]) {
      server.requests.length = 0
      server.answers = [late ? answered : twice, twice, answered]
      const client = newClient()
      for (let id = 1; id < 6; id++) {
        const given = await errorOf(client.schemaById(id))
        if (given instanceof TransientError) expect(await client.schemaById(id)).toBe(schemaOf(`/${id}`))
        else expect(given).toEqual({ value: schemaOf(`/${id}`) })
      }
    }
  })

  it('fails for all who wait for one id, and is asked anew by the next', async () => {
    server.answers = [(socket) => socket.resetAndDestroy(), answered]
    const client = newClient()
    const all = await Promise.all(Array.from({ length: 20 }, () => errorOf(client.schemaById(1))))
    for (const error of all) expect(error).toBeInstanceOf(TransientError)
    expect(server.requests).toHaveLength(1)
    expect(await client.schemaById(1)).toBe(schemaOf('/1'))
  })
})
