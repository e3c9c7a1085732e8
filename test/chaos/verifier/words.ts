/**
 * Which words of people count, and what must have come of them: worked out from the records and the signers' public keys
 * alone, by Node's own cryptography.
 */
import { createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { nameBasedId } from './ids.ts'
import { fieldsOf, isFields, listOf, readLines, text, type Fields } from './lines.ts'

/** An end of a sanction that a person decided. */
export interface DecidedEnd {
  readonly id: string
  readonly act: string
  readonly endsSanctionId: string
  readonly decidedBy: string
}

/** What a person made of a case. */
export interface DecidedCase {
  readonly kind: string
  readonly decidedBy: string
  readonly narrowToScope: unknown
  readonly narrowToTarget: unknown
}

export interface Words {
  /** By the sanction that they end. */
  readonly ends: ReadonlyMap<string, DecidedEnd>
  /** By the case. */
  readonly cases: ReadonlyMap<string, DecidedCase>
  /** Positions of records that count for nothing, as `topic/partition/offset`: each of them must have been set aside. */
  readonly refused: ReadonlySet<string>
  /** Records that count, the same word said twice among them. */
  readonly heard: number
}

/** One person's termination of a case leaves it open. */
const DECIDING = ['uphold', 'reject', 'narrow']

const ENDING: Readonly<Record<string, string>> = { reverse: 'reversal', lift: 'lifting' }

/** One person's word never terminates; of anything else the first word on a sanction is what ends it. */
export function wordsOf(folder: string): Words {
  const keys = signersOf(folder)
  const ends = new Map<string, DecidedEnd>()
  const cases = new Map<string, DecidedCase>()
  const refused = new Set<string>()
  let heard = 0
  for (const { topic, partition, offset, value } of readLines(folder, 'abuse.decisions.v1')) {
    if (value === null) continue
    if (!counts(value, keys)) {
      refused.add(`${topic}/${partition}/${offset}`)
      continue
    }
    heard++
    const { caseId, narrowToScope, narrowToTarget } = value
    if (typeof caseId === 'string') {
      const [kind, decidedBy] = [text(value, 'kind'), text(value, 'decidedBy')]
      if (DECIDING.includes(kind) && !cases.has(caseId))
        cases.set(caseId, { kind, decidedBy, narrowToScope, narrowToTarget })
      continue
    }
    const act = ENDING[text(value, 'kind')]
    const endsSanctionId = text(value, 'sanctionId')
    if (act === undefined || ends.has(endsSanctionId)) continue
    const id = nameBasedId(act, endsSanctionId)
    ends.set(endsSanctionId, { id, act, endsSanctionId, decidedBy: text(value, 'decidedBy') })
  }
  return { ends, cases, refused, heard }
}

/** What the record says otherwise than it must; null where nothing. */
export function decidedEndProblem(
  found: Fields,
  { act, endsSanctionId, decidedBy }: DecidedEnd,
): string | null {
  const said = [
    found['act'],
    found['endsSanctionId'],
    found['endCause'],
    found['automated'],
    found['decidedBy'],
  ]
  const wanted = [act, endsSanctionId, 'decision', false, [decidedBy]]
  return isDeepStrictEqual(said, wanted) ? null : `${JSON.stringify(said)}, not ${JSON.stringify(wanted)}`
}

function signersOf(folder: string): readonly Fields[] {
  const file = join(folder, 'signers.json')
  if (!existsSync(file)) return []
  const set: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isFields(set) ? listOf(set, 'keys') : []
}

/** Signed over just this record, by the key of the very person whom it names. */
function counts(word: Fields, keys: readonly Fields[]): boolean {
  const { signature, snooze, ...others } = word
  // Words from before there were snoozes are signed without one.
  const said = snooze === null || snooze === undefined ? others : { ...others, snooze }
  if (typeof signature !== 'string') return false
  const [header = '', payload = '', seal = ''] = signature.split('.')
  const keyId = text(fieldsFrom(header), 'kid')
  const key = keys.find((one) => one['kid'] === keyId)
  if (key === undefined || key['sub'] !== word['decidedBy']) return false
  const jwk = { kty: text(key, 'kty'), crv: text(key, 'crv'), x: text(key, 'x') }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  const sealed = verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(seal, 'base64url'))
  return sealed && isDeepStrictEqual(fieldsFrom(payload), said)
}

function fieldsFrom(part: string): Fields {
  const parsed: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
  return fieldsOf({ parsed }, 'parsed')
}
