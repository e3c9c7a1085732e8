// @ts-check
/** A failure that the reader can do something about; its message says what. */
export class ServiceError extends Error {
  /** @param {string} message @param {'usage' | 'failed'} kind */
  constructor(message, kind = 'failed') {
    super(message)
    this.name = 'ServiceError'
    /** @readonly `usage` when the command line or the environment was wrong */
    this.kind = kind
  }
}
