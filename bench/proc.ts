/** What Linux says of a process and of the machine, read from /proc. CPU is user and system time. */
import { readdirSync, readFileSync } from 'node:fs'

/** The kernel's clock of these files, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Of the process, and of its children that have ended: a server that forks to rewrite its files counts whole. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return sum(fields.slice(11, 15)) / TICKS_PER_SECOND
}

/** All that the machine's cores did, whoever asked for it. */
export function machineCpuSeconds(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1, 9) ?? []
  const idle = sum(fields.slice(3, 5))
  return (sum(fields) - idle) / TICKS_PER_SECOND
}

/** The largest resident memory that the process has had. */
export function highWaterMiB(pid: number): number {
  return Math.round(statusMiB(pid, 'VmHWM'))
}

export function residentMiB(pid: number): number {
  return statusMiB(pid, 'VmRSS')
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function statusMiB(pid: number, name: string): number {
  const kib = new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? NaN) / 1_024
}

function sum(fields: readonly string[]): number {
  return fields.reduce((all, field) => all + Number(field), 0)
}
