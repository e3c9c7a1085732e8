/** Toxiproxy over its HTTP interface: proxies that are cut, slowed, or that lose what servers answer. */

export interface Proxy {
  readonly name: string
  readonly listenPort: number
  readonly upstreamPort: number
}

/** What is done to a connection, in Toxiproxy's own words. */
export interface Toxic {
  readonly type: 'latency' | 'timeout' | 'limit_data'
  readonly stream: 'upstream' | 'downstream'
  readonly attributes: Readonly<Record<string, number>>
}

const HOST = '127.0.0.1'
const TOXIC = 'chaos'
/** On a busy machine it may not end a toxic within the ten seconds that it gives itself. */
const HEAL_TRIES = 6
const NOT_IN_TIME = 503
const IS_GONE = 404

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
    const path = `/proxies/${name}/toxics/${TOXIC}`
    for (let left = HEAL_TRIES; left > 0; left--) {
      const answer = await this.#ask('DELETE', path)
      if (answer.ok || answer.status === IS_GONE) return
      if (answer.status !== NOT_IN_TIME || left === 1) throw await refusal('DELETE', path, answer)
    }
  }

  async #call(method: string, path: string, body: object): Promise<void> {
    const answer = await this.#ask(method, path, body)
    if (!answer.ok) throw await refusal(method, path, answer)
  }

  #ask(method: string, path: string, body?: object): Promise<Response> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    return fetch(`${this.#url}${path}`, init)
  }
}

async function refusal(method: string, path: string, answer: Response): Promise<Error> {
  return new Error(`Toxiproxy refused ${method} ${path}: ${await answer.text()}`)
}
