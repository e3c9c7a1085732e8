/** `capacity` wired: telemetry in, pressure intervals out. */
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import { capacityLogic } from '../../detect/capacity-logic.ts'
import type { KeyState } from '../../detect/key-state.ts'
import type { GpuTelemetry } from '../../domain/telemetry.ts'
import type { Topology } from '../../engine/logic.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { decodeEvent, encodeOutput, sourceOf } from './flow.ts'
import { PRESSURE_TOPIC } from './usage.ts'

const STATE_VERSION = 1

export interface CapacityWiring {
  readonly table: TopicTable
  readonly codec: Codec
  /** Of the bundle: rises with each that is published. */
  readonly edition: number
  readonly compiled: CompiledTopology
}

export function capacityTopology({
  table,
  codec,
  edition,
  compiled,
}: CapacityWiring): Topology<KeyState, GpuTelemetry> {
  return {
    name: 'capacity',
    stateVersion: STATE_VERSION,
    edition,
    sources: [sourceOf(table, 'gpu.telemetry.v1', compiled.latenessMs)],
    outputs: [PRESSURE_TOPIC],
    logic: (_partition, former) =>
      capacityLogic(compiled, former, {
        prepare: (records) => codec.prepare(records),
        decode: (record) =>
          decodeEvent(codec, 'gpu.telemetry.v1', record, (body) => ({ timeMs: body.sampledAtMs, body })),
        pressureOutput: (pressure) => encodeOutput(codec, PRESSURE_TOPIC, pressure, 'capacity'),
      }),
  }
}
