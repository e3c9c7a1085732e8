/** Bytes between a client and Redis cut into what they say: one frame a command or an answer, in either protocol version. */
const CR = 0x0d
const LINE_END_BYTES = 2
/** What follows the line is as many bytes, or as many frames (two of each in a map), as the line says. */
const SIZED = '$=!'
const NESTING: Readonly<Record<string, number>> = { '*': 1, '~': 1, '>': 1, '%': 2 }

export class RespFrames {
  #held: Buffer = Buffer.alloc(0)

  /** The frames that are whole now, in order. */
  take(came: Buffer): readonly Buffer[] {
    this.#held = Buffer.concat([this.#held, came])
    const frames: Buffer[] = []
    for (let end = frameEnd(this.#held, 0); end > 0; end = frameEnd(this.#held, 0)) {
      frames.push(this.#held.subarray(0, end))
      this.#held = this.#held.subarray(end)
    }
    return frames
  }
}

/** The words of a command. */
export function wordsOf(command: Buffer): readonly string[] {
  const lines = command.toString('latin1').split('\r\n')
  return lines.filter((_, at) => at > 0 && at % 2 === 0 && at < lines.length - 1)
}

/** Where the frame that begins there ends; -1 where it is not whole. */
function frameEnd(bytes: Buffer, from: number): number {
  const lineEnd = bytes.indexOf(CR, from)
  if (lineEnd < 0) return -1
  const type = String.fromCharCode(bytes[from] ?? 0)
  const size = Number(bytes.toString('latin1', from + 1, lineEnd))
  let end = lineEnd + LINE_END_BYTES
  if (SIZED.includes(type) && size >= 0) end += size + LINE_END_BYTES
  const inner = (NESTING[type] ?? 0) * Math.max(size, 0)
  for (let count = 0; count < inner && end > 0 && end <= bytes.length; count++) end = frameEnd(bytes, end)
  return end > 0 && end <= bytes.length ? end : -1
}
