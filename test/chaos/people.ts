/**
 * People during a run: they stop a detector before it begins, throw and release the switch of another while records flow,
 * follow the sanctions as they come out and undo some of them, and decide cases, by signed words. Some words count for nothing: nobody signed them, or somebody whose key is not in the set. And
 * one person alone asks for what needs two.
 *
 * What each sanction and case is met with follows from its id alone, so that two runs of one seed say the same.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Kafka, logLevel, type Consumer, type Producer } from 'kafkajs'
import type { Codec } from '../../src/codec/codec.ts'
import type { Decision, DecisionKind, ReviewCase } from '../../src/domain/case.ts'
import type { Control } from '../../src/domain/control.ts'
import type { Sanction } from '../../src/domain/sanction.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { newKey } from '../../src/sign/new-key.ts'
import { signingWith, type Signing } from '../../src/sign/signature.ts'

export const PEOPLE_TOPICS = [
  'abuse.decisions.v1',
  'bailiff.control.v1',
  'abuse.sanctions.v1',
  'abuse.reviews.v1',
] as const

/** The one whose sanctions last: what people undo of it is undone by nobody else. */
const LASTING_CLAUSE = 'chaos.join'
/** Found as ever, and nothing may follow from it. */
const STOPPED_DETECTOR = 'chaos.stopped'
/** Stopped and let run again, over and over. */
const SWITCHED_DETECTOR = 'chaos.switched'
/** Twice as long as a switch may take to be known everywhere: half of what is found has one right outcome alone. */
const SWITCH_MS = 20_000

/** How a sanction is met. `stranger`: by somebody who is no signer. `twice`: the same word again. */
type Answer = {
  readonly kind: DecisionKind
  readonly signed: 'by a signer' | 'by a stranger' | 'not'
  readonly twice: boolean
} | null

/** By the first byte of a hash of the sanction's id: tenths of all. */
const ANSWERS: readonly Answer[] = [
  { kind: 'reverse', signed: 'by a signer', twice: false },
  { kind: 'reverse', signed: 'by a signer', twice: true },
  { kind: 'reverse', signed: 'by a signer', twice: false },
  { kind: 'lift', signed: 'by a signer', twice: true },
  { kind: 'terminate', signed: 'by a signer', twice: true },
  { kind: 'reverse', signed: 'by a stranger', twice: false },
  { kind: 'reverse', signed: 'not', twice: false },
  null,
  null,
  null,
]

/** Likewise of cases. */
const CASE_ANSWERS: readonly Answer[] = [
  { kind: 'uphold', signed: 'by a signer', twice: false },
  { kind: 'uphold', signed: 'by a signer', twice: true },
  { kind: 'narrow', signed: 'by a signer', twice: false },
  { kind: 'narrow', signed: 'by a signer', twice: true },
  { kind: 'reject', signed: 'by a signer', twice: false },
  { kind: 'reject', signed: 'by a signer', twice: true },
  { kind: 'uphold', signed: 'by a stranger', twice: false },
  { kind: 'reject', signed: 'not', twice: false },
  { kind: 'terminate', signed: 'by a signer', twice: true },
  null,
]

export class People {
  readonly #producer: Producer
  readonly #consumer: Consumer
  readonly #codec: Codec
  readonly #partitions: number
  readonly #signer: Signing
  readonly #stranger: Signing
  readonly #answered = new Set<string>()
  words = 0
  #switching: Promise<void> = Promise.resolve()
  #closing = new AbortController()

