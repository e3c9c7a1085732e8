import { describe, expect, it } from 'vitest'
import { portCalls } from '../support/port-calls.ts'

describe("the engine's hooks", () => {
  const calls = portCalls()

  it('announce every await of a port: a new one cannot be forgotten by the crash tests', () => {
    expect(calls.filter((call) => !call.announced).map((call) => call.name)).toEqual([])
  })

  it('stand on both sides of each call that changes something: a crash would fall between two of them', () => {
    const reads = /(bounds|readToEnd|committed|meta|load|timers|size)$/
    expect(calls.filter(({ name, alone }) => !alone && !reads.test(name)).map(({ name }) => name)).toEqual([])
  })

  it('are looked for where the ports are: each of these is found', () => {
    const methods = new Set(calls.map((call) => call.name.split(' ')[1]))
    expect([...methods].sort()).toEqual([
      'Log.bounds',
      'Log.join',
      'Log.readToEnd',
      'Log.taskProducer',
      'Membership.commitOffsets',
      'Membership.committed',
      'Membership.leave',
      'Membership.rejoin',
      'Publisher.publish',
      'StateStore.acquire',
      'StateStore.commit',
      'StateStore.load',
      'StateStore.meta',
      'StateStore.size',
      'StateStore.timers',
      'TaskProducer.close',
      'TaskProducer.fence',
      'TaskProducer.publish',
    ])
  })
})
