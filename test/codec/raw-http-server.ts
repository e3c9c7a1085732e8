/** An HTTP server that answers with whatever bytes it is told, and counts who asks. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** What is done about one whole request. */
export type Answering = (socket: Socket, path: string) => void

export class RawHttpServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Method and path of every request, in order. */
  readonly requests: string[] = []
  /** For the requests to come, in order; the last one for all that follow. */
  answers: readonly Answering[] = []

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(): Promise<string> {
    this.#server.listen({ port: 0, host: '127.0.0.1' })
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    let came = ''
    socket.on('data', (bytes) => {
      came += bytes.toString('latin1')
      const end = requestEnd(came)
      if (end < 0) return
      const [method = '', path = ''] = came.split(' ')
      came = came.slice(end)
      const at = this.requests.push(`${method} ${path}`) - 1
      const answer = this.answers[Math.min(at, this.answers.length - 1)]
      answer?.(socket, path)
    })
  }
}

/** -1 where the request is not whole. */
function requestEnd(came: string): number {
  const headEnd = came.indexOf('\r\n\r\n')
  if (headEnd < 0) return -1
  const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(came)?.[1] ?? 0)
  return came.length < end ? -1 : end
}

/** An answer with its length told. */
export function answerOf(status: number, body: string, ...headers: readonly string[]): Buffer {
  return headed(status, [...headers, `content-length: ${Buffer.byteLength(body)}`], body)
}

/** An answer in two chunks. */
export function chunkedAnswerOf(status: number, body: string): Buffer {
  const half = Math.ceil(body.length / 2)
  const chunks = [body.slice(0, half), body.slice(half), ''].map(
    (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
  )
  return headed(status, ['transfer-encoding: chunked'], chunks.join(''))
}

/** An answer that ends where its connection does. */
export function unmeasuredAnswerOf(status: number, body: string): Buffer {
  return headed(status, ['connection: close'], body)
}

function headed(status: number, headers: readonly string[], body: string): Buffer {
  const head = [`HTTP/1.1 ${status} So`, 'content-type: application/json', ...headers]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
