/**
 * Ids of a tokenizer (WordPiece, byte-level BPE, Unigram: whatever its `tokenizer.json` says), by the library that such
 * files are written with.
 *
 * I1. A long text becomes several overlapping windows, each with its special tokens: nothing is cut. The library's own
 *     windows (truncation with a stride) are not used: of a long text they give the first two.
 */
import { Tensor, type InferenceSession } from 'onnxruntime-node'
import type { Tokenizer } from 'tokenizers'
import { windowsOf } from '../windows.ts'
import type { TokenInputEntry } from './manifest.ts'
import { inputProblems, type Encoded, type Feeds, type ModelInput } from './model-input.ts'

interface TokenWindow extends Encoded {
  readonly ids: readonly number[]
}

/** What the tokenizer puts around a text. */
interface Frame {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** More than a token's length in any language, so that a piece seldom ends in the middle of a window. */
const PIECE_UNITS_PER_TOKEN = 16
const INTEGERS = ['int64', 'int32']

export class TokenInput implements ModelInput<TokenWindow> {
  /** A run of a model of BERT's size takes 22 ms, in which it reads its weights, and 1.3 ms for each token. */
  readonly cpuLimits = { items: 8, tokens: 512, runTokens: 16 }
  readonly #entry: TokenInputEntry
  readonly #tokenizer: Tokenizer
  readonly #frame: Frame
  /** By input, as the model wants them. */
  readonly #wide = new Set<string>()

  private constructor(entry: TokenInputEntry, tokenizer: Tokenizer, frame: Frame) {
    this.#entry = entry
    this.#tokenizer = tokenizer
    this.#frame = frame
  }

  /** Throws where the library cannot read `json`. Loaded here, so that nobody else pays for it. */
  static async open(entry: TokenInputEntry, json: string): Promise<TokenInput> {
    const { Tokenizer } = await import('tokenizers')
    const tokenizer = Tokenizer.fromString(json)
    tokenizer.disablePadding()
    tokenizer.disableTruncation()
    return new TokenInput(entry, tokenizer, await frameOf(tokenizer))
  }

  problems(inputs: readonly InferenceSession.ValueMetadata[]): readonly string[] {
    for (const meta of inputs) if (meta.isTensor && meta.type === 'int64') this.#wide.add(meta.name)
    const { ids, mask, types } = this.#entry.names
    const names = [ids, mask, types].filter((name) => name !== null)
    return inputProblems(inputs, Object.fromEntries(names.map((name) => [name, INTEGERS])))
  }

  pieces(text: string): Iterable<string> {
    return windowsOf(text, this.#entry.windowTokens * PIECE_UNITS_PER_TOKEN)
  }

  async encode(pieces: readonly string[]): Promise<readonly (readonly TokenWindow[])[]> {
    const encodings = await this.#tokenizer.encodeBatch([...pieces], { addSpecialTokens: false })
    return encodings.map((encoding) => this.#windows(encoding.getIds()))
  }

  feeds(batch: readonly TokenWindow[], width: number): Feeds {
    const { names, padId } = this.#entry
    const feeds: Record<string, Tensor> = {}
    feeds[names.ids] = this.#tensor(names.ids, batch, width, padId, ({ ids }) => ids)
    if (names.mask !== null) feeds[names.mask] = this.#tensor(names.mask, batch, width, 0, onesFor)
    if (names.types !== null) {
      feeds[names.types] = this.#tensor(names.types, batch, width, 0, () => [])
    }
    return feeds
  }

  /** I1. */
  #windows(ids: readonly number[]): readonly TokenWindow[] {
    const { before, after } = this.#frame
    const room = Math.max(1, this.#entry.windowTokens - before.length - after.length)
    const stride = Math.max(1, room - this.#entry.overlapTokens)
    const windows: TokenWindow[] = []
    for (let start = 0; start === 0 || start + room - stride < ids.length; start += stride) {
      const framed = [...before, ...ids.slice(start, start + room), ...after]
      windows.push({ ids: framed, length: framed.length })
    }
    return windows
  }

  #tensor(
    name: string,
    batch: readonly TokenWindow[],
    width: number,
    pad: number,
    valuesOf: (window: TokenWindow) => readonly number[],
  ): Tensor {
    const values = new Int32Array(batch.length * width).fill(pad)
    batch.forEach((window, row) => values.set(valuesOf(window), row * width))
    const shape = [batch.length, width]
    if (!this.#wide.has(name)) return new Tensor('int32', values, shape)
    return new Tensor('int64', BigInt64Array.from(values, BigInt), shape)
  }
}

async function frameOf(tokenizer: Tokenizer): Promise<Frame> {
  const encoding = await tokenizer.encode('a')
  const ids = encoding.getIds()
  const special = encoding.getSpecialTokensMask()
  const first = special.indexOf(0)
  return first < 0
    ? { before: ids, after: [] }
    : { before: ids.slice(0, first), after: ids.slice(special.lastIndexOf(0) + 1) }
}

function onesFor({ ids }: TokenWindow): readonly number[] {
  return ids.map(() => 1)
}
