/**
 * One partition while it is ours, and the group's notes of it (death-notes.ts): whose death tells of what, and what
 * is done about it (P8).
 *
 * V1. An owner that ends where it began makes its successor do the first stretches of work alone in its process; one
 *     that ends in such a stretch makes its successor work record by record, each noted before it is touched, and alone.
 * V2. So a death is told of a record only where nothing else was being worked on in the process. What was written
 *     by other partitions, by timers, or before, is told of no record.
 * V3. Over a record that one has died over already nothing is tried before the process has been quiet for a while:
 *     what kills by the time since the start, or by what is fetched, kills then.
 * V4. A record that `MOST_DEATHS` owners in a row died over is set aside as `crash`, unread. A death that has another
 *     cause is told of a record only where it falls into the moments in which that record was noted.
 * V5. An owner that lives takes its note back, whatever kept it from going on, but where another has taken over.
 * V6. What was processed before the store was set back or lost killed nobody then: on the way back to a suspected record
 *     it is worked on in stretches, each noted as a beginning is (V1), and record by record only where that says so.
 * V7. How many records are worked on one by one counts from where the first owner began to do so, however many there were
 *     since: deaths of other causes do not make it more.
 * V8. Waiting is not working: before a stretch, and behind it, the group is waited for outside of the turn, in which others
 *     work, and what is written again then says of us what it said before. Between the two notes of a record the turn is
 *     kept: whether the group has taken a note that did not get an answer nobody knows, and while it may name the record
 *     nobody else may work (V2).
 */
import type { Care } from './care.ts'
import { BEGUN, deathNote, MOST_DEATHS, noteText, type Begun, type Suspicion } from './death-notes.ts'
import { FencedError, ProducerLostError, TransientError } from './errors.ts'
import type { GroupPosition, Membership } from './log.ts'
import type { PartitionWorker, StepResult } from './partition-worker.ts'
import { probed } from './probe.ts'
import type { SourceRecord } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import { begunHere, watchedSource, type WatchedSource } from './watched-source.ts'

/** How long nothing is worked on before a record that owners died over is tried again (V3). */
const QUIET_MS = 1_000
/** A group that has answered so lately is there: it is not asked again before a turn (V8). */
const HEARD_MS = 1_000
/** Chunks that an owner may have worked on since its last commit when it died. */
const ALONE_CHUNKS = 8
/** Of one that died alone: the chunk that was noted, and what it took in its place when the sources came otherwise. */
const CAREFUL_CHUNKS = 2

/** `beside` others, or alone in the process: `alone` in stretches, or `carefully` record by record. */
type Way = 'beside' | 'alone' | 'carefully'

/**
 * The group's notes of a partition. One that suspects a record may be of an owner that lives and is just taking it
 * back, since it has been told as we have that the partition is ours now: it is given a moment to do so.
 */
export async function settledNotes(
  services: EngineServices,
  read: () => Promise<readonly GroupPosition[]>,
): Promise<readonly GroupPosition[]> {
  const notes = await read()
  if (notes.every((note) => (deathNote(note)?.suspicion ?? null) === null)) return notes
  await services.pause(QUIET_MS)
  return read()
}

export class DeathWatch implements Care {
  readonly worker: PartitionWorker
  readonly #services: EngineServices
  readonly #membership: Membership
  readonly #sources: readonly WatchedSource[]
  #way: Way
  /** What the group's notes say of how we began. */
  #begun: Begun
  /** Whether we have noted that we began, or need not. */
  #noted: boolean
  #inHand: Pick<SourceRecord, 'topic' | 'offset'> | null = null
  /** Steps that are still to be made alone. */
  #left: number
  /** Whether an owner died alone in the stretch that begins where we stand. */
  readonly #diedHere: boolean
  /** Of the stretches that are worked on again (V6), how many are noted as those of one alone. */
  #leftAgain: number
  #abandoned = false
  /** While the group is asked outside of turns (V8). */
  #waiting = false
  #heardMs: number
  /** Told when the group has answered. */
  readonly #heard: () => void
  /** What came of asking it that no waiting helps. */
  #failure: Error | null = null

  constructor(
    services: EngineServices,
    membership: Membership,
    worker: PartitionWorker,
    topics: readonly string[],
    committed: readonly GroupPosition[],
    heard: () => void,
  ) {
    this.worker = worker
    this.#heard = heard
    this.#heardMs = services.clock.now()
    this.#services = services
    this.#membership = membership
    this.#sources = topics.map((topic) => watchedSource(topic, worker, committed))
    this.#begun = begunHere(this.#sources)
    this.#diedHere = this.#begun === BEGUN.alone
    this.#leftAgain = this.#begun === BEGUN.beside ? ALONE_CHUNKS : 0
    this.#way = this.#suspects() ? 'carefully' : WAYS[this.#begun]
    this.#noted = this.#way !== 'beside'
    const carefully = CAREFUL_CHUNKS * services.options.chunkRecords
    this.#left = this.#way === 'alone' ? ALONE_CHUNKS : carefully - this.#come
    for (const { topic, suspicion } of this.#sources) {
      if (suspicion !== null) services.observer.suspected(topic, worker.partition, suspicion)
    }
  }

