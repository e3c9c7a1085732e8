/**
 * The steady stream: the yardstick's honest accounts (Zipf 1.1, the same addresses, templates and GPU seconds, 1 % out
 * of order, 0.1 % late) at the time at which each record is asked for, and between them one marker account after the
 * other, which sends enough within a moment to set off `burst`. Which record must set it off is known.
 */
import { addressOf, delayMs, mix, mulberry32, zipfRanks } from '../yardstick-stream.ts'
import type { Response } from '../yardstick/response.ts'

/** `burst` holds at this record of an account within a minute of the clock. */
const FIRES_AT = 61
/** Markers send a few records more, not equally many, so that they do not fire in step with commits. */
const MORE_RECORDS = 31
export const MARKER_RECORDS = FIRES_AT + (MORE_RECORDS - 1) / 2
const MINUTE_MS = 60_000
const SEED = 20_260_102
const INDEX_DIGITS = 12
const ID_HEAD = '5ea0d000-0000-4000-8000-'

export interface StreamPlan {
  readonly rate: number
  readonly accounts: number
  /** Marker accounts that fire in each second. */
  readonly detections: number
}

export class SteadyStream {
  /** Account of each marker that has come so far to the index of the record that must set it off. */
  readonly expected = new Map<string, number>()
  readonly #draw = mulberry32(SEED)
  readonly #rank: (draw: number) => number
  /** The share of records that are markers'. */
  readonly #markerShare: number
  #owed = 0
  #marker = 0
  #markerLength = 0
  #markerMinute = 0
  #markerSent = 0
  #index = 0

  constructor({ rate, accounts, detections }: StreamPlan) {
    this.#markerShare = (detections * MARKER_RECORDS) / rate
    this.#rank = zipfRanks(accounts, 1.1)
  }

  /** The next record, as if it happened now. Its number is in its event id (`indexOf`). */
  next(nowMs: number): Response {
    this.#owed += this.#markerShare
    const index = this.#index++
    if (this.#owed < 1) return this.#honest(index, nowMs)
    this.#owed -= 1
    return this.#ofMarker(index, nowMs)
  }

  #honest(index: number, nowMs: number): Response {
    const account = this.#rank(this.#draw())
    return record(idOf(index), account, nowMs - delayMs(this.#draw()), this.#draw())
  }

  #ofMarker(index: number, nowMs: number): Response {
    const minute = Math.floor(nowMs / MINUTE_MS)
    if (this.#markerSent === this.#markerLength || minute !== this.#markerMinute) this.#nextMarker(minute)
    const accountId = `mark-${String(this.#marker).padStart(7, '0')}`
    this.#markerSent++
    if (this.#markerSent === FIRES_AT) this.expected.set(accountId, index)
    return { ...record(idOf(index), this.#marker, nowMs, this.#draw()), accountId }
  }

  /** `burst` counts by the minute of the clock: what a minute's end cuts short before it fires, fires never. */
  #nextMarker(minute: number): void {
    this.#marker++
    this.#markerLength = FIRES_AT + (mix(this.#marker) % MORE_RECORDS)
    this.#markerMinute = minute
    this.#markerSent = 0
  }
}

/** One record of every honest account, so that there is state of each. */
export function firstOf(account: number, nowMs: number): Response {
  return record(`first-${String(account).padStart(30, '0')}`, account, nowMs, account)
}

/** A record's number in the stream; null for those of `firstOf`. */
export function indexOf(eventId: string): number | null {
  return eventId.startsWith(ID_HEAD) ? Number(eventId.slice(ID_HEAD.length)) : null
}

function idOf(index: number): string {
  return ID_HEAD + String(index).padStart(INDEX_DIGITS, '0')
}

function record(eventId: string, account: number, timeMs: number, draw: number): Response {
  return {
    eventId,
    accountId: `acct-${String(account).padStart(7, '0')}`,
    timeMs,
    clientAddress: addressOf(account, draw),
    gpuSeconds: (256 + ((draw >>> 8) % 3_841)) / 1_024,
    templateHash: String(account * 16 + ((draw >>> 4) & 15)).padStart(32, '0'),
  }
}
