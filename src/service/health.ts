/**
 * `/livez`: the process works; a broker's absence does not kill it. `/readyz`: every topology has joined, holds
 * its tasks, reaches its store and waits for nobody; says what is missing. `/metrics`: Prometheus text.
 */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HealthSource {
  /** Null when alive; else why not. */
  live(): string | null
  /** Empty when ready; else what is missing, one line each. */
  missing(): readonly string[]
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

export async function startHealthServer(
  host: string,
  port: number,
  source: HealthSource,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '', source, response).catch(() => send(response, 500, 'text/plain', 'failed\n'))
  })
  await listen(server, host, port)
  return {
    port: portOf(server),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function answer(url: string, source: HealthSource, response: ServerResponse): Promise<void> {
  const path = url.split('?')[0]
  if (path === '/livez' || path === '/healthz')
    return probe(response, source.live() === null ? [] : [source.live() ?? ''])
  if (path === '/readyz') return probe(response, source.missing())
  if (path !== '/metrics') return send(response, 404, 'text/plain', 'try /livez, /readyz or /metrics\n')
  const { contentType, text } = await source.metrics()
  send(response, 200, contentType, text)
}

function probe(response: ServerResponse, missing: readonly string[]): void {
  const body = { status: missing.length === 0 ? 'ok' : 'unavailable', missing }
  send(response, missing.length === 0 ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`)
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType })
  response.end(body)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}