  /** Whether its steps must be alone in the process. */
  get alone(): boolean {
    return this.#way !== 'beside'
  }

  /** Whether the group is waited for, so that there is no reason to take a turn (V8); asks it where it was not heard lately. */
  waits(): boolean {
    const silentMs = this.#services.clock.now() - this.#heardMs
    if (!this.#waiting && this.alone && this.#fed && silentMs >= HEARD_MS) this.#ask()
    return this.#waiting
  }

  /** Ends all waiting for servers: the partition is being let go. */
  abandon(): void {
    this.#abandoned = true
    this.worker.abandon()
  }

  async step(): Promise<StepResult> {
    if (this.#failure !== null) throw this.#failure
    // Something may have come while the turn was waited for.
    if (this.waits()) return WAITS
    try {
      if (this.#way === 'carefully') return (await this.#stepAgain()) ?? (await this.#stepCarefully())
      if (!this.#fed) return await this.#stepIdle()
      if (this.#way === 'alone') return await this.#stepAlone()
      if (!this.#noted) await this.#begin()
      return await this.worker.step()
    } catch (error) {
      if (error instanceof ProducerLostError || error instanceof TransientError) await this.#takeBack()
      throw error
    }
  }

  /** What the group may be told now; `inOrder`: the partition is let go, and nobody died over it. */
  positions(inOrder: boolean): readonly GroupPosition[] {
    const told = this.worker.positions()
    const moved = told.some(({ topic, offset }) => offset > this.#source(topic).from)
    const stays = this.#begun !== BEGUN.not && !moved && !inOrder
    if (stays || (told.length === 0 && this.#begun === BEGUN.not)) return []
    this.#begun = BEGUN.not
    return this.#notes()
  }

  condemned(record: SourceRecord): boolean {
    return this.#deathsOver(record) >= MOST_DEATHS
  }

  async take(record: SourceRecord): Promise<void> {
    const { topic, offset } = record
    if (this.#inHand?.topic === topic && this.#inHand.offset === offset) return
    if (this.#deathsOver(record) > 0) {
      await this.release()
      await this.#services.pause(QUIET_MS)
    }
    // Another may have taken over meanwhile: its notes must stand.
    if (this.#abandoned) throw new FencedError(`${topic}/${this.worker.partition} is being let go`)
    this.#inHand = { topic, offset }
    await this.#available(() => this.#write())
  }

  async release(): Promise<void> {
    if (this.#inHand === null) return
    this.#inHand = null
    if (this.#moved) this.#begun = BEGUN.not
    await this.#available(() => this.#write())
  }

  /** Notes, once, that somebody works here. Best effort: without it we learn later. */
  async #begin(): Promise<void> {
    this.#noted = true
    this.#begun = BEGUN.beside
    await this.#tryToWrite()
  }

  /** Where there is nothing to be worked on nobody died over anything that is still there. */
  #stepIdle(): Promise<StepResult> {
    if (this.#caughtUp) this.#way = 'beside'
    return this.worker.step()
  }

  async #stepAlone(): Promise<StepResult> {
    if (!(await this.#beginHere(BEGUN.alone))) return WAITS
    const result = await this.worker.step()
    await this.worker.flush()
    // Nothing to be noted in between: a source that has moved makes the note void.
    if (!this.#moved) this.#begun = BEGUN.beside
    else if (!this.#hasPassed()) return result
    await this.#tell()
    return result
  }

  /** A stretch of what was processed before (V6); null where what comes next must be taken record by record. */
  async #stepAgain(): Promise<StepResult | null> {
    if (!this.#worksAgain || !this.#fed || (this.#diedHere && this.#left > 0)) return null
    if (!(await this.#beginHere(this.#leftAgain > 0 ? BEGUN.alone : BEGUN.beside))) return WAITS
    this.#leftAgain--
    const result = await this.worker.step(true)
    await this.worker.flush()
    if (this.#moved) return result
    this.#begun = BEGUN.not
    return (await this.#tell()) ? null : result
  }

  async #stepCarefully(): Promise<StepResult> {
    const result = await this.worker.stepCarefully(this)
    await this.release()
    const hasPassed = (this.#caughtUp || (result.worked && this.#moved)) && this.#hasPassed()
    // Who dies beside others from here on leaves no note that begins before what was set aside.
    if (hasPassed) await this.#tell()
    return result
  }

  /** One step less; true where all that an owner may have had in hand when it died lies behind us. */
  #hasPassed(): boolean {
    if (--this.#left > 0 && !this.#caughtUp) return false
    if (this.#suspects()) return false
    this.#way = 'beside'
    this.#begun = BEGUN.not
    return true
  }

  /** We live: nobody is to suspect anything for our sake (V5). Best effort, for we are letting go. */
  async #takeBack(): Promise<void> {
    const before = this.#moved ? BEGUN.not : BEFORE[this.#way]
    if (this.#inHand === null && (before === null || before === this.#begun)) return
    this.#inHand = null
    this.#begun = before ?? this.#begun
    await this.#tryToWrite()
  }

  /** Notes how we begin the next stretch; false, and all is as before, where the group does not answer. */
  async #beginHere(begun: Begun): Promise<boolean> {
    const before = this.#begun
    const froms = this.#sources.map((source) => source.from)
    for (const source of this.#sources) source.from = this.worker.position(source.topic)
    this.#begun = begun
    return this.#tell(() => {
      this.#begun = before
      for (const [at, source] of this.#sources.entries()) source.from = froms[at] ?? source.from
    })
  }

  /** Writes the notes; where the group does not answer, it is asked from here on until it does, and this is false (V8). */
  async #tell(undo: () => void = () => undefined): Promise<boolean> {
    try {
      await this.#write()
      return true
    } catch (error) {
      if (!(error instanceof TransientError) || this.#abandoned) throw error
      undo()
      this.#ask()
      return false
    }
  }

  /** Asks the group, by what it is to know of us, until it answers. */
  #ask(): void {
    this.#waiting = true
    const asked = this.#available(async () => {
      // Another may have taken over meanwhile: its notes must stand.
      if (!this.#abandoned) await this.#write()
    })
    void asked
      .catch((error: unknown) => {
        if (!this.#abandoned) this.#failure = error instanceof Error ? error : new Error(String(error))
      })
      .finally(() => {
        this.#waiting = false
        this.#heard()
      })
  }

  /** How many records lie between where owners began to work one by one and where we stand, at most (V7). */
  get #come(): number {
    return this.#sources.reduce((sum, { topic, from }) => sum + this.worker.position(topic) - from, 0)
  }

  /** Something is there to be worked on. */
  get #fed(): boolean {
    return this.#sources.some(({ topic }) => this.worker.nextOffset(topic) > this.worker.position(topic))
  }

  /** Whether some of what comes next was processed before: the store was set back or lost (rebuild.ts). */
  get #worksAgain(): boolean {
    return this.#sources.some(({ topic, noted }) => this.worker.position(topic) < noted.offset)
  }

  get #caughtUp(): boolean {
    return this.#sources.every(({ topic }) => this.worker.lag(topic) === 0)
  }

  get #moved(): boolean {
    return this.#sources.some(({ topic, from }) => this.worker.position(topic) > from)
  }

  /** Whether a record that owners died over is still ahead. */
  #suspects(): boolean {
    return this.#sources.some((source) => this.#ahead(source) !== null)
  }

  #ahead({ topic, suspicion }: WatchedSource): Suspicion | null {
    return suspicion !== null && suspicion.offset >= this.worker.position(topic) ? suspicion : null
  }

  #deathsOver({ topic, offset }: Pick<SourceRecord, 'topic' | 'offset'>): number {
    const { suspicion } = this.#source(topic)
    return suspicion?.offset === offset ? suspicion.deaths : 0
  }

  #source(topic: string): WatchedSource {
    const found = this.#sources.find((source) => source.topic === topic)
    if (found === undefined) throw new Error(`${topic} is not watched`)
    return found
  }

  #notes(): readonly GroupPosition[] {
    const told = this.worker.positions()
    return this.#sources.map((source) => {
      const { topic, from: at, noted } = source
      const position = told.find((one) => one.topic === topic)
      const commit = position === undefined ? noted.commit : `${position.epoch}.${position.sequence}`
      const note = { begun: this.#begun, at, suspicion: this.#suspicion(source) }
      const metadata = noteText(commit, note, this.#way === 'carefully')
      return { topic, partition: this.worker.partition, offset: position?.offset ?? noted.offset, metadata }
    })
  }

  /** Of the record in hand the note says what will be true if we die over it. */
  #suspicion(source: WatchedSource): Suspicion | null {
    if (this.#inHand?.topic !== source.topic) return this.#ahead(source)
    return { offset: this.#inHand.offset, deaths: this.#deathsOver(this.#inHand) + 1 }
  }

  async #write(): Promise<void> {
    const { clock, probe } = this.#services
    await probed(probe, 'group.deaths', () => this.#membership.commitOffsets(this.#notes()))
    this.#heardMs = clock.now()
  }

  async #tryToWrite(): Promise<void> {
    try {
      await this.#write()
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
    }
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(this.#services, this.worker.partition, () => this.#abandoned, operation)
  }
}

/** Nothing is done before the group has answered. */
const WAITS: StepResult = { worked: false, wakeAtMs: null }
/** How to work where the last owner ended as it began. */
const WAYS: Readonly<Record<Begun, Way>> = {
  [BEGUN.not]: 'beside',
  [BEGUN.beside]: 'alone',
  [BEGUN.alone]: 'carefully',
}
/** What the notes said before we began to work that way; null where we noted nothing of it. */
const BEFORE: Readonly<Record<Way, Begun | null>> = {
  beside: BEGUN.not,
  alone: BEGUN.beside,
  carefully: null,
}
