/** What the scoring thread and its owner say to each other. Texts go in, numbers come out, in the order asked. */
import type { TextScores } from './score-session.ts'

export interface ScoreWorkerData {
  readonly bundleFolder: string
}

export type ToWorker =
  | { readonly kind: 'score'; readonly batch: number; readonly texts: readonly string[] }
  /** After everything asked before: release the session and leave. */
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  | { readonly kind: 'scored'; readonly batch: number; readonly results: readonly TextScores[] }
