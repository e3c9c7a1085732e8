/**
 * A scoring process's end of the line to the process that started it.
 *
 * O1. It outlives nobody: when the owner is gone, however that came about, it leaves.
 * O2. It leaves for no other reason. A signal to the whole group (a terminal's Ctrl-C, a service manager's stop) is its
 *     owner's to follow, who still wants what was asked.
 */
import type { ScoreLine, ToScoringProcess } from './score-protocol.ts'

export function ownerLine(): ScoreLine {
  if (process.send === undefined) throw new Error('a scoring process is started by its owner')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  process.on('disconnect', () => process.exit())
  return {
    say: (message) => void process.send?.(message),
    listen: (hear) => process.on('message', (message: unknown) => hear(readMessage(message))),
    hangUp: () => process.disconnect(),
  }
}

function readMessage(message: unknown): ToScoringProcess {
  if (isMessage(message)) return message
  throw new TypeError('the owner speaks another protocol')
}

function isMessage(message: unknown): message is ToScoringProcess {
  return typeof message === 'object' && message !== null && 'kind' in message
}
