/** What the verifying tool says of a run's signals. */
export interface Verdict {
  readonly exact: number
  readonly otherRecord: number
  readonly missing: number
  readonly extra: number
  readonly duplicates: number
}

/** The figures of one measured run, read from the two lines that the measuring and the verifying tool print. */
export interface Figures extends Verdict {
  readonly recordsPerSecond: number
  /** User and system time between the first and the last record, Redis included. */
  readonly cpuSecondsPerMillion: number
  readonly redisCpuSecondsPerMillion: number
  readonly brokerCpuSecondsPerMillion: number
  readonly peakRssMiB: number
  readonly redisPeakRssMiB: number
  /** Cores that the rest of the machine used meanwhile: what to distrust the rate by. */
  readonly otherLoadCores: number
}

/** Throws where a figure is missing: the run failed. */
export function readFigures(output: string): Figures {
  const redis = optional(output, /cpu s\/M [\d.]+ \+ redis ([\d.]+)/)
  return {
    recordsPerSecond: number(output, /: (\d+) rec\/s/),
    cpuSecondsPerMillion: rounded(number(output, /cpu s\/M ([\d.]+)/) + redis),
    redisCpuSecondsPerMillion: redis,
    brokerCpuSecondsPerMillion: number(output, /broker ([\d.]+)/),
    peakRssMiB: number(output, /peak RSS MiB (\d+)/),
    redisPeakRssMiB: optional(output, /peak RSS MiB \d+ \+ redis (\d+)/),
    otherLoadCores: number(output, /others' load ([\d.]+)/),
    ...readVerdict(output),
  }
}

/** Throws where a number is missing: nothing was verified. */
export function readVerdict(output: string): Verdict {
  return {
    exact: number(output, / exact (\d+)/),
    otherRecord: number(output, / other-record (\d+)/),
    missing: number(output, / missing (\d+)/),
    extra: number(output, / extra (\d+)/),
    duplicates: number(output, / duplicates (\d+)/),
  }
}

/** All signals that must come out, from the records that must set them off, and nothing else. */
export function isExact({ exact, otherRecord, missing, extra, duplicates }: Verdict): boolean {
  return exact > 0 && otherRecord + missing + extra + duplicates === 0
}

function number(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`no figure ${pattern.source} in:\n${text}`)
  return Number(found)
}

function optional(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0)
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