  private constructor(kafka: Kafka, codec: Codec, partitions: number, signer: Signing, stranger: Signing) {
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 1_000 }
    this.#producer = kafka.producer({ allowAutoTopicCreation: false, retry })
    this.#consumer = kafka.consumer({ groupId: 'chaos-people', maxWaitTimeInMs: 200, retry })
    this.#codec = codec
    this.#partitions = partitions
    this.#signer = signer
    this.#stranger = stranger
  }

  /** Writes the signers' public keys to the file. */
  static async meet(
    brokers: readonly string[],
    codec: Codec,
    partitions: number,
    signersFile: string,
  ): Promise<People> {
    const kafka = new Kafka({ clientId: 'chaos-people', brokers: [...brokers], logLevel: logLevel.NOTHING })
    const [ann, eve] = [await newKey('ann', null), await newKey('ann', null)]
    writeFileSync(signersFile, JSON.stringify({ keys: [ann.publicKey] }))
    const signer = await signingWith(JSON.stringify(ann.privateKey))
    const stranger = await signingWith(JSON.stringify(eve.privateKey))
    return new People(kafka, codec, partitions, signer, stranger)
  }

  /** Stops the detector that is to be stopped, then meets sanctions until it is closed. */
  async begin(): Promise<void> {
    await this.#producer.connect()
    await this.#switch(STOPPED_DETECTOR, 1)
    this.#switching = this.#throwAndRelease()
    await this.#consumer.connect()
    await this.#consumer.subscribe({
      topics: ['abuse.sanctions.v1', 'abuse.reviews.v1'],
      fromBeginning: true,
    })
    await this.#consumer.run({
      eachMessage: async ({ topic, message }) => {
        if (topic === 'abuse.sanctions.v1') {
          const read = this.#codec.decode(topic, { value: message.value })
          if (read.ok) await this.#meet(read.value)
        } else {
          const read = this.#codec.decode('abuse.reviews.v1', { value: message.value })
          if (read.ok) await this.#decide(read.value)
        }
      },
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#switching
    await this.#consumer.disconnect()
    await this.#producer.disconnect()
  }

  /** Until it is closed: odd versions stop the detector, even ones let it run. */
  async #throwAndRelease(): Promise<void> {
    for (let version = 1; !this.#closing.signal.aborted; version++) {
      await this.#switch(SWITCHED_DETECTOR, version)
      await setTimeout(SWITCH_MS, null, { signal: this.#closing.signal }).catch(() => null)
    }
  }

  async #switch(detector: string, version: number): Promise<void> {
    const control: Control = {
      id: `killSwitch/detector/${detector}`,
      version,
      issuedBy: this.#signer.person,
      issuedAtMs: Date.now(),
      reason: 'the chaos run',
      expiresAtMs: null,
      policy: null,
      killSwitch: { stops: 'detector', target: detector, engaged: version % 2 === 1 },
      list: null,
      signature: null,
    }
    const value = this.#codec.encode('bailiff.control.v1', await this.#signer.sign(control))
    await this.#producer.send({
      topic: 'bailiff.control.v1',
      acks: -1,
      messages: [{ key: control.id, value }],
    })
  }

  /** A sanction that is read again is not met again: what is said twice is said twice on purpose. */
  async #meet(sanction: Sanction): Promise<void> {
    if (sanction.clause !== LASTING_CLAUSE || sanction.endsSanctionId !== null) return
    if (this.#answered.has(sanction.id)) return
    this.#answered.add(sanction.id)
    const answer = ofTenths(ANSWERS, sanction.id)
    if (answer === null) return
    const word = {
      ...NOTHING_SAID,
      id: `decision-${sanction.id}`,
      sanctionId: sanction.id,
      kind: answer.kind,
    }
    await this.#say(sanction.accountId, { ...word, accountId: sanction.accountId }, answer)
  }

  /** A case that is opened, once. Who narrows one narrows it to the key. */
  async #decide({ id, accountId, status }: ReviewCase): Promise<void> {
    if (status !== 'open' || this.#answered.has(id)) return
    this.#answered.add(id)
    const answer = ofTenths(CASE_ANSWERS, id)
    if (answer === null) return
    const narrowed = { narrowToScope: 'key', narrowToTarget: `${accountId}-key` } as const
    const word = { ...NOTHING_SAID, id: `decision-${id}`, accountId, caseId: id, kind: answer.kind }
    await this.#say(accountId, answer.kind === 'narrow' ? { ...word, ...narrowed } : word, answer)
  }

  async #say(key: string, word: Decision, { signed, twice }: NonNullable<Answer>): Promise<void> {
    const decision = await this.#signed({ ...word, decidedAtMs: Date.now() }, signed)
    const value = this.#codec.encode('abuse.decisions.v1', decision)
    const message = { key, value, partition: partitionOf(Buffer.from(key), this.#partitions) }
    const messages = twice ? [message, message] : [message]
    await this.#producer.send({ topic: 'abuse.decisions.v1', acks: -1, messages })
    this.words += messages.length
  }

  #signed(decision: Decision, how: NonNullable<Answer>['signed']): Promise<Decision> {
    if (how === 'not') return Promise.resolve(decision)
    return (how === 'by a signer' ? this.#signer : this.#stranger).sign(decision)
  }
}

function ofTenths(answers: readonly Answer[], id: string): Answer {
  return answers[(createHash('sha256').update(id).digest()[0] ?? 0) % answers.length] ?? null
}

const NOTHING_SAID: Decision = {
  id: '',
  accountId: '',
  caseId: null,
  sanctionId: null,
  kind: 'lift',
  decidedBy: 'ann',
  decidedAtMs: 0,
  reason: 'the chaos run',
  sawContent: true,
  refund: null,
  narrowToScope: null,
  narrowToTarget: null,
  snooze: null,
  signature: null,
}
