import { describe, expect, it } from 'vitest'
import { readSettings, redacted } from '../../src/service/settings.ts'

describe('settings', () => {
  it('have defaults that fit `npm run services`, so that a newcomer sets nothing', () => {
    const result = readSettings({}, '/app')
    expect(result.ok && result.settings.kafka.brokers).toEqual(['127.0.0.1:19092'])
    expect(result.ok && result.settings.topologiesFolder).toBe('/app/topologies')
  })

  it('tell all errors at once, each by its name', () => {
    const wrong = {
      KAFKA_BROKERS: 'nohost',
      REDIS_URL: 'http://x',
      BAILIFF_HTTP_PORT: 'x',
      KAFKA_SASL_MECHANISM: 'plain',
    }
    const result = readSettings(wrong, '/app')
    const problems = result.ok ? [] : result.problems
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'KAFKA_BROKERS',
      'REDIS_URL',
      'BAILIFF_HTTP_PORT',
      'KAFKA_SASL_USERNAME',
      'KAFKA_SASL_PASSWORD',
    ])
  })

  it('name the providers of models in the order in which they are tried, each once and known', () => {
    const given = (names: string) => readSettings({ BAILIFF_SCORING_PROVIDERS: names }, '/app')
    const result = given('cuda, cpu')
    expect(result.ok && result.settings.scoring.providers).toEqual(['cuda', 'cpu'])
    for (const wrong of ['gpu', 'cpu,cpu', 'cuda,']) {
      const problems = given(wrong)
      expect(problems.ok ? [] : problems.problems).toEqual([
        expect.stringMatching(/^BAILIFF_SCORING_PROVIDERS: /),
      ])
    }
  })

  it('want a user name and a password with SASL', () => {
    const result = readSettings({ KAFKA_SASL_MECHANISM: 'plain' }, '/app')
    expect(result.ok ? [] : result.problems).toHaveLength(2)
  })

  it('take hash keys of before, each as long as one must be', () => {
    const given = (keys: string) => readSettings({ BAILIFF_FORMER_HASH_KEYS: keys }, '/app')
    const result = given('a key of last year, a key of the year before')
    expect(result.ok && result.settings.formerHashKeys).toEqual([
      'a key of last year',
      'a key of the year before',
    ])
    const short = given('a key of last year,short')
    expect(short.ok ? [] : short.problems).toEqual([expect.stringMatching(/^BAILIFF_FORMER_HASH_KEYS: /)])
  })

  it('name a secret file that cannot be read', () => {
    const result = readSettings({ BAILIFF_HASH_KEY_FILE: '/nowhere' }, '/app')
    expect(result.ok ? [] : result.problems).toEqual(['BAILIFF_HASH_KEY_FILE: the file cannot be read'])
  })

  it('can be shown without their secrets', () => {
    const environment = {
      BAILIFF_HASH_KEY: 'a-very-secret-hash-key',
      BAILIFF_FORMER_HASH_KEYS: 'another-very-secret-key',
      REDIS_URL: 'redis://user:pw@h:1',
    }
    const result = readSettings(environment, '/app')
    const shown = result.ok ? JSON.stringify(redacted(result.settings)) : ''
    expect(shown).not.toContain('very-secret')
    expect(shown).not.toContain('pw@')
  })
})
