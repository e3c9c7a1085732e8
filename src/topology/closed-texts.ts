/**
 * Texts that have few values, each known: what a condition compares them with is one of these, or can never be. By the
 * names that conditions know; what is not here (models, resources, hashes) can be anything.
 */
import { ACCOUNT_EVENT_KINDS, ACCOUNT_TIERS, LIMIT_SCOPES } from '../domain/account.ts'
import { CONTENT_ROLES } from '../domain/content.ts'
import { FINISH_REASONS, OPERATIONS, RESPONSE_STATUSES } from '../domain/inference.ts'
import { MEDIA_MATCHES } from '../domain/known-media.ts'
import { SLOT_KINDS, VERDICT_OUTCOMES, VERDICT_SIDES, VERDICT_TASKS } from '../domain/verdict.ts'

const CLOSED: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['status', RESPONSE_STATUSES],
  ['finishReason', FINISH_REASONS],
  ['operationName', OPERATIONS],
  ['hourOfDay', Array.from({ length: 24 }, (_, hour) => String(hour))],
  ['side', VERDICT_SIDES],
  ['role', CONTENT_ROLES],
  ['task', VERDICT_TASKS],
  ['outcome', VERDICT_OUTCOMES],
  ['slotKind', SLOT_KINDS],
  ['mediaDirection', ['upload', 'output']],
  ['mediaMatch', MEDIA_MATCHES],
  ['kind', ACCOUNT_EVENT_KINDS],
  ['account.tier', ACCOUNT_TIERS],
  ['account.limitScope', LIMIT_SCOPES],
])

/** Whether any of these texts can be that. */
export function isValue(text: string): boolean {
  return [...CLOSED.values()].some((values) => values.includes(text))
}

/** All that a text can be; null where it can be anything. */
export function valuesOf(name: string): readonly string[] | null {
  return CLOSED.get(name) ?? null
}
