/** What a scoring process and its owner say to each other. Texts go in, numbers come out, in the order asked. */
import type { PassedOver, Provider } from './model/open-onnx.ts'
import type { TextScores } from './text-scores.ts'

/** What a process is to score with: the first thing that it hears. */
export interface ScoringTask {
  readonly bundleFolder: string
  /** What the folder must hold, as `bundleIdentity` says; null where it held nothing to be read. */
  readonly identity: string | null
  /** In the order in which they are tried. */
  readonly providers: readonly Provider[]
}

/** A model that is open, and on what it runs. */
export interface LiveModel {
  readonly id: string
  readonly version: string
  readonly provider: Provider
  /** Wished for before `provider`, and why not. */
  readonly passedOver: readonly PassedOver[]
}

export type ToScoringProcess =
  | { readonly kind: 'open'; readonly task: ScoringTask }
  | { readonly kind: 'score'; readonly batch: number; readonly texts: readonly string[] }
  /** After everything asked before: release the session and leave. */
  | { readonly kind: 'stop' }

export type FromScoringProcess =
  /** Cheapest first. */
  | { readonly kind: 'ready'; readonly models: readonly LiveModel[] }
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
