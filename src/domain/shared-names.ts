/** Names that very many values share, each kept once: decoding makes a string of its own of each. For few names only. */
export class SharedNames {
  readonly #names = new Map<string, string>()

  /** The string that was given first of all that are equal. */
  once(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#names.set(name, name)
    return name
  }
}
