/**
 * What the classifiers say of one piece of content: scores, likelihood ratios and hashes, never the content.
 *
 * V1. Scores and ratios are quantised (three decimals), so that everything downstream is exact (P5).
 * V2. One verdict per segment; a conversation's old turns are not scored again. A medium is a segment of its own, told
 *     once for each list that knows it.
 */
import type { ContentRole } from './content.ts'
import type { Operation } from './inference.ts'
import type { MediaFinding } from './known-media.ts'

export const VERDICT_LABELS = [
  'violent_extremism',
  'wmd',
  'malware',
  'cyberattack_phishing',
  'harassment_hate',
  'sexual',
  'jailbreak',
  'other_harm',
] as const
export type VerdictLabel = (typeof VERDICT_LABELS)[number]

export const VERDICT_SIDES = ['prompt', 'response', 'exchange'] as const
export type VerdictSide = (typeof VERDICT_SIDES)[number]
export const VERDICT_TASKS = ['generate', 'transform', 'classify', 'unknown'] as const
export type VerdictTask = (typeof VERDICT_TASKS)[number]
export const VERDICT_OUTCOMES = ['asked', 'complied', 'refused', 'unknown'] as const
export type VerdictOutcome = (typeof VERDICT_OUTCOMES)[number]

/** What a text may name. That it does is no finding: rules ask for it beside a score. */
export const MENTIONS = ['minor', 'person', 'place', 'time', 'weapon', 'selfHarm'] as const
export type Mention = (typeof MENTIONS)[number]

/** What may fill a slot and name a thing of the world outside: a web address, a mail address, a number or identifier. */
export const SLOT_KINDS = ['address', 'mail', 'identifier'] as const
export type SlotKind = (typeof SLOT_KINDS)[number]

export const MOST_HOST_HASHES = 8
export const MOST_HOSTS = 1_000

export interface LabelScore {
  readonly label: VerdictLabel
  /** Calibrated score, 0 to 1, three decimals. */
  readonly score: number
  /** Calibrated log-likelihood ratio (natural logarithm), capped, three decimals. */
  readonly logLikelihoodRatio: number
}

export interface Verdict {
  readonly eventId: string
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly projectId: string | null
  readonly endUserId: string | null
  readonly conversationId: string | null
  readonly operationName: Operation
  readonly model: string
  readonly poolId: string | null
  readonly occurredAtMs: number
  readonly side: VerdictSide
  readonly role: ContentRole
  readonly task: VerdictTask
  readonly outcome: VerdictOutcome
  /** Position of the segment in its event, from 0. */
  readonly segment: number
  /** False when no classifier could score it (`unscored`); then `scores` is empty. */
  readonly scored: boolean
  readonly scores: readonly LabelScore[]
  /** Which disguises were undone before the highest score was found, e.g. `base64`. */
  readonly disguises: readonly string[]
  /** High entropy, a cipher, or a language that no classifier covers: says nothing, and says so. */
  readonly opaque: boolean
  readonly containsCode: boolean
  /** What the text names, by plain word lists; null where it was not looked at. */
  readonly mentions: readonly string[] | null
  readonly characters: number
  /** Keyed hashes, 64 bits of lower-case hex, under `hashKeyId`. */
  readonly contentDigest: string
  readonly templateHash: string | null
  /** Of what a response tells: the template of what was asked; null where the response does not carry its prompt. */
  readonly askedTemplateHash: string | null
  readonly slotHash: string | null
  /** The sum of the numbers in the telling slots: lets an enumeration be seen without the text. */
  readonly slotOrdinal: number | null
  /** What the telling slot is, if anything that counts or names things elsewhere. */
  readonly slotKind: SlotKind | null
  /** Keyed hashes of the first hosts that the text names, at most MOST_HOST_HASHES; null where nobody looked. */
  readonly hostHashes: readonly string[] | null
  /** How many different hosts it names; MOST_HOSTS stands for that many and more. */
  readonly hostCount: number | null
  readonly simHash: string | null
  /** Set where the segment is a picture or a video: facts and hash lists judge it, no classifier. */
  readonly media: MediaFinding | null
  readonly hashKeyId: string
  readonly modelId: string
  readonly modelVersion: string
}
