/**
 * `bailiff own-hosts HOST...`: the hosts of one customer as the field of its account state, hashed under the key of these
 * settings. Needs no server; prints no host.
 */
import { Fingerprinter } from '../../classify/fingerprint.ts'
import { hostOf } from '../../classify/hosts.ts'
import { MOST_OWN_HOSTS, type OwnHosts } from '../../domain/account.ts'
import { hashKeyOf } from '../compose/hash-key.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { wordsOfInput } from '../lines.ts'

export async function ownHosts(context: CommandContext, named: readonly string[]): Promise<number> {
  const fingerprinter = new Fingerprinter(hashKeyOf(context.settings))
  const names = named.length > 0 ? named : await wordsOfInput()
  const hosts = new Set(names.map(readHost))
  if (hosts.size > MOST_OWN_HOSTS) {
    const instead = 'whoever has more is given a grant for scraping instead'
    throw new CommandError(`${hosts.size} hosts; an account has at most ${MOST_OWN_HOSTS}: ${instead}`)
  }
  const field: OwnHosts = {
    hashKeyId: fingerprinter.keyId,
    hostHashes: [...hosts].map((host) => fingerprinter.host(host)),
  }
  context.print(JSON.stringify(field))
  return EXIT.ok
}

function readHost(name: string): string {
  const host = hostOf(name)
  if (host !== null) return host
  throw new CommandError(`${name} is no host on the web; write one as in shop.example`, EXIT.usage)
}
