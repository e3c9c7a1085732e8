/** What is changed inside kafkajs (`quiet-queues.ts`). */
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
