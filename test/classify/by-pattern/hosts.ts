/** What `src/classify/hosts.ts` finds, said by patterns. */
const AUTHORITY = /(?:https?:\/\/|\bwww\.)[^\s"'<>/?#\\]{1,300}/gi
const BEFORE_HOST = /^(?:https?:\/\/)?(?:[^@]*@)?(?:www\.)?/i
const BEHIND_HOST = /:\d*$|[.,;:!)\]}]+$/
const PRIVATE = /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/

/** Without the bound on how many are remembered. */
export function hostsByPattern(text: string): readonly string[] {
  const hosts = Array.from(text.matchAll(AUTHORITY), ([authority]) =>
    authority.replace(BEFORE_HOST, '').replace(BEHIND_HOST, '').toLowerCase(),
  )
  return [...new Set(hosts.filter((host) => host.includes('.') && !PRIVATE.test(host)))]
}
