/** Logic without its engine: the acceptance run relies on timers that come due as the engine's would. */
import { expect, it } from 'vitest'
import { Lane } from '../../bench/acceptance/lane.ts'
import { UNDIVIDED, type Context, type TaskLogic, type Timer } from '../../src/engine/logic.ts'

type Said = (context: Context) => void

/** Does as each event says, and notes which timers came, and at what stream time. */
function noting(fired: string[]): TaskLogic<null, Said> {
  return {
    state: {
      shelf: () => {
        throw new Error('nothing is stored')
      },
      create: () => null,
      decode: () => null,
      changes: () => undefined,
      sizeBytes: () => 0,
      release: () => undefined,
    },
    layout: UNDIVIDED,
    prepare: () => Promise.resolve(),
    decode: () => ({ outcome: 'skipped' }),
    process: ({ body }, _state, context) => body(context),
    onTimer: ({ name, dueMs }, _state, { streamTimeMs }) =>
      void fired.push(`${name} ${dueMs} at ${streamTimeMs}`),
    fold: () => null,
  }
}

it('fires timers in order once events have passed them, as they were set last, and none that were cleared', () => {
  const fired: string[] = []
  const lane = new Lane(noting(fired))
  const record = { topic: 't', partition: 0, offset: 0, appendTimeMs: 0, key: null, value: null, headers: {} }
  const at = (timeMs: number, said: Said) => lane.process('key', timeMs, said, record)
  const timer = (name: string, dueMs: number): Timer => ({ key: 'key', name, kind: 'stream', dueMs })
  at(0, (context) => {
    for (const one of [timer('late', 50), timer('moved', 10), timer('cleared', 20), timer('early', 30)])
      context.setTimer(one)
  })
  at(5, (context) => {
    context.setTimer(timer('moved', 60))
    context.clearTimer('key', 'cleared')
  })
  at(29, () => undefined)
  expect(fired).toEqual([])
  at(55, () => undefined)
  at(54, () => undefined)
  at(70, () => undefined)
  expect(fired).toEqual(['early 30 at 55', 'late 50 at 55', 'moved 60 at 70'])
})
