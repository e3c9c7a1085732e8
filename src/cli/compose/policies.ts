/**
 * Which bundle of topologies runs: the newest one on the control topic that counts, else the one from our own files.
 *
 * V1. A bundle runs only if its files are what its digest says and pass the whole check here, whatever its publisher
 *     found, and only if it has been tested. One that does not changes nothing, and is told with its reasons, once.
 * V2. Versions only rise: who wants an older bundle back publishes it anew. Of two with one version the first counts.
 * V3. Of what comes together the newest is tried first, so that a start does not compile all that ever was.
 */
import type { ActivePolicy, Control } from '../../domain/control.ts'
import { checkBundle, type Bundle, type CheckedBundle } from '../../topology/bundle.ts'
import { renderProblem } from '../../topology/problem.ts'

export interface ActiveBundle {
  readonly bundle: Bundle
  /** The version under which it was published; 0 for that of our own files. */
  readonly version: number
}

export interface PoliciesObserver {
  switched(active: ActiveBundle): void
  refused(version: number, reasons: readonly string[]): void
}

export class Policies {
  readonly #observer: PoliciesObserver
  #active: ActiveBundle
  /** Heard of since the last look, in the order of the log. */
  #heard: Control[] = []

  constructor(own: Bundle, observer: PoliciesObserver) {
    this.#observer = observer
    this.#active = { bundle: own, version: 0 }
  }

  get active(): ActiveBundle {
    return this.#active
  }

  /** Takes a control record whose signature counts. */
  hear(control: Control): void {
    if (control.policy !== null && control.version > this.#active.version) this.#heard.push(control)
  }

  /** Looks at what has been heard since, and switches where there is something better (V3). */
  settle(): void {
    const newestFirst = this.#heard.sort((a, b) => b.version - a.version)
    this.#heard = []
    for (const { version, policy } of newestFirst) {
      const bundle = policy === null ? [] : bundleOf(policy)
      if ('sha256' in bundle) return this.#switchTo({ version, bundle })
      this.#observer.refused(version, bundle)
    }
  }

  #switchTo(active: ActiveBundle): void {
    this.#active = active
    this.#observer.switched(active)
  }
}

/** The bundle, or why it must not run (V1). */
export function bundleOf(policy: ActivePolicy): Bundle | readonly string[] {
  if (policy.tested === null) return ['no scenarios were run with it']
  const checked = checkedFiles(policy)
  if ('threw' in checked) return [`it cannot be checked: ${checked.threw}`]
  const { bundle, problems } = checked
  if (bundle === null) return problems.map((problem) => renderProblem(problem))
  if (bundle.sha256 !== policy.bundleSha256)
    return [`its files are of the bundle ${bundle.sha256}, it says ${policy.bundleSha256}`]
  return bundle
}

/** Who published it may have had another check than this one: what this one cannot bear must not stop a process. */
function checkedFiles({ files }: ActivePolicy): CheckedBundle | { readonly threw: string } {
  try {
    return checkBundle(new Map(files.map(({ name, text }) => [name, text])), null)
  } catch (error) {
    return { threw: error instanceof Error ? error.message : String(error) }
  }
}
