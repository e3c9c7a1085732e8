/**
 * The sanctions of most sanctioned accounts, as rows of bytes: one on the whole account or its API, by a name-based id,
 * in force since before it was read. A row takes 64 bytes, where an object and its strings take several times that, and
 * lies in one place, so that a look costs one or two misses of the processor's cache.
 *
 * P1. Whatever is not of this kind is refused by `set`, and is kept by whoever asks.
 * P2. Rows that were removed are used again.
 */
import { SANCTION_ACTS } from '../domain/sanction.ts'
import type { ActiveSanction } from '../domain/standing.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** A row: the account's id (Latin-1), its length, what was done and how far, the reason, the sanction's id, the end. */
const ROW_BYTES = 64
const MOST_ID_LENGTH = 37
const LENGTH_AT = 37
const KIND_AT = 38
const REASON_AT = 39
const UUID_AT = 40
/** In units of the row's eight numbers of eight bytes. */
const END_AT = 7
const NUMBERS = ROW_BYTES / 8

const MOST_REASONS = 255
const EMPTY = -1
/** A slot whose row was removed: those behind it may have passed it. */
const GONE = -2
const FIRST_ROWS = 256
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const SCOPES = ['account', 'api'] as const

export class PlainSanctions {
  #rows = 0
  #size = 0
  #gone = 0
  readonly #free: number[] = []
  readonly #reasons: string[] = []
  /** Row by hash of its account id; at most half full, and as many as a power of two. */
  #slots = new Int32Array(4 * FIRST_ROWS).fill(EMPTY)
  #bytes = Buffer.alloc(0)
  /** The same memory as numbers. */
  #numbers = new Float64Array(0)

  constructor() {
    this.#widen(FIRST_ROWS)
  }

  get size(): number {
    return this.#size
  }

  /** False where the sanction is not plain (P1); what the account had here is then gone. */
  set(accountId: string, sanction: ActiveSanction, nowMs: number): boolean {
    this.remove(accountId)
    const reason = this.#reason(sanction.reasonCode)
    if (reason === null || !isPlain(accountId, sanction, nowMs)) return false
    const row = this.#free.pop() ?? this.#nextRow()
    const at = row * ROW_BYTES
    this.#bytes.write(accountId, at, 'latin1')
    this.#bytes[at + LENGTH_AT] = accountId.length
    this.#bytes[at + KIND_AT] = kindOf(sanction)
    this.#bytes[at + REASON_AT] = reason
    this.#bytes.write(sanction.sanctionId.replaceAll('-', ''), at + UUID_AT, 'hex')
    this.#numbers[row * NUMBERS + END_AT] = sanction.endsAtMs ?? Infinity
    this.#place(row, accountId)
    this.#size++
    return true
  }

  /** The sanction as it was set, but for its beginning, which is past. */
  of(accountId: string): ActiveSanction | undefined {
    const slot = this.#slotOf(accountId)
    return slot === EMPTY ? undefined : this.#sanction(accountId, this.#slots[slot] ?? 0)
  }

  remove(accountId: string): void {
    const slot = this.#slotOf(accountId)
    if (slot === EMPTY) return
    this.#free.push(this.#slots[slot] ?? 0)
    this.#slots[slot] = GONE
    this.#gone++
    this.#size--
  }

  #sanction(accountId: string, row: number): ActiveSanction {
    const at = row * ROW_BYTES
    const kind = this.#bytes[at + KIND_AT] ?? 0
    const endsAtMs = this.#numbers[row * NUMBERS + END_AT] ?? Infinity
    return {
      sanctionId: this.#uuid(at + UUID_AT),
      act: SANCTION_ACTS[kind >> 1] ?? 'suspension',
      scope: SCOPES[kind & 1] ?? 'account',
      scopeTarget: null,
      rateCeilingPerMinute: null,
      actorLevel: 'account',
      actorId: accountId,
      reasonCode: this.#reasons[this.#bytes[at + REASON_AT] ?? 0] ?? '',
      effectiveAtMs: 0,
      endsAtMs: endsAtMs === Infinity ? null : endsAtMs,
    }
  }

  #uuid(at: number): string {
    return `${this.#hex(at, 4)}-${this.#hex(at + 4, 2)}-${this.#hex(at + 6, 2)}-${this.#hex(at + 8, 2)}-${this.#hex(at + 10, 6)}`
  }

  #hex(from: number, count: number): string {
    let hex = ''
    for (let at = from; at < from + count; at++) hex += HEX[this.#bytes[at] ?? 0] ?? ''
    return hex
  }

  #reason(code: string): number | null {
    const known = this.#reasons.indexOf(code)
    if (known >= 0) return known
    return this.#reasons.length >= MOST_REASONS ? null : this.#reasons.push(code) - 1
  }

  #nextRow(): number {
    if (this.#rows * ROW_BYTES === this.#bytes.length) this.#widen(2 * this.#rows)
    return this.#rows++
  }

  #widen(rows: number): void {
    const memory = new ArrayBuffer(rows * ROW_BYTES)
    const bytes = Buffer.from(memory)
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#numbers = new Float64Array(memory)
  }

  #place(row: number, accountId: string): void {
    if (2 * (this.#size + this.#gone + 1) > this.#slots.length) this.#rehash()
    const mask = this.#slots.length - 1
    let slot = hashOf(accountId) & mask
    while ((this.#slots[slot] ?? EMPTY) >= 0) slot = (slot + 1) & mask
    if (this.#slots[slot] === GONE) this.#gone--
    this.#slots[slot] = row
  }

  /** Room for twice as many where it is needed, and no slot that was left. */
  #rehash(): void {
    const before = this.#slots
    const crowded = 4 * (this.#size + 1) > before.length
    this.#slots = new Int32Array(crowded ? 2 * before.length : before.length).fill(EMPTY)
    this.#gone = 0
    for (const row of before) if (row >= 0) this.#place(row, this.#idOf(row))
  }

  #slotOf(accountId: string): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hashOf(accountId) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot] ?? EMPTY
      if (row === EMPTY) return EMPTY
      if (row !== GONE && this.#isOf(row, accountId)) return slot
    }
  }

  #isOf(row: number, accountId: string): boolean {
    const bytes = this.#bytes
    const start = row * ROW_BYTES
    if (bytes[start + LENGTH_AT] !== accountId.length) return false
    for (let at = 0; at < accountId.length; at++)
      if (bytes[start + at] !== accountId.charCodeAt(at)) return false
    return true
  }

  #idOf(row: number): string {
    const start = row * ROW_BYTES
    return this.#bytes.toString('latin1', start, start + (this.#bytes[start + LENGTH_AT] ?? 0))
  }
}

/** Act and scope in one byte. */
function kindOf({ act, scope }: ActiveSanction): number {
  return SANCTION_ACTS.indexOf(act) * 2 + (scope === 'api' ? 1 : 0)
}

function isPlain(accountId: string, sanction: ActiveSanction, nowMs: number): boolean {
  return (
    (sanction.scope === 'account' || sanction.scope === 'api') &&
    sanction.scopeTarget === null &&
    sanction.rateCeilingPerMinute === null &&
    sanction.actorLevel === 'account' &&
    sanction.actorId === accountId &&
    sanction.effectiveAtMs <= nowMs &&
    UUID.test(sanction.sanctionId) &&
    accountId.length <= MOST_ID_LENGTH &&
    isLatin1(accountId)
  )
}

function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return false
  return true
}

/** FNV-1a, with its bits mixed at the end. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x7feb352d)
  return hash ^ (hash >>> 15)
}
