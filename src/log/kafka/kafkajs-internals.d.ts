/** What is changed inside kafkajs (`quiet-queues.ts`, `one-connection.ts`). */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: { readonly maxInFlightRequests: number | null; readonly logger: { debug(): void } })
    readonly pending: readonly unknown[]
    maybeThrottle(clientSideThrottleTimeMs: number): void
    checkPendingRequests(): void
    push(request: {
      readonly entry: { readonly correlationId: number }
      readonly expectResponse: boolean
      sendRequest(): void
    }): void
    scheduleCheckPendingRequests(): void
  }
}

declare module 'kafkajs/src/network/connection.js' {
  import type { ISocketFactory } from 'kafkajs'
  export default class Connection {
    constructor(parts: {
      readonly host: string
      readonly port: number
      readonly logger: object
      readonly socketFactory: ISocketFactory
      readonly requestTimeout: number
      readonly connectionTimeout: number
    })
    isConnected(): boolean
    connect(): Promise<unknown>
    send<T>(protocol: {
      readonly request: { readonly apiName: string; encode(): Promise<{ readonly buffer: Buffer }> }
      readonly response: { decode(bytes: Buffer): Promise<T>; parse(decoded: T): Promise<T> }
    }): Promise<T>
    disconnect(): Promise<unknown>
  }
}
