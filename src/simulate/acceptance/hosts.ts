/** Whose hosts texts name: every customer has two of its own, of which the platform tells; all others are somebody else's. */
import type { AccountState, OwnHosts } from '../../domain/account.ts'
import type { Cast } from '../cast.ts'
import type { Customer, Happening } from '../customer.ts'
import type { Random } from '../random.ts'

/** Keyed hashes such as verdicts carry; which key, whoever judges knows. */
export interface HostHasher {
  readonly hashKeyId: string
  hash(host: string): string
}

const PATHS = 'guide offer notice recipe report review manual story'.split(' ')

/** A page on one of so many hosts of others. */
export function foreignPage(hosts: number, random: Random): string {
  return page(`site${random.integer(0, hosts)}.example`, random)
}

/** A page on a host of the account's own. */
export function ownPage(accountId: string, random: Random): string {
  return page(random.pick(ownHostsOf(accountId)), random)
}

/** What happens on a host of somebody else, by its name. */
export function page(host: string, random: Random): string {
  return `https://${host}/${random.pick(PATHS)}/${random.integer(36 ** 4, 36 ** 6).toString(36)}`
}

/** The cast, with each account's own hosts told. */
export function tellsOwnHosts(cast: Cast, hasher: HostHasher): Cast {
  const told = (account: AccountState): AccountState => {
    return { ...account, ownHosts: hashed(account.accountId, hasher) }
  }
  return {
    ...cast,
    customers: cast.customers.map((customer) => withAccount(customer, told(customer.account))),
    happenings: cast.happenings.map((one): Happening => {
      return 'state' in one ? { ...one, state: told(one.state) } : one
    }),
  }
}

export function withAccount(customer: Customer, account: AccountState): Customer {
  const { arrivals, random } = customer
  return {
    account,
    arrivals,
    random,
    ask: (nowMs) => customer.ask(nowMs),
    retry: (ask, rejection) => customer.retry(ask, rejection),
  }
}

function hashed(accountId: string, hasher: HostHasher): OwnHosts {
  return { hashKeyId: hasher.hashKeyId, hostHashes: ownHostsOf(accountId).map((host) => hasher.hash(host)) }
}

function ownHostsOf(accountId: string): readonly string[] {
  const name = accountId.toLowerCase()
  return [`${name}.example`, `help.${name}.example`]
}
