/** A setting that is misspelled is told: its default would hold without a word. */
import { describe, expect, it } from 'vitest'
import { misspelledSettings } from '../../src/cli/misspelled-settings.ts'

describe('variables that nobody reads', () => {
  it.each([
    ['BAILIFF_HTTP_PROT', 'BAILIFF_HTTP_PORT'],
    ['BAILIFF_SIGNER', 'BAILIFF_SIGNERS'],
    ['BAILIFF_HASHKEY_FILE', 'BAILIFF_HASH_KEY_FILE'],
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['REDIS_URI', 'REDIS_URL'],
  ])('are told with the setting that they look like: %s', (given, meant) => {
    expect(misspelledSettings({ [given]: 'x', HOME: '/' })).toEqual([{ given, meant }])
  })

  it.each([
    'BAILIFF_PORT_9464_TCP',
    'BAILIFF_SERVICE_HOST',
    'BAILIFF_SERVICES_DATA',
    'BAILIFF_REDIS_PORT',
    'KAFKA_HEAP_OPTS',
    'REDIS_HOST',
    'BAILIFF_HTTP_PORT',
    'BAILIFF_HASH_KEY_FILE',
  ])('are left alone where they are of others, and settings are: %s', (given) => {
    expect(misspelledSettings({ [given]: 'x' })).toEqual([])
  })

  it('are left alone where the setting that they look like is given as well', () => {
    expect(misspelledSettings({ REDIS_URI: 'x', REDIS_URL: 'redis://h:1' })).toEqual([])
  })
})
