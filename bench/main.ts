/**
 * `npm run bench -- NAME`: one benchmark by its name. Each file says what it measures and what it does not. Node is
 * started with the young generation that each thread of `bailiff run` has (16 MiB a half).
 */
const [name = ''] = process.argv.splice(2, 1)
const KNOWN: Readonly<Record<string, string>> = {
  latency: './latency.ts',
  detect: './detect.ts',
  'minted-keys': './minted-keys.ts',
  yardstick: './yardstick.ts',
  resident: './resident.ts',
  steady: './steady.ts',
  decode: './decode.ts',
  commit: './commit.ts',
  'known-media': './known-media.ts',
  decisions: './decisions.ts',
  'standing-view': './standing-view.ts',
  robustness: './robustness.ts',
  classify: './classify.ts',
}
const file = KNOWN[name]
if (file === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(KNOWN).join(' | ')}`)
  process.exit(2)
}
await import(file)
