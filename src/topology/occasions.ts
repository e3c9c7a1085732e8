/** Where a field can be known at all: that a request which was served asks nobody to wait is no gap in the data. */
import type { Collection } from './model.ts'
import { vocabularyOf } from './vocabulary.ts'

const REFUSED_FIELDS = ['retryAfterMs']
const SERVED_FIELDS = ['gpuSeconds', 'gpuSecondsEstimated', 'billed']
const TEMPLATE_FIELDS = ['slotHash', 'slotOrdinal', 'hostCount']
const HOST_FIELDS = ['hostHash', 'slotKind']
const MEDIA_FIELDS = ['mediaDirection', 'mediaFacePresent', 'mediaFaceUploaded', 'mediaSexual']
const LISTED_FIELDS = ['mediaMatch', 'mediaClause', 'mediaVetted', 'mediaQuarantined']

/** Whether an event of the collection is one in which the field can be known. */
export function isOccasion(collection: Collection, field: string, body: unknown): boolean {
  const read = (name: string): unknown => vocabularyOf(collection)[name]?.read(body) ?? null
  if (REFUSED_FIELDS.includes(field)) return read('status') === 'rate_limited'
  if (SERVED_FIELDS.includes(field)) return read('status') === 'ok'
  if (TEMPLATE_FIELDS.includes(field)) return read('templateHash') !== null
  if (HOST_FIELDS.includes(field)) return Number(read('hostCount')) > 0
  if (MEDIA_FIELDS.includes(field)) return read('mediaDirection') !== null
  if (LISTED_FIELDS.includes(field)) return read('mediaMatch') !== null
  return !isOfTexts(collection, field) || read('mediaDirection') === null
}

/** Scores and ratios are told of texts that could be scored; those of media stand in fields of their own. */
function isOfTexts(collection: Collection, field: string): boolean {
  const unit = vocabularyOf(collection)[field]?.unit
  return collection === 'verdicts' && (unit === 'ratio' || field.endsWith('Ratio'))
}
