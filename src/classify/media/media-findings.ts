/** An event's pictures and videos: which of them say something, and what. Pure but for the lists' count of hits. */
import type { MediaFact } from '../../domain/content.ts'
import type { KnownMedia, MediaFinding } from '../../domain/known-media.ts'

/** One finding about one item; an item that several lists know has several. */
export interface FoundMedia {
  readonly fact: MediaFact
  readonly finding: MediaFinding
}

/** Items of which nothing is known (no list, no score, nobody looked for faces) have no finding. */
export function mediaFindings(
  fact: MediaFact,
  faceUploaded: boolean | null,
  known: readonly KnownMedia[],
): readonly FoundMedia[] {
  const { direction, facePresent, sexualScore } = fact
  const score = sexualScore === null ? null : Math.round(sexualScore * 1000) / 1000
  const facts = { direction, facePresent, sexualScore: score, faceUploaded }
  if (known.length > 0) return known.map((one) => ({ fact, finding: { ...facts, known: one } }))
  if (facePresent === null && score === null) return []
  return [{ fact, finding: { ...facts, known: null } }]
}

/** Whether a face was brought along with the request; null where an upload was not looked at. */
export function faceUploaded(media: readonly MediaFact[]): boolean | null {
  const uploads = media.filter(({ direction }) => direction === 'upload')
  if (uploads.some(({ facePresent }) => facePresent === true)) return true
  return uploads.some(({ facePresent }) => facePresent === null) ? null : false
}
