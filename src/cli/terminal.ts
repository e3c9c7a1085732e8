/** Colours and progress lines, on a terminal only; plain text everywhere else and where NO_COLOR is set. */
import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

export interface Terminal {
  readonly interactive: boolean
  /** Text in a style; the plain text where the stream shows none. */
  paint(style: Style, text: string): string
  line(text: string): void
  /** A line that the next status or line replaces; nothing where the stream is no terminal. */
  status(text: string): void
}

const CLEAR_LINE = '\r\u001b[2K'

export function terminalOn(stream: WriteStream | NodeJS.WriteStream): Terminal {
  const interactive = stream.isTTY
  const coloured = interactive && stream.hasColors()
  let shown = false
  const clear = (): string => {
    const before = shown ? CLEAR_LINE : ''
    shown = false
    return before
  }
  return {
    interactive,
    paint: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
    line: (text) => void stream.write(`${clear()}${text}\n`),
    status: (text) => {
      if (!interactive) return
      stream.write(`${clear()}${text.slice(0, stream.columns - 1)}`)
      shown = true
    },
  }
}

/** Rows as a table with columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<number[]>(
    (so, row) => row.map((cell, at) => Math.max(so[at] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
