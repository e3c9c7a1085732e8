/** Whose hosts the texts of a scenario name. */
import type { OwnHosts } from '../domain/account.ts'
import { hash, HASH_KEY_ID } from './scenario-hash.ts'
import type { ScenarioAccount, ScenarioUtterance } from './scenario.ts'

/** What the platform tells of the account's own. */
export function ownHostsOf(accountId: string, { ownHosts }: ScenarioAccount): OwnHosts | null {
  if (ownHosts === null) return null
  const hostHashes = Array.from({ length: ownHosts }, (_, at) => ownHost(accountId, at))
  return { hashKeyId: HASH_KEY_ID, hostHashes }
}

/** The hosts that one text names: somebody else's first. */
export function hostsNamed(
  { account, hosts, ownHosts }: ScenarioUtterance,
  index: number,
): readonly string[] {
  const foreign = hosts === 0 ? [] : [hash(`host-${index % hosts}`)]
  return ownHosts === 0 ? foreign : [...foreign, ownHost(account, index % ownHosts)]
}

function ownHost(accountId: string, at: number): string {
  return hash(`host-of-${accountId}-${at}`)
}
