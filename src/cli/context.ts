/** What every command gets: settings, the two terminals, a way to print results. Nothing reaches for globals. */
import type { Settings } from '../service/settings.ts'
import type { Terminal } from './terminal.ts'

export interface CommandContext {
  readonly settings: Settings
  readonly version: string
  readonly stdout: Terminal
  readonly stderr: Terminal
  /** One line of results on standard output. */
  print(line: string): void
  /** Resolves at the first SIGINT or SIGTERM from when it is asked for; a command that never asks ends at once. */
  readonly interrupted: Promise<void>
}
