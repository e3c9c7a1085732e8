import { describe, expect, it } from 'vitest'
import { foreignHost, foreignHostCount, ownHostCount, sortHosts } from '../../src/domain/own-hosts.ts'
import { accountOf, verdictOf } from '../detect/harness.ts'

const OWN = { hashKeyId: 'h1', hostHashes: ['own-1', 'own-2'] }

function told(
  hostHashes: readonly string[] | null,
  ownHosts: typeof OWN | null,
  contentDigest = '0000000000000001',
) {
  const verdict = sortHosts(verdictOf(0, 0, { hostHashes, contentDigest }), accountOf({ ownHosts }))
  return [foreignHost(verdict), foreignHostCount(verdict), ownHostCount(verdict)]
}

describe('whose hosts a text names', () => {
  it.each([
    ['its own and another', ['own-1', 'other'], OWN, ['other', 1, 1]],
    ['its own alone', ['own-2'], OWN, [null, 0, 1]],
    ['of a customer without any', ['other'], { ...OWN, hostHashes: [] }, ['other', 1, 0]],
    ['none', [], OWN, [null, 0, 0]],
    ['none, and the platform does not tell', [], null, [null, 0, 0]],
    ['any, and the platform does not tell', ['other'], null, [null, null, null]],
    ['hashed under another key', ['other'], { ...OWN, hashKeyId: 'h2' }, [null, null, null]],
    ['nobody looked', null, OWN, [null, null, null]],
  ])('%s', (_, hosts, own, expected) => expect(told(hosts, own)).toEqual(expected))

  it('is unknown of an account of which the platform told nothing', () => {
    expect(foreignHostCount(sortHosts(verdictOf(0, 0, { hostHashes: ['other'] }), null))).toBeNull()
  })

  it('is told by another host of each text, so that one that always comes first does not hide the rest', () => {
    const seen = new Set<unknown>()
    for (let text = 0; text < 100; text++) {
      const digest = (text * 0x9e3779b1).toString(16).padStart(16, '0')
      seen.add(told(['first', `other-${text}`], OWN, digest)[0])
    }
    expect(seen.size).toBeGreaterThan(30)
  })
})
