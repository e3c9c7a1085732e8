/** CPU between two moments: of the workers, Redis, the broker and the load apart, and of everybody else. */
import { cpuSeconds, machineCpuSeconds } from '../proc.ts'
import { rounded } from '../statistics.ts'

export interface Parties {
  readonly workers: readonly number[]
  readonly redis: number
  readonly broker: number
  /** Null on a backlog, where nobody makes load. */
  readonly load: number | null
}

export interface CostFigures {
  /** Workers and Redis: what the job costs, in seconds per million records. */
  readonly cpuSecondsPerMillion: number
  readonly workersCpuSecondsPerMillion: number
  readonly redisCpuSecondsPerMillion: number
  readonly brokerCpuSecondsPerMillion: number
  readonly loadCpuSecondsPerMillion: number
  /** Cores that the rest of the machine used meanwhile: what to distrust the figures by. */
  readonly otherLoadCores: number
  /** Records and wall time that the figures are of. */
  readonly records: number
  readonly seconds: number
}

export class CostMeter {
  readonly #parties: Parties
  readonly #begin: Reading

  /** `records`: how many have been processed so far. */
  constructor(parties: Parties, records: number) {
    this.#parties = parties
    this.#begin = read(parties, records)
  }

  figures(recordsNow: number): CostFigures {
    const begin = this.#begin
    const end = read(this.#parties, recordsNow)
    const records = end.records - begin.records
    const seconds = (end.atMs - begin.atMs) / 1_000
    const perMillion = (of: (reading: Reading) => number): number =>
      rounded(((of(end) - of(begin)) / records) * 1e6)
    const ours = ({ workers, redis, broker, load }: Reading): number => workers + redis + broker + load
    const others = end.machine - begin.machine - (ours(end) - ours(begin))
    return {
      cpuSecondsPerMillion: perMillion(({ workers, redis }) => workers + redis),
      workersCpuSecondsPerMillion: perMillion(({ workers }) => workers),
      redisCpuSecondsPerMillion: perMillion(({ redis }) => redis),
      brokerCpuSecondsPerMillion: perMillion(({ broker }) => broker),
      loadCpuSecondsPerMillion: perMillion(({ load }) => load),
      otherLoadCores: rounded(Math.max(0, others) / seconds),
      records,
      seconds: rounded(seconds),
    }
  }
}

interface Reading {
  readonly atMs: number
  readonly records: number
  readonly workers: number
  readonly redis: number
  readonly broker: number
  readonly load: number
  readonly machine: number
}

function read({ workers, redis, broker, load }: Parties, records: number): Reading {
  return {
    atMs: Date.now(),
    records,
    workers: workers.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    redis: cpuSeconds(redis),
    broker: cpuSeconds(broker),
    load: load === null ? 0 : cpuSeconds(load),
    machine: machineCpuSeconds(),
  }
}
