import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fingerprinter } from '../../src/classify/fingerprint.ts'
import { hostOf, hostsOf } from '../../src/classify/hosts.ts'
import { propertyParameters } from '../support/property-parameters.ts'
import { hostsByPattern } from './by-pattern/hosts.ts'

const PIECES =
  'http:// https:// HTTPS:// http:/ https: www. WWW. wwww. w . .. : :80 :8a ; ) } ! @ me@ a b.c shop.example 10.0.0.7 172.20. 1 _ - / ? # \\ é İ 字 😊'
    .split(' ')
    .concat(' ', '\n', '\u00a0', '\u2003', '\ufeff', '"', '<', 'a'.repeat(299), '.'.repeat(295))

const one = new Fingerprinter({ id: 'k1', secret: Buffer.alloc(32, 1) })
const two = new Fingerprinter({ id: 'k2', secret: Buffer.alloc(32, 2) })

describe('the hosts that a text names', () => {
  it.each([
    ['Read https://shop.example/item/17 and list the price.', ['shop.example']],
    ['Read HTTPS://Me:secret@WWW.Shop.example:8443/a?b#c, please', ['shop.example']],
    ['See www.shop.example, or (http://news.example).', ['shop.example', 'news.example']],
    ['https://shop.example/a https://shop.example/b', ['shop.example']],
    ['http://localhost:3000/a http://10.0.0.7/b http://192.168.1.1', []],
    ['shop.example alone is no address', []],
  ])('of %s are %j', (text, hosts) => expect(hostsOf(text)).toEqual(hosts))

  it('are at most a thousand, of a megabyte too', () => {
    const text = Array.from({ length: 40_000 }, (_, at) => `https://h${at}.example/a`).join(' ')
    expect(hostsOf(text)).toHaveLength(1_000)
    expect(hostsOf('https://'.repeat(125_000))).toEqual([])
  })
})

describe('the host that a name stands for', () => {
  it.each([
    ['Shop.example', 'shop.example'],
    ['www.shop.example', 'shop.example'],
    ['https://shop.example:8443/a', 'shop.example'],
    ['localhost', null],
    ['shop.example and more', null],
    ['', null],
  ])('%s is %s', (name, host) => expect(hostOf(name)).toBe(host))
})

describe('the scan for hosts', () => {
  it('finds what the patterns say', () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        expect(hostsOf(text)).toEqual(hostsByPattern(text))
      }),
      propertyParameters(500),
    )
  })
})

describe('what a verdict says of them', () => {
  it('is the first eight as keyed hashes, and how many there are', () => {
    const text = Array.from({ length: 12 }, (_, at) => `https://h${at}.example/a`).join('\n')
    const { hostHashes, hostCount } = one.template(text)
    expect(hostCount).toBe(12)
    expect(hostHashes).toHaveLength(8)
    for (const hash of hostHashes ?? []) expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(two.template(text).hostHashes).not.toEqual(hostHashes)
  })

  it('is what a platform makes of the key and the host by itself, as the docs say', () => {
    const hash = createHmac('sha256', Buffer.alloc(32, 1)).update('host\u0000shop.example').digest('hex')
    expect(one.template('Read https://www.shop.example/a').hostHashes).toEqual([hash.slice(0, 16)])
  })

  it('is the same for a host wherever it is named', () => {
    const [first] = one.template('Read https://shop.example/item/17').hostHashes ?? []
    const [second] = one.template('What is on http://www.shop.example ?').hostHashes ?? []
    expect(first).toBe(second)
  })

  it.each([
    ['Read https://shop.example/item/17 in 3 lines', 'address'],
    ['Write to a.b@shop.example', 'mail'],
    ['Describe product SKU-A-1018 in one line', 'identifier'],
    ['Describe page 12', 'identifier'],
    ['Translate "good day" to French', null],
    ['Compare these:\n- a red boat\n- a blue one', null],
    ['Describe the sea', null],
  ])('of the slot of %s is %s', (text, slotKind) => expect(one.template(text).slotKind).toBe(slotKind))
})
