/** The view over a log: complete before its first answer, following, and honest about its age. */
import { describe, expect, it } from 'vitest'
import { followStandings } from '../../src/client/follow-standings.ts'
import { OpeningFeed } from '../../src/client/opening-feed.ts'
import { refusalOf } from '../../src/client/refusal.ts'
import { StandingView, type StandingFeed, type StandingViewSettings } from '../../src/client/standing-view.ts'
import { Standings } from '../../src/client/standings.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import type { ActiveSanction, Standing } from '../../src/domain/standing.ts'
import { TransientError } from '../../src/engine/errors.ts'
import { MemoryLog } from '../../src/log/memory/memory-log.ts'
import { SAMPLES } from '../codec/samples.ts'

const TOPIC = 'abuse.standing.v1'
const NOW_MS = Date.UTC(2026, 5, 1, 12)
const HOUR_MS = 3_600_000
const SETTINGS: StandingViewSettings = { staleAfterMs: 60_000, whenStale: 'allow' }

async function platform() {
  const clock = new ManualClock(NOW_MS)
  const log = new MemoryLog({ clock, autoDeliver: false, batchRecords: 700 })
  log.createTopic(TOPIC, 2)
  const codec = await embeddedCodec(loadFlows())
  const suspended = (accountId: string, more: Partial<ActiveSanction> = {}): Standing => ({
    ...SAMPLES[TOPIC],
    accountId,
    strikes: [],
    active: [
      {
        sanctionId: `of ${accountId}`,
        act: 'suspension',
        scope: 'account',
        scopeTarget: null,
        rateCeilingPerMinute: null,
        actorLevel: 'account',
        actorId: accountId,
        reasonCode: 'fair-use',
        effectiveAtMs: NOW_MS - HOUR_MS,
        endsAtMs: NOW_MS + HOUR_MS,
        ...more,
      },
    ],
  })
  const write = (accountId: string, value: Buffer | null): void =>
    void log.append(TOPIC, { key: Buffer.from(accountId), value, headers: {} }, NOW_MS)
  const put = (standing: Standing): void => write(standing.accountId, codec.encode(TOPIC, standing))
  const unreadable: number[] = []
  const ended: unknown[] = []
  const view = async (
    settings = SETTINGS,
    prepare = codec.prepare.bind(codec),
    letGo = new AbortController().signal,
  ): Promise<StandingView> => {
    const standings = new Standings()
    const parts = {
      log,
      clock,
      codec: { prepare, decode: codec.decode.bind(codec) },
      standings,
      onUnreadable: ({ offset }: { readonly offset: number }) => void unreadable.push(offset),
      onEnded: (error: unknown) => void ended.push(error),
      letGo,
    }
    return new StandingView(standings, await followStandings(parts), clock, settings)
  }
  return { clock, log, suspended, put, write, view, unreadable, ended }
}

