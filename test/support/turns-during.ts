/** Runs `work` beside a counter of the event loop's turns; `turn` tells which one it is. Resolves to their number. */
export async function turnsDuring(work: (turn: () => number) => Promise<unknown>): Promise<number> {
  let turns = 0
  let working = true
  const count = (): void => {
    turns++
    if (working) setImmediate(count)
  }
  setImmediate(count)
  try {
    await work(() => turns)
    return turns
  } finally {
    working = false
  }
}
