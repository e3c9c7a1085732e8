/**
 * Makes `servegen-clients.json` and `azure-conversations.json` from the published traces; see ATTRIBUTION.md.
 *
 *   node src/simulate/data/make-excerpt.mjs FOLDER_WITH_THE_TRACES
 *
 * Deterministic: the same traces give the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const DAY_S = 86_400
const WINDOW_S = 600
const TOKEN_WINDOW_S = 21_600
const QUANTILES = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]
const FAMILIES = ['language_m-large', 'language_m-mid', 'language_m-small', 'reason_deepseek-r1']
/** Windows of ten minutes in which a client must have been active to tell a shape. */
const LEAST_ACTIVE_WINDOWS = 6
const AZURE_PAIRS = 600

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('name the folder that holds azure_llm_2023 and trace_servegen')

const clients = FAMILIES.flatMap((family) => clientsOf(family))
write('servegen-clients.json', clients)
write('azure-conversations.json', azurePairs())

function clientsOf(family) {
  const tokens = tokenWindows(family)
  return [...rateWindows(family)]
    .filter(([client, windows]) => tokens.has(client) && active(windows).length >= LEAST_ACTIVE_WINDOWS)
    .map(([client, windows]) => excerpt(family, client, windows, tokens.get(client)))
    .filter((entry) => entry !== null)
}

function excerpt(family, client, windows, tokens) {
  const busy = active(windows)
  const mean = busy.reduce((sum, one) => sum + one.rate, 0) / busy.length
  const input = quantiles(merged(tokens, 'input_tokens', windows))
  const output = quantiles(merged(tokens, 'output_tokens', windows))
  if (input === null || output === null) return null
  return {
    client: `${family}/${client}`,
    // Requests a second, mean over the windows in which the client was active.
    meanRate: Number(mean.toPrecision(4)),
    // One number per ten minutes of the day: rate as per cent of that mean.
    ratePercent: windows.map((one) => Math.round((100 * one.rate) / mean)).join(' '),
    // One number per ten minutes: coefficient of variation of the inter-arrival times, in tenths.
    cvTenths: windows.map((one) => Math.round(10 * one.cv)).join(' '),
    inputTokens: input.join(' '),
    outputTokens: output.join(' '),
  }
}

function active(windows) {
  return windows.filter((one) => one.rate > 0)
}

/** Client to its 144 windows of the first day. */
function rateWindows(family) {
  const byClient = new Map()
  for (const line of lines(`trace_servegen/${family}_client_rates.csv.gz`).slice(1)) {
    const [client, start, rate, cv] = line.split(',').map(Number)
    if (start >= DAY_S) continue
    if (!byClient.has(client)) byClient.set(client, emptyDay())
    byClient.get(client)[start / WINDOW_S] = { rate, cv }
  }
  return byClient
}

function emptyDay() {
  return Array.from({ length: DAY_S / WINDOW_S }, () => ({ rate: 0, cv: 0 }))
}

function tokenWindows(family) {
  const rows = lines(`trace_servegen/${family}_token_pdfs_day1.jsonl.gz`).map((line) => JSON.parse(line))
  return new Map(rows.map((row) => [row.client, row.windows]))
}

/** Token counts and their weight over the day; a window of six hours counts by the requests it had. */
function merged(tokens, field, windows) {
  const weights = new Map()
  for (const [start, pdfs] of Object.entries(tokens)) {
    const first = Number(start) / WINDOW_S
    const requests = windows
      .slice(first, first + TOKEN_WINDOW_S / WINDOW_S)
      .reduce((sum, one) => sum + one.rate, 0)
    for (const [, count, share] of (pdfs[field] ?? '').matchAll(/(\d+): ([\d.e-]+)/g)) {
      weights.set(Number(count), (weights.get(Number(count)) ?? 0) + Number(share) * requests)
    }
  }
  return weights
}

function quantiles(weights) {
  const sorted = [...weights].filter(([, weight]) => weight > 0).sort(([a], [b]) => a - b)
  if (sorted.length === 0) return null
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0)
  return QUANTILES.map((share) => quantile(sorted, share * total))
}

function quantile(sorted, until) {
  let seen = 0
  for (const [count, weight] of sorted) {
    seen += weight
    if (seen >= until) return count
  }
  return sorted.at(-1)[0]
}

/** Every n-th request of the hour as `context generated`. */
function azurePairs() {
  const rows = lines('azure_llm_2023/AzureLLMInferenceTrace_conv.csv.gz').slice(1)
  const step = Math.floor(rows.length / AZURE_PAIRS)
  return Array.from({ length: AZURE_PAIRS }, (_, at) => rows[at * step].trim().split(',').slice(1).join(' '))
}

function lines(path) {
  return gunzipSync(readFileSync(join(folder, path)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function write(name, value) {
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(value, null, 2)}\n`)
}
