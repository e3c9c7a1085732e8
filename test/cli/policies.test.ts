/** Which of the published bundles runs, and what is said of those that must not. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Policies, type ActiveBundle } from '../../src/cli/compose/policies.ts'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import type { ActivePolicy, Control } from '../../src/domain/control.ts'
import { checkBundle } from '../../src/topology/bundle.ts'

const FOLDER = 'topologies'
const own = loadBundle(FOLDER)
const ownFiles = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }))

/** The shipped files with something replaced in `usage.yaml`, under the digest that they then have. */
function policyWith(from: string | RegExp, to: string): ActivePolicy {
  const files = ownFiles.map(({ name, text }) => ({
    name,
    text: name === 'usage.yaml' ? text.replace(from, to) : text,
  }))
  const { bundle } = checkBundle(new Map(files.map(({ name, text }) => [name, text])), null)
  return {
    policyVersion: own.policy.version,
    bundleSha256: bundle?.sha256 ?? own.sha256,
    approvedBy: ['ann'],
    files,
    tested: { scenarios: 40, scenariosSha256: 'a'.repeat(64) },
  }
}

function published(version: number, policy: ActivePolicy): Control {
  return {
    id: `policy/${version}`,
    version,
    issuedBy: 'ann',
    issuedAtMs: 0,
    reason: 'test',
    expiresAtMs: null,
    policy,
    killSwitch: null,
    list: null,
    signature: null,
  }
}

const later = policyWith('lateness: 30s', 'lateness: 40s')
const latest = policyWith('lateness: 30s', 'lateness: 50s')

class Heard {
  readonly switched: ActiveBundle[] = []
  readonly refused: (readonly [number, readonly string[]])[] = []
  readonly policies = new Policies(own, {
    switched: (active) => void this.switched.push(active),
    refused: (version, reasons) => void this.refused.push([version, reasons]),
  })

  together(...controls: readonly Control[]): this {
    for (const control of controls) this.policies.hear(control)
    this.policies.settle()
    return this
  }

  get versions(): readonly number[] {
    return this.switched.map(({ version }) => version)
  }
}

describe('published bundles', () => {
  it('run as they come, by rising versions; an older one changes nothing', () => {
    const heard = new Heard()
    expect(heard.policies.active).toEqual({ bundle: own, version: 0 })
    heard.together(published(1, later)).together(published(3, latest)).together(published(2, later))
    expect(heard.versions).toEqual([1, 3])
    expect(heard.policies.active.bundle.sha256).toBe(latest.bundleSha256)
  })

  it('that come together are the newest alone, and the first of one version', () => {
    const heard = new Heard().together(published(1, latest), published(2, later), published(2, latest))
    expect(heard.versions).toEqual([2])
    expect(heard.policies.active.bundle.sha256).toBe(later.bundleSha256)
    heard.together(published(2, latest))
    expect(heard.policies.active.bundle.sha256).toBe(later.bundleSha256)
  })

  it('that do not pass the check change nothing, and it is said why, with file, line and column', () => {
    const bad = policyWith('requests_1h', 'reqests_1h')
    const heard = new Heard().together(published(1, later), published(2, bad))
    expect(heard.versions).toEqual([1])
    expect(heard.refused[0]?.[0]).toBe(2)
    expect(heard.refused[0]?.[1].join('\n')).toMatch(/usage\.yaml:\d+:\d+/)
  })

  it('that have a name which the language keeps for itself change nothing, and do not stop who reads them', () => {
    const bad = policyWith('features:\n', 'features:\n  pool: { count: usage, window: 1h }\n')
    const heard = new Heard().together(published(1, bad))
    expect(heard.switched).toEqual([])
    expect(heard.refused[0]?.[1].join('\n')).toContain('conditions read pool as something else')
  })

  it('that the check itself cannot bear change nothing, and do not stop who reads them', () => {
    const files = [
      {
        name: 'aup.yaml',
        get text(): string {
          throw new RangeError('too much of it')
        },
      },
    ]
    const heard = new Heard().together(published(1, { ...later, files }), published(2, latest))
    expect(heard.versions).toEqual([2])
    heard.together(published(3, { ...later, files }))
    expect(heard.refused).toEqual([[3, ['it cannot be checked: too much of it']]])
  })

  it.each([
    ['that nobody has tested', { ...later, tested: null }, 'no scenarios were run'],
    ['whose files are not what was signed', { ...later, bundleSha256: 'c'.repeat(64) }, 'its files are of'],
    [
      'that some process could not run',
      { ...later, files: later.files.filter(({ name }) => name !== 'capacity.yaml') },
      'no file is the topology capacity',
    ],
  ])('%s change nothing', (_, policy, reason) => {
    const heard = new Heard().together(published(1, policy))
    expect(heard.switched).toEqual([])
    expect(heard.refused[0]?.[1].join('\n')).toContain(reason)
  })
})
