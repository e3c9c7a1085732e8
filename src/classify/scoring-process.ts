/**
 * A scoring process as its owner sees it. A process and not a thread: native code that crashes takes its whole process
 * along, and one that hangs can be killed. What that costs over a thread is 1 to 3 µs a text.
 *
 * L1. `gone` is told once, whatever ended it, and nothing is heard of it afterwards.
 * L2. It is killed when it has been silent for `silenceMs` while it owes an answer, or its leave, or for `openMs` while
 *     it owes its model, and never before.
 * L3. It inherits no environment, but finds the libraries of the providers. What it writes is told where it cannot start, and never later: who knows what a text
 *     made it say.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cudaLibraryFolder } from './model/provider-libraries.ts'
import type { FromScoringProcess, ScoringTask, ToScoringProcess } from './score-protocol.ts'

export interface ScoringProcessOptions {
  /** The process's code; another one only in tests. */
  readonly file: URL
  readonly task: ScoringTask
  readonly silenceMs: number
  /** Reading a large model, moving it to a GPU and asking it its golden cases takes minutes. */
  readonly openMs: number
}

export interface ScoringProcessEvents {
  heard(message: FromScoringProcess): void
  gone(how: string): void
}

/** The code beside this file: a source under type stripping, JavaScript when built. */
export const SCORE_PROCESS_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './score-process.ts' : './score-process.js',
  import.meta.url,
)

const MOST_LAST_WORDS = 2_000

export class ScoringProcess {
  readonly #options: ScoringProcessOptions
  readonly #events: ScoringProcessEvents
  readonly #child: ChildProcess
  #deadline: NodeJS.Timeout | null = null
  #owed = 0
  #isOpen = false
  #isLeaving = false
  /** The end of what it wrote before it had a model; null from then on (L3). */
  #lastWords: string | null = ''
  #isGone = false

  constructor(options: ScoringProcessOptions, events: ScoringProcessEvents) {
    this.#options = options
    this.#events = events
    this.#child = fork(fileURLToPath(options.file), [], {
      execArgv: [],
      env: { LD_LIBRARY_PATH: cudaLibraryFolder() },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.on('message', (message) => this.#hear(message))
    this.#child.on('error', (error) => this.#end(error.message))
    this.#child.on('close', (code, signal) => this.#end(signal ?? `exit code ${code}`))
    this.#child.stderr?.setEncoding('utf8').on('data', (words: string) => this.#overhear(words))
    this.#tell({ kind: 'open', task: options.task })
    this.#expect()
  }

  score(batch: number, texts: readonly string[]): void {
    if (this.#owed++ === 0) this.#expect()
    this.#tell({ kind: 'score', batch, texts })
  }

  /** It leaves when it has answered everything. */
  stop(): void {
    this.#isLeaving = true
    this.#tell({ kind: 'stop' })
    this.#expect()
  }

  #tell(message: ToScoringProcess): void {
    // Whoever cannot be told is dying, and its end will be told.
    this.#child.send(message, () => undefined)
  }

  #hear(message: unknown): void {
    if (this.#isGone || !isMessage(message)) return
    if (message.kind === 'ready') this.#lastWords = null
    if (message.kind === 'ready' || message.kind === 'refused') this.#isOpen = true
    if (message.kind === 'refused') this.#isLeaving = true
    if (message.kind === 'scored') this.#owed--
    this.#expect()
    this.#events.heard(message)
  }

  #overhear(words: string): void {
    if (this.#lastWords !== null) this.#lastWords = (this.#lastWords + words).slice(-MOST_LAST_WORDS)
  }

  /** L2: from now on, silence counts. */
  #expect(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#deadline = null
    const patienceMs = this.#patienceMs()
    if (this.#isGone || patienceMs === null) return
    this.#deadline = setTimeout(() => {
      this.#end(`silent for ${patienceMs} ms`)
      this.#child.kill('SIGKILL')
    }, patienceMs)
  }

  /** How long it may say nothing now; null where it owes nothing. */
  #patienceMs(): number | null {
    if (!this.#isOpen) return this.#options.openMs
    return this.#owed > 0 || this.#isLeaving ? this.#options.silenceMs : null
  }

  #end(how: string): void {
    if (this.#isGone) return
    this.#isGone = true
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#events.gone([how, (this.#lastWords ?? '').trim()].filter((part) => part !== '').join(': '))
  }
}

function isMessage(message: unknown): message is FromScoringProcess {
  return typeof message === 'object' && message !== null && 'kind' in message
}
