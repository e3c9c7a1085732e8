/** Exit codes that scripts can use, and errors that say what to do. */

/** `failed`: the work was tried and did not succeed. `usage`: wrong arguments, settings or a refused server. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** An error to be shown as its message alone, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Wrong arguments or settings: all problems at once. */
export function usageError(problems: readonly string[]): CommandError {
  return new CommandError(problems.join('\n'), EXIT.usage)
}
