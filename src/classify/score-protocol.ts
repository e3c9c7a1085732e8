/** What a scoring process and its owner say to each other. Texts go in, numbers come out, in the order asked. */
import type { TextScores } from './score-session.ts'

/** What a process is to score with: the first thing that it hears. */
export interface ScoringTask {
  readonly bundleFolder: string
}

export type ToScoringProcess =
  | { readonly kind: 'open'; readonly task: ScoringTask }
  | { readonly kind: 'score'; readonly batch: number; readonly texts: readonly string[] }
  /** After everything asked before: release the session and leave. */
  | { readonly kind: 'stop' }

export type FromScoringProcess =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  /** Still at work on what was asked, told at most once in a while. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'scored'; readonly batch: number; readonly results: readonly TextScores[] }

/** One end of the line between the two. */
export interface ScoreLine {
  say(message: FromScoringProcess): void
  /** Called once for each message, in order. */
  listen(hear: (message: ToScoringProcess) => void): void
  hangUp(): void
}
