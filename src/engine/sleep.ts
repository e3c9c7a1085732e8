/** A sleep that ends as soon as something is noticed, also where that was before it began. */
export class Sleep {
  #wake: () => void = () => undefined
  #noticed = false

  notice(): void {
    this.#noticed = true
    this.#wake()
  }

  async atMost(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timeout)
        resolve()
      }
      if (this.#noticed) this.#wake()
    })
    this.#noticed = false
    this.#wake = () => undefined
  }
}
