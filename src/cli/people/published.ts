/** Bundles and lists on the control topic, as a person at a desk sees them. */
import type { AccountList, ActivePolicy, Control } from '../../domain/control.ts'
import { bundleOf, type ActiveBundle } from '../compose/policies.ts'
import { CommandError, usageError } from '../exit.ts'
import type { Desk } from './desk.ts'

export const CONTROL_TOPIC = 'bailiff.control.v1'

/** A control record that holds a bundle. */
export interface Published extends Control {
  readonly policy: ActivePolicy
}

/** A control record that holds a list. */
export interface PublishedList extends Control {
  readonly list: AccountList
}

/** The newest first; of one version the first alone. */
export function publishedOf(controls: readonly Control[]): readonly Published[] {
  const byVersion = new Map<number, Published>()
  for (const control of controls) {
    const { policy, version } = control
    if (policy !== null && !byVersion.has(version)) byVersion.set(version, { ...control, policy })
  }
  return [...byVersion.values()].sort((a, b) => b.version - a.version)
}

/** Those that count. */
export async function readPublished(desk: Desk): Promise<readonly Published[]> {
  return publishedOf(await desk.read(CONTROL_TOPIC))
}

/** The newest that processes run; null where none of those that count may run, so that each has its own files. */
export async function runningBundle(desk: Desk): Promise<ActiveBundle | null> {
  for (const { policy, version } of await readPublished(desk)) {
    const bundle = bundleOf(policy)
    if ('sha256' in bundle) return { bundle, version }
  }
  return null
}

/** By name, of each the highest version; of one version the first. */
export async function newestLists(desk: Desk): Promise<ReadonlyMap<string, PublishedList>> {
  const newest = new Map<string, PublishedList>()
  for await (const control of desk.each(CONTROL_TOPIC)) {
    const { list, version } = control
    if (list === null || version <= (newest.get(list.name)?.version ?? 0)) continue
    newest.set(list.name, { ...control, list })
  }
  return newest
}

export async function publishedAs(desk: Desk, version: number): Promise<Published> {
  const all = await readPublished(desk)
  const found = all.find((one) => one.version === version)
  if (found !== undefined) return found
  const known = all.map((one) => `  ${one.version}`)
  throw usageError([`No bundle of version ${version} is published; there are:`, ...known])
}

/** Kafka takes records of up to 1 MiB unless a broker is told otherwise; a bundle's is twice its text and a third. */
const MOST_BYTES = 1_000_000

export function requireFits(record: Control, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(record))
  if (bytes > MOST_BYTES)
    throw new CommandError(`the ${what} takes ${bytes} bytes as a record, and Kafka takes ${MOST_BYTES}`)
}

/** Writes a signed bundle as the next version. Throws where it does not fit, and where somebody else was first. */
export async function publish(desk: Desk, signed: Published): Promise<void> {
  requireFits(signed, 'bundle')
  await desk.write(CONTROL_TOPIC, [signed])
  const [first] = publishedOf(await desk.trusting().read(CONTROL_TOPIC)).filter(
    ({ version }) => version === signed.version,
  )
  if (first?.signature !== signed.signature)
    throw new CommandError(
      `${first?.issuedBy ?? 'somebody'} published another version ${signed.version} at the same time: look at it, then publish again`,
    )
}

/** Above every version that any process may have taken, also by a key that counts no more. */
export async function nextVersion(desk: Desk): Promise<number> {
  const all = publishedOf(await desk.trusting().read(CONTROL_TOPIC))
  return (all[0]?.version ?? 0) + 1
}
