/**
 * Long texts in overlapping windows, so that nothing is cut silently and padding at the front hides nothing.
 */
/** Share of a window that it has in common with the one before: a phrase on an edge stands whole in one. */
const OVERLAP = 0.1

/** Windows of at most `windowUnits` UTF-16 units that together cover the text; the last one ends with it. */
export function windowsOf(text: string, windowUnits: number): readonly string[] {
  if (text.length <= windowUnits) return [text]
  const stride = Math.floor(windowUnits * (1 - OVERLAP))
  const windows: string[] = []
  for (let start = 0; ; start += stride) {
    windows.push(text.slice(start, start + windowUnits))
    if (start + windowUnits >= text.length) return windows
  }
}
