/** Colours and progress lines, on a terminal only; plain text everywhere else and where NO_COLOR is set. */
import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

export interface Terminal {
  readonly interactive: boolean
  /** How many characters a line may have; Infinity where the stream is no terminal. */
  readonly columns: number
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
    columns: interactive ? stream.columns : Infinity,
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

/**
 * Rows under a head as a table; where that is wider than `columns`, a paragraph a row instead: its first cell, then each other
 * cell under its name, broken between words. A terminal would break the table anywhere.
 */
export function tableWithin(
  columns: number,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const lines = table([head, ...rows])
  if (lines.every((line) => line.length <= columns)) return lines
  const names = head.slice(1)
  const indent = 4 + Math.max(...names.map((name) => name.length))
  return rows.flatMap(([first = '', ...cells]) => [
    first,
    ...cells.flatMap((cell, at) =>
      broken(cell, columns - indent).map((part, line) =>
        line === 0 ? `  ${names[at] ?? ''}`.padEnd(indent) + part : ' '.repeat(indent) + part,
      ),
    ),
  ])
}

/** Lines of at most `width` characters, as far as words allow. */
function broken(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
