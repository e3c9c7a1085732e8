/**
 * A client's address in one writing, and the network that it belongs to.
 *
 * N1. One host has one writing: IPv4 inside IPv6 is IPv4, ports, brackets and zones are gone, IPv6 is written out.
 * N2. The network is the block that one customer usually gets: /24 of IPv4, /48 of IPv6.
 * N3. What is no IP address (a host name, a socket) is kept as it is and has no network.
 */
import { isIPv4, isIPv6 } from 'node:net'

export interface ClientNetwork {
  readonly address: string
  /** Null where the address is no IP address. */
  readonly network: string | null
}

const V4_WITH_PORT = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/
const BRACKETED = /^\[([^\]]+)\](?::\d{1,5})?$/
const GROUPS = 8

/** Null where the platform gave nothing. */
export function clientNetworkOf(clientAddress: string | null): ClientNetwork | null {
  const bare = clientAddress === null ? '' : bareAddress(clientAddress.trim())
  if (bare === '') return null
  if (isIPv4(bare)) return fromV4(bare)
  return isIPv6(bare) ? fromV6(groupsOf(bare)) : { address: bare, network: null }
}

function bareAddress(text: string): string {
  const unported = V4_WITH_PORT.exec(text)?.[1] ?? BRACKETED.exec(text)?.[1] ?? text
  return (unported.split('%')[0] ?? '').toLowerCase()
}

function fromV4(address: string): ClientNetwork {
  return { address, network: `${address.slice(0, address.lastIndexOf('.'))}.0/24` }
}

function fromV6(groups: readonly number[]): ClientNetwork {
  if (isMappedV4(groups)) return fromV4(dotted(groups[6] ?? 0, groups[7] ?? 0))
  const hex = groups.map((group) => group.toString(16))
  return { address: hex.join(':'), network: `${hex.slice(0, 3).join(':')}::/48` }
}

/** ::ffff:0:0/96 (RFC 4291, section 2.5.5.2). */
function isMappedV4(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::')
  const left = parts(head)
  const right = tail === undefined ? [] : parts(tail)
  const gap = Array.from({ length: GROUPS - left.length - right.length }, () => 0)
  return [...left, ...gap, ...right]
}

function parts(text: string): number[] {
  return text === '' ? [] : text.split(':').flatMap((part) => groupOrV4(part))
}

function groupOrV4(part: string): number[] {
  if (!part.includes('.')) return [parseInt(part, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}
