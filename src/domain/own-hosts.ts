/**
 * Whose hosts a text names: the customer's own, of which the platform tells in the account's state, or others'.
 *
 * W1. Unknown where nobody looked at the text, where the platform does not tell, and where the two were hashed under
 *     different keys; never guessed. A text that names no host names nobody's, whatever is told.
 * W2. Of the first hosts of a text alone, whose hashes the verdict carries.
 */
import type { AccountState } from './account.ts'
import type { Verdict } from './verdict.ts'

/** A verdict that has been held against the account's own hosts. */
export interface SortedVerdict extends Verdict {
  readonly foreignHostHashes: readonly string[]
}

const HASH_TAIL = -6

/** The verdict, with its hosts sorted where that can be done and there are any. */
export function sortHosts(verdict: Verdict, account: AccountState | null): Verdict | SortedVerdict {
  const { hostHashes, hashKeyId } = verdict
  const own = account?.ownHosts ?? null
  if (hostHashes === null || hostHashes.length === 0 || own?.hashKeyId !== hashKeyId) return verdict
  return { ...verdict, foreignHostHashes: hostHashes.filter((host) => !own.hostHashes.includes(host)) }
}

/** How many of the hosts are the customer's own; null where that is unknown. */
export function ownHostCount(verdict: Verdict): number | null {
  const foreign = foreignHostCount(verdict)
  return foreign === null || verdict.hostHashes === null ? null : verdict.hostHashes.length - foreign
}

/** How many of the hosts are not the customer's; null where that is unknown. */
export function foreignHostCount(verdict: Verdict): number | null {
  return foreignHosts(verdict)?.length ?? null
}

/**
 * One of the hosts that are not the customer's; null where there is none or that is unknown. Another one for each text,
 * so that a host which is put first everywhere does not hide the others.
 */
export function foreignHost(verdict: Verdict): string | null {
  const hosts = foreignHosts(verdict)
  if (hosts === null || hosts.length === 0) return null
  return hosts[Number.parseInt(verdict.contentDigest.slice(HASH_TAIL), 16) % hosts.length] ?? null
}

function foreignHosts(verdict: Verdict): readonly string[] | null {
  if (isSorted(verdict)) return verdict.foreignHostHashes
  return verdict.hostHashes?.length === 0 ? [] : null
}

function isSorted(verdict: Verdict): verdict is SortedVerdict {
  return 'foreignHostHashes' in verdict
}
