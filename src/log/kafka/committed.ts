/**
 * What a reader of committed records may see of one fetch. kafkajs's own filter lets aborted records through
 * when transactions overlap or are listed out of order, and takes any record with a key of four zero bytes for
 * an abort marker; this one follows the Java client.
 */
export interface FetchedMessage {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | null | undefined>>
  readonly isControlRecord?: boolean
  /** Missing on records of Kafka before 0.11. */
  readonly batchContext?: BatchContext
}

export interface BatchContext {
  readonly producerId: string
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
}

export interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: string
}

/** The committed records among `messages`, in order, without markers. */
export function committedMessages(
  messages: readonly FetchedMessage[],
  aborted: readonly AbortedTransaction[],
): readonly FetchedMessage[] {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset))
  const abortedProducers = new Set<string>()
  return messages.filter((message) => {
    while (waiting[0] !== undefined && Number(waiting[0].firstOffset) <= Number(message.offset)) {
      abortedProducers.add(waiting[0].producerId)
      waiting.shift()
    }
    const batch = message.batchContext
    if (batch === undefined) return true
    if (!batch.isControlBatch) return !(batch.inTransaction && abortedProducers.has(batch.producerId))
    if (isAbortMarker(message.key)) abortedProducers.delete(batch.producerId)
    return false
  })
}

/** The key of a control record: version and type, two bytes each; type 0 is an abort. */
function isAbortMarker(key: Buffer | null): boolean {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0
}
