/** Arrays of numbers that grow. */

/** By so much at least: doubling would leave slack that nobody uses. */
const GROWTH = 1.25

/** A copy with room for at least so many. */
export function grown<A extends Uint8Array | Int32Array | Uint32Array>(array: A, least: number): A
export function grown(
  array: Uint8Array | Int32Array | Uint32Array,
  least: number,
): Uint8Array | Int32Array | Uint32Array {
  const length = Math.max(least, Math.ceil(array.length * GROWTH))
  if (array instanceof Uint8Array) return filled(new Uint8Array(length), array)
  return array instanceof Int32Array
    ? filled(new Int32Array(length), array)
    : filled(new Uint32Array(length), array)
}

function filled<A extends Uint8Array | Int32Array | Uint32Array>(larger: A, from: A): A {
  larger.set(from)
  return larger
}
