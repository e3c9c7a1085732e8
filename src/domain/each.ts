/** Values of a topic one after another, as they are read; a read model keeps what it needs and lets the others go. */
export type Each<T> = AsyncIterable<T> | Iterable<T>
