/**
 * Warnings of Node that are known and harmless are left out: kafkajs 2.2.4 computes a wait from a time in the
 * past, which Node 24 tells once a thread, and lets go of a socket that never connected once for each of its tries to
 * disconnect. All others are shown as before.
 */
function isKnown({ name, message }: Error): boolean {
  if (name === 'MaxListenersExceededWarning') return /connect listeners added to \[Socket\]/.test(message)
  return name === 'TimeoutNegativeWarning'
}

export function quietKnownWarnings(): void {
  const shown = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (!isKnown(warning)) for (const show of shown) show(warning)
  })
}
