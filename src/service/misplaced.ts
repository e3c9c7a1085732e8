/**
 * Notices a producer that places its records by another hash than murmur2, as librdkafka does by default: nearly all
 * of its records lie where their keys do not belong, and are set aside one by one.
 *
 * M1. Told once a source, loudly, with what to do, when at least `LEAST` records are misplaced and they are more than
 *     `SHARE` of what came; until then, and of other sources, each record is told as ever.
 */
const LEAST = 20
const SHARE = 0.01

export const MISPLACED_ADVICE =
  'A producer of this topic places records by another hash than murmur2, so that they are set aside. Set ' +
  'partitioner=murmur2_random where it uses librdkafka (whose default is consistent_random, a crc32), or the Java ' +
  "client's default; then send the records in its dead-letter topic again."

interface Source {
  placed: number
  misplaced: number
  told: boolean
}

export class Misplaced {
  readonly #sources = new Map<string, Source>()
  readonly #tell: (topic: string, share: number) => void

  constructor(tell: (topic: string, share: number) => void) {
    this.#tell = tell
  }

  placed(topic: string, records: number): void {
    this.#source(topic).placed += records
  }

  /** One record that lies in a partition that is not its key's; true where its source has been told already. */
  misplaced(topic: string): boolean {
    const source = this.#source(topic)
    if (source.told) return true
    source.misplaced++
    const share = source.misplaced / (source.placed + source.misplaced)
    if (source.misplaced < LEAST || share <= SHARE) return false
    source.told = true
    this.#tell(topic, share)
    return true
  }

  #source(topic: string): Source {
    const found = this.#sources.get(topic) ?? { placed: 0, misplaced: 0, told: false }
    this.#sources.set(topic, found)
    return found
  }
}
