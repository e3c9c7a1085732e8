/** Toxiproxy over its HTTP interface: proxies that are cut, slowed, or that lose what servers answer. */

export interface Proxy {
  readonly name: string
  readonly listenPort: number
  readonly upstreamPort: number
}

/** What is done to a connection, in Toxiproxy's own words. */
export interface Toxic {
  readonly type: 'latency' | 'timeout' | 'reset_peer' | 'slow_close'
  readonly stream: 'upstream' | 'downstream'
  readonly attributes: Readonly<Record<string, number>>
}

const HOST = '127.0.0.1'
const TOXIC = 'chaos'

export class Toxiproxy {
  readonly #url: string

  constructor(apiPort: number) {
    this.#url = `http://${HOST}:${apiPort}`
  }

  async create({ name, listenPort, upstreamPort }: Proxy): Promise<void> {
    const proxy = {
      name,
      listen: `${HOST}:${listenPort}`,
      upstream: `${HOST}:${upstreamPort}`,
      enabled: true,
    }
    await this.#call('POST', '/proxies', proxy)
  }

  /** Closes its connections and refuses new ones. */
  async cut(name: string): Promise<void> {
    await this.#call('POST', `/proxies/${name}`, { enabled: false })
  }

  async restore(name: string): Promise<void> {
    await this.#call('POST', `/proxies/${name}`, { enabled: true })
  }

  async poison(name: string, toxic: Toxic): Promise<void> {
    await this.#call('POST', `/proxies/${name}/toxics`, { ...toxic, name: TOXIC, toxicity: 1 })
  }

  async heal(name: string): Promise<void> {
    await this.#call('DELETE', `/proxies/${name}/toxics/${TOXIC}`)
  }

  async #call(method: string, path: string, body?: object): Promise<void> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const answer = await fetch(`${this.#url}${path}`, init)
    if (!answer.ok) throw new Error(`Toxiproxy refused ${method} ${path}: ${await answer.text()}`)
  }
}
