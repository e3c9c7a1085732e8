/**
 * Features that tell of exact matches with vetted lists. On them alone the machine may suspend for the gravest clauses,
 * so they may count nothing else, whoever writes them.
 */
import { tellsExactMatch } from '../domain/known-media.ts'
import type { RawFeature } from './topology-schema.ts'

const NEEDED = [
  /^mediaClause == "[a-z.-]+"$/,
  /^mediaMatch == "exact"$/,
  /^mediaVetted$/,
  /^!mediaQuarantined$/,
]

/** What could make a term that stands there hold no more: another way to be true, or a bracket that is turned round. */
const LOOSE = /[|?()]/

export const BROKEN_PROMISE =
  'a feature named exactMatch lets the machine suspend alone: it may count only exact matches of one clause with vetted entries'

/** What such a feature has to say. */
export const PROMISE =
  'write count: verdicts, where: mediaClause == "..." && mediaMatch == "exact" && mediaVetted && !mediaQuarantined'

/** Whether a feature of that name is what the name promises. */
export function keepsItsPromise(name: string, { count, where = '' }: RawFeature): boolean {
  if (!tellsExactMatch(name)) return true
  const terms = where.split('&&').map((term) => term.trim())
  const saysAll = NEEDED.every((needed) => terms.some((term) => needed.test(term)))
  return count === 'verdicts' && saysAll && !LOOSE.test(where)
}
