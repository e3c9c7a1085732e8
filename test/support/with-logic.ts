/** A topology of which some of the logic is otherwise: watched, held up, broken. */
import type { TaskLogic, Topology } from '../../src/engine/logic.ts'

export function withLogic<S, E>(
  topology: Topology<S, E>,
  otherwise: (logic: TaskLogic<S, E>) => Partial<TaskLogic<S, E>>,
): Topology<S, E> {
  return {
    ...topology,
    logic: (partition, former) => {
      const logic = topology.logic(partition, former)
      return { ...logic, ...otherwise(logic) }
    },
  }
}
