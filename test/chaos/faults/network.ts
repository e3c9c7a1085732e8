/** What happens between workers and servers: connections are cut or slowed, and answers get lost, whole or in part. */
import type { Toxic } from '../toxiproxy.ts'
import { between, onOne, seconds, type FaultKind, type Scene } from './fault.ts'

const TARGETS = ['kafka-1', 'kafka-2', 'kafka-3', 'redis']

/** A way of its own: a server may be killed while its network is bad. */
function onWay(scene: Scene, fault: (name: string) => Promise<boolean>): Promise<boolean> {
  return onOne(scene, TARGETS, (name) => `way to ${name}`, fault)
}

async function poisoned(scene: Scene, name: string, toxic: Toxic, text: string): Promise<boolean> {
  const lastsMs = between(scene, 1_000, 5_000)
  scene.tell(`${text} ${name} for ${seconds(lastsMs)}`)
  await scene.servers.toxiproxy.poison(name, toxic)
  await scene.pause(lastsMs)
  await scene.servers.toxiproxy.heal(name)
  return true
}

const cut: FaultKind = {
  name: 'net-cut',
  title: 'connections to a broker or Redis are closed and refused for some seconds',
  lane: 'network',
  gapMs: [3_000, 9_000],
  make: (scene) =>
    onWay(scene, async (name) => {
      const lastsMs = between(scene, 200, 4_000)
      scene.tell(`connections to ${name} cut for ${seconds(lastsMs)}`)
      await scene.servers.toxiproxy.cut(name)
      await scene.pause(lastsMs)
      await scene.servers.toxiproxy.restore(name)
      return true
    }),
}

const slow: FaultKind = {
  name: 'net-slow',
  title: 'answers of a broker or Redis are late by up to a second',
  lane: 'network',
  gapMs: [3_000, 9_000],
  make: (scene) =>
    onWay(scene, (name) => {
      const latency = between(scene, 100, 1_000)
      const toxic: Toxic = {
        type: 'latency',
        stream: 'downstream',
        attributes: { latency, jitter: Math.floor(latency / 4) },
      }
      return poisoned(scene, name, toxic, `${latency} ms of delay on answers of`)
    }),
}

const lost: FaultKind = {
  name: 'net-lost',
  title: 'what a broker or Redis answers gets lost, though it was done',
  lane: 'network',
  gapMs: [3_000, 9_000],
  make: (scene) =>
    onWay(scene, (name) =>
      poisoned(
        scene,
        name,
        { type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } },
        'answers are lost of',
      ),
    ),
}

const torn: FaultKind = {
  name: 'net-torn',
  title: 'connections to a broker or Redis end within an answer, for some seconds',
  lane: 'network',
  gapMs: [3_000, 9_000],
  make: (scene) =>
    onWay(scene, (name) => {
      const bytes = between(scene, 100, 10_000)
      const toxic: Toxic = { type: 'limit_data', stream: 'downstream', attributes: { bytes } }
      return poisoned(scene, name, toxic, `connections end after ${bytes} bytes of answers of`)
    }),
}

export const NETWORK_FAULTS: readonly FaultKind[] = [cut, slow, lost, torn]
