/**
 * The unit of a text at a place, as `charCodeAt` gives it: for loops that read every unit of every record's texts. Where
 * many kinds of strings have come by, V8 looks up whatever is asked of a text anew each time, the method too, and
 * that took a tenth of a record's time. Called so, the method is known beforehand.
 *
 * The text's length is looked up in the same way: such loops ask for it once.
 */
export function unitAt(text: string, at: number): number {
  return String.prototype.charCodeAt.call(text, at)
}
