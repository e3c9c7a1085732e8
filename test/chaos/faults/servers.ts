/** What happens to servers: they die and come back, and Redis forgets. */
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { between, onOne, seconds, type FaultKind, type Scene } from './fault.ts'

async function killed(
  scene: Scene,
  name: string,
  awayMs: number,
  meanwhile: () => string = () => '',
): Promise<boolean> {
  await scene.servers.kill(name)
  scene.tell(`kill -9 ${name}${meanwhile()}, back in ${seconds(awayMs)}`)
  await scene.pause(awayMs)
  await scene.servers.restart(name)
  scene.tell(`${name} is back`)
  return true
}

function onServer(
  scene: Scene,
  names: readonly string[],
  fault: (name: string) => Promise<boolean>,
): Promise<boolean> {
  return onOne(scene, names, (name) => name, fault)
}

const brokerKill: FaultKind = {
  name: 'broker-kill',
  title: 'kill -9 of one of the three brokers, started again on its logs within 5 s',
  lane: 'brokers',
  gapMs: [8_000, 20_000],
  make: (scene) =>
    onServer(scene, ['kafka-1', 'kafka-2', 'kafka-3'], (name) =>
      killed(scene, name, between(scene, 500, 5_000)),
    ),
}

const redisKill: FaultKind = {
  name: 'redis-kill',
  title: 'kill -9 of Redis, started again on its append-only file within 4 s',
  lane: 'redis',
  gapMs: [8_000, 20_000],
  make: (scene) => onServer(scene, ['redis'], (name) => killed(scene, name, between(scene, 100, 4_000))),
}

const redisCut: FaultKind = {
  name: 'redis-cut',
  title: 'kill -9 of Redis, and the end of its append-only file cut off before it starts again',
  lane: 'redis',
  gapMs: [8_000, 20_000],
  make: (scene) =>
    onServer(scene, ['redis'], (name) =>
      killed(scene, name, between(scene, 100, 2_000), () => cutAppendOnlyFile(scene)),
    ),
}

/** Cuts some of the newest commits off; what is left may end in the middle of one. */
function cutAppendOnlyFile(scene: Scene): string {
  const folder = join(scene.servers.redisFolder, 'appendonlydir')
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('.incr.aof'))
    .sort((a, b) => statSync(join(folder, a)).mtimeMs - statSync(join(folder, b)).mtimeMs)
    .at(-1)
  if (newest === undefined) return ''
  const path = join(folder, newest)
  const { size } = statSync(path)
  // Most often the last commits, as a fail-over loses them; now and then nearly all.
  const most = scene.random.chance(0.8) ? Math.ceil(size / 5) : size
  const cut = Math.min(size, between(scene, 200, Math.max(201, most)))
  truncateSync(path, size - cut)
  return ` and ${cut} of ${size} bytes cut off ${newest}`
}

const redisFlush: FaultKind = {
  name: 'redis-flush',
  title: 'FLUSHALL: the store forgets everything',
  lane: 'redis',
  gapMs: [15_000, 30_000],
  make: (scene) =>
    onServer(scene, ['redis'], async () => {
      scene.tell('FLUSHALL')
      const redis = new Redis(scene.servers.redisPort, '127.0.0.1')
      try {
        await redis.flushall()
      } finally {
        redis.disconnect()
      }
      return true
    }),
}

const registryKill: FaultKind = {
  name: 'registry-away',
  title: 'the registry is cut off, or killed and started again',
  lane: 'registry',
  gapMs: [10_000, 25_000],
  make: (scene) =>
    onServer(scene, ['registry'], async (name) => {
      const awayMs = between(scene, 2_000, 8_000)
      if (scene.random.chance(0.3)) return killed(scene, name, awayMs)
      scene.tell(`registry cut off for ${seconds(awayMs)}`)
      await scene.servers.toxiproxy.cut(name)
      await scene.pause(awayMs)
      await scene.servers.toxiproxy.restore(name)
      return true
    }),
}

export const SERVER_FAULTS: readonly FaultKind[] = [brokerKill, redisKill, redisCut, redisFlush, registryKill]
