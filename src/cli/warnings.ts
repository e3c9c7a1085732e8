/**
 * Warnings of Node that are known and harmless are left out: kafkajs 2.2.4 computes a wait from a time in the
 * past, which Node 24 tells once a thread. All others are shown as before.
 */
const KNOWN = new Set(['TimeoutNegativeWarning'])

export function quietKnownWarnings(): void {
  const shown = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (!KNOWN.has(warning.name)) for (const show of shown) show(warning)
  })
}