/** After what was written has been delivered and taken. */
async function taken(log: MemoryLog): Promise<void> {
  log.deliver()
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('the view of standings', () => {
  it('knows all that was there before its first answer', async () => {
    const { suspended, put, view } = await platform()
    for (let n = 0; n < 2_000; n++) put(suspended(`account-${n}`))
    const of = await view()
    expect(of.size).toBe(2_000)
    expect(of.may('account-1999', {})).toMatchObject({ allow: false, sanctionId: 'of account-1999' })
    expect(of.may('nobody', {}).allow).toBe(true)
  })

  it('follows what is written later: the newest counts, a tombstone forgets', async () => {
    const { log, suspended, put, write, view } = await platform()
    put(suspended('a'))
    put(suspended('b'))
    const of = await view()
    put({ ...suspended('a'), active: [] })
    write('b', null)
    put(suspended('c'))
    await taken(log)
    expect(['a', 'b', 'c'].map((account) => of.may(account, {}).allow)).toEqual([true, true, false])
    expect(of.size).toBe(1)
  })

  it('treats an end as the end, though nobody says so', async () => {
    const { clock, suspended, put, view } = await platform()
    put(suspended('a'))
    const of = await view()
    expect(of.may('a', {}).allow).toBe(false)
    clock.advanceTo(NOW_MS + HOUR_MS)
    expect(of.may('a', {}).allow).toBe(true)
  })

  it('keeps what it knows of an account where a later record cannot be read, and tells', async () => {
    const { log, suspended, put, write, view, unreadable } = await platform()
    put(suspended('a'))
    const of = await view()
    write('a', Buffer.from('nonsense'))
    await taken(log)
    expect(of.may('a', {}).allow).toBe(false)
    expect(unreadable).toHaveLength(1)
  })

  it('leaves to the setting whom it serves where nothing readable is known of an account, until something is', async () => {
    const { log, suspended, put, write, view } = await platform()
    write('a', Buffer.from('nonsense'))
    const [open, closed] = [await view(), await view({ ...SETTINGS, whenStale: 'refuse' })]
    expect(open.may('a', {})).toMatchObject({ allow: true, stale: true })
    expect(closed.may('a', {})).toMatchObject({ allow: false, stale: true, sanctionId: null })
    expect(closed.may('b', {})).toMatchObject({ allow: true, stale: false })
    put({ ...suspended('a'), active: [] })
    await taken(log)
    expect(closed.may('a', {})).toMatchObject({ allow: true, stale: false })
  })

  it('waits for a registry that is away', async () => {
    const { suspended, put, view } = await platform()
    put(suspended('a'))
    let asked = 0
    const away = (): Promise<void> =>
      asked++ === 0 ? Promise.reject(new TransientError('registry', 'away')) : Promise.resolve()
    const embedded = await embeddedCodec(loadFlows())
    const of = await view(SETTINGS, async (records) => {
      await away()
      await embedded.prepare(records)
    })
    expect(of.may('a', {}).allow).toBe(false)
    expect(asked).toBe(2)
  })
})

describe('a view that is older than allowed', () => {
  const settings = (whenStale: StandingViewSettings['whenStale']): StandingViewSettings => ({
    staleAfterMs: 60_000,
    whenStale,
  })
  const feed = { currentAsOfMs: () => NOW_MS, close: () => Promise.resolve() }

  async function aged(whenStale: StandingViewSettings['whenStale'], ageMs: number) {
    const { suspended } = await platform()
    const standings = new Standings()
    standings.apply(suspended('a'), NOW_MS)
    return new StandingView(standings, feed, new ManualClock(NOW_MS + ageMs), settings(whenStale))
  }

  it('says how old it is, and is trusted up to the bound', async () => {
    const of = await aged('refuse', 60_000)
    expect(of.staleMs()).toBe(60_000)
    expect(of.may('nobody', {})).toMatchObject({ allow: true, stale: false })
  })

  it('serves or refuses those of whom it knows nothing, as it was told, and says why', async () => {
    const [open, closed] = [await aged('allow', 60_001), await aged('refuse', 60_001)]
    expect(open.may('nobody', {})).toMatchObject({ allow: true, stale: true })
    const refused = closed.may('nobody', {})
    expect(refused).toMatchObject({ allow: false, stale: true, sanctionId: null })
    expect(refusalOf(refused, 'https://example.com/appeal')).toMatchObject({ status: 503 })
  })

  it('holds to the sanctions that it knows', async () => {
    expect((await aged('allow', 60_001)).may('a', {})).toMatchObject({ allow: false, sanctionId: 'of a' })
  })
})

describe('a view whose servers are away at the start', () => {
  async function opening(failures: readonly Error[]) {
    const { clock, suspended } = await platform()
    const standings = new Standings()
    const left = [...failures]
    const tries = Promise.withResolvers<undefined>()
    const open = async () => {
      const failure = left.shift()
      if (failure !== undefined) throw failure
      await tries.promise
      standings.apply(suspended('a'), NOW_MS)
      return { currentAsOfMs: () => NOW_MS, close: () => Promise.resolve() }
    }
    const waits: string[] = []
    const feed = new OpeningFeed(
      open,
      () => Promise.resolve(),
      (service, message) => void waits.push(`${service}: ${message}`),
    )
    const of = new StandingView(standings, feed, clock, { ...SETTINGS, whenStale: 'refuse' })
    return { of, feed, waits, arrive: () => tries.resolve(undefined) }
  }

  it('answers by its setting, tries again, and knows all once they are there', async () => {
    const away = new TransientError('kafka', 'away')
    const { of, feed, waits, arrive } = await opening([away, away])
    expect(of.may('a', {})).toMatchObject({ allow: false, stale: true, sanctionId: null })
    arrive()
    await feed.complete
    expect(waits).toEqual(['kafka: away', 'kafka: away'])
    expect(of.may('a', {})).toMatchObject({ allow: false, stale: false, sanctionId: 'of a' })
    expect(of.may('b', {})).toMatchObject({ allow: true, stale: false })
  })

  it('lets go of what is being opened when it is closed: no server is asked any more (F3)', async () => {
    const { log, suspended, put, view } = await platform()
    put(suspended('a'))
    const asked = Promise.withResolvers<void>()
    const away = Promise.withResolvers<never>()
    let asks = 0
    const prepare = (): Promise<void> => {
      asks++
      asked.resolve()
      return away.promise
    }
    const open = async (letGo: AbortSignal): Promise<StandingFeed> => {
      await view(SETTINGS, prepare, letGo)
      throw new Error('it was opened')
    }
    const feed = new OpeningFeed(
      open,
      () => Promise.resolve(),
      () => undefined,
    )
    log.deliver()
    await asked.promise
    await feed.close()
    await expect(feed.complete).resolves.toBeUndefined()
    away.reject(new TransientError('registry', 'away'))
    await taken(log)
    expect(asks).toBe(1)
  })

  it('tells nobody that following has ended when it is closed by its owner', async () => {
    const { log, view, ended } = await platform()
    const letGo = new AbortController()
    const of = await view(SETTINGS, undefined, letGo.signal)
    letGo.abort()
    await of.close()
    await taken(log)
    expect(ended).toEqual([])
  })

  it('gives up where it is refused, and not a word of it once it was closed', async () => {
    const { feed } = await opening([new Error('no right to read')])
    await expect(feed.complete).rejects.toThrow('no right to read')
    const closed = await opening([new TransientError('kafka', 'away'), new Error('after it was closed')])
    await closed.of.close()
    await expect(closed.feed.complete).resolves.toBeUndefined()
  })
})
