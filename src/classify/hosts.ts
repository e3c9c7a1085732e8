/**
 * The hosts of the addresses that a text names, each once, in order: `Read https://www.shop.example/a` names
 * shop.example.
 *
 * O1. Of addresses with a scheme, or that begin with www. Without user, port and a leading www., in lower case.
 * O2. What has no dot, or is an address of a private network, is nobody else's host and is left out.
 * O3. All of the text is read, in linear time; at most MOST_HOSTS are remembered.
 */
import { MOST_HOSTS } from '../domain/verdict.ts'

const AUTHORITY = /(?:https?:\/\/|\bwww\.)[^\s"'<>/?#\\]{1,300}/gi
const BEFORE_HOST = /^(?:https?:\/\/)?(?:[^@]*@)?(?:www\.)?/
const BEHIND_HOST = /:\d*$|[.,;:!)\]}]+$/
const PRIVATE = /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/

/** The host that a name or an address stands for, as `hostsOf` tells it of a text; null where that is none. */
export function hostOf(name: string): string | null {
  const address = /^https?:\/\//i.test(name) ? name : `https://${name}`
  return /\s/.test(address) ? null : (hostsOf(address)[0] ?? null)
}

export function hostsOf(text: string): readonly string[] {
  const hosts = new Set<string>()
  for (const [authority] of text.matchAll(AUTHORITY)) {
    const host = authority.toLowerCase().replace(BEFORE_HOST, '').replace(BEHIND_HOST, '')
    if (!host.includes('.') || PRIVATE.test(host)) continue
    hosts.add(host)
    if (hosts.size === MOST_HOSTS) break
  }
  return [...hosts]
}
