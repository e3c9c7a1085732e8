/**
 * The servers of a run: three brokers, the registry, Redis, each behind a proxy for the workers; the harness goes
 * past the proxies. Fresh folder, free ports, all stopped by their pids at the end.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { addresses, up } from '../../scripts/services/all.mjs'
import { findCommand, mustRun } from '../../scripts/services/command.mjs'
import { kill, start, stop, type Launch } from '../../scripts/services/launch.mjs'
import { freePorts } from '../../scripts/services/probe.mjs'
import { REGISTRY_PATH, resolveSettings } from '../../scripts/services/settings.mjs'
import { Toxiproxy, type Proxy } from './toxiproxy.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const HOST = '127.0.0.1'
const BROKERS = [1, 2, 3] as const
const TOXIPROXY_MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0'

export interface ServerAddresses {
  readonly kafkaBrokers: readonly string[]
  readonly registryUrl: string
  readonly redisUrl: string
}

export class Servers {
  readonly #launches: readonly Launch[]
  #stopped = false
  readonly toxiproxy: Toxiproxy
  readonly proxies: readonly Proxy[]
  /** What the harness uses. */
  readonly direct: ServerAddresses
  /** What the workers use. */
  readonly proxied: ServerAddresses
  readonly redisPort: number
  readonly redisFolder: string

  private constructor(launches: readonly Launch[], proxies: readonly Proxy[], apiPort: number) {
    this.#launches = launches
    this.proxies = proxies
    this.toxiproxy = new Toxiproxy(apiPort)
    this.direct = addresses([...launches])
    const port = (name: string): number => proxies.find((proxy) => proxy.name === name)?.listenPort ?? 0
    this.proxied = {
      kafkaBrokers: BROKERS.map((id) => `${HOST}:${port(`kafka-${id}`)}`),
      registryUrl: `http://${HOST}:${port('registry')}${REGISTRY_PATH}`,
      redisUrl: `redis://${HOST}:${port('redis')}`,
    }
    const redis = this.#launch('redis')
    this.redisPort = redis.ports[0] ?? 0
    this.redisFolder = redis.folder
  }

  static async start(folder: string, report: (line: string) => void): Promise<Servers> {
    const toxiproxy = await requireToxiproxy(report)
    const ports = await freePorts(BROKERS.length * 4 + 5)
    const take = (): number => ports.pop() ?? 0
    const brokers = BROKERS.map((nodeId) => ({
      nodeId,
      port: take(),
      controllerPort: take(),
      proxied: { port: take(), advertisedPort: take() },
    }))
    const settings = { ...resolveSettings({}, {}, ROOT), brokers, dataFolder: folder }
    const [registryPort, redisPort, apiPort] = [take(), take(), take()]
    const proxies: readonly Proxy[] = [
      ...brokers.map(({ nodeId, proxied }) => ({
        name: `kafka-${nodeId}`,
        listenPort: proxied.advertisedPort,
        upstreamPort: proxied.port,
      })),
      { name: 'registry', listenPort: take(), upstreamPort: registryPort },
      { name: 'redis', listenPort: take(), upstreamPort: redisPort },
    ]
    const { launches } = await up({ ...settings, registryPort, redisPort }, report)
    const proxy = toxiproxyLaunch(toxiproxy, folder, apiPort)
    const servers = new Servers([...launches, proxy], proxies, apiPort)
    try {
      await start(proxy, report)
      for (const one of proxies) await servers.toxiproxy.create(one)
    } catch (error) {
      await servers.stop()
      throw error
    }
    return servers
  }

  /** SIGKILL; returns when it is gone. */
  async kill(name: string): Promise<void> {
    await kill(this.#launch(name), 'SIGKILL')
  }

  /** Starts it again on what it left; returns when it answers. Nothing starts once all were stopped. */
  async restart(name: string): Promise<void> {
    if (this.#stopped) return
    await start(this.#launch(name), () => undefined)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#launches.map((launch) => stop(launch)))
  }

  #launch(name: string): Launch {
    const found = this.#launches.find((launch) => launch.name === name)
    if (found === undefined) throw new Error(`there is no server ${name}`)
    return found
  }
}

function toxiproxyLaunch(command: string, dataFolder: string, port: number): Launch {
  const folder = join(dataFolder, 'toxiproxy')
  return {
    name: 'toxiproxy',
    command,
    // It ignores the folder; its process is known by it.
    args: ['-host', HOST, '-port', String(port), folder],
    cwd: dataFolder,
    folder,
    probe: { kind: 'http', port, url: `http://${HOST}:${port}/version` },
    ports: [port],
    portOption: 'another try',
    address: `http://${HOST}:${port}`,
  }
}

/** The path of the program; built once with Go where it is not on PATH. */
async function requireToxiproxy(report: (line: string) => void): Promise<string> {
  const installed = findCommand('toxiproxy-server')
  if (installed !== undefined) return installed
  const folder = join(ROOT, '.cache', 'toxiproxy')
  const built = join(folder, 'server')
  if (existsSync(built)) return built
  const go = findCommand('go')
  if (go === undefined) throw new Error('Toxiproxy is needed: install it, or install Go to have it built.')
  report('toxiproxy: building it (once)')
  await mustRun('Toxiproxy could not be built', 'env', [`GOBIN=${folder}`, go, 'install', TOXIPROXY_MODULE])
  return built
}
