/**
 * The scripts that change a task's keys. All keys of a task share the tag `{topology:partition}`, so that
 * they lie in one slot of a cluster; every key that a script touches is passed in KEYS.
 *
 * A script is a transaction in the append-only file. Redis 7.0 leaves one without an end in it where the file ends within a
 * command of it, and does the part after all once it is started again: what comes next ends it. So a commit counts in `begun`
 * first and tells in `ended`, last, how far that is. Where these differ some commit was done in part, and all is given up.
 */
import { createHash } from 'node:crypto'

export interface Script {
  readonly text: string
  /** What EVALSHA names it by. */
  readonly sha1: string
}

function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}

/**
 * Raises the epoch for ever (T1). The server's clock is the floor: an epoch that was lost in a fail-over can
 * never be given out again.
 *
 * KEYS[1] meta hash   KEYS[2] outbox hash
 * Gives { epoch, sequence, meta or false, [field, value ...] of the outbox, 1 where the state is torn }.
 */
export const ACQUIRE_SCRIPT = script(`
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'meta', 'begun', 'ended')
local epoch = math.max((tonumber(stored[1]) or 0) + 1, nowMs)
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', epoch))
local torn = stored[4] == stored[5] and 0 or 1
return { string.format('%.0f', epoch), stored[2] or '0', stored[3], redis.call('HGETALL', KEYS[2]), torn }
`)

/**
 * Gives up the torn state of a task, for its owner of that epoch; the epoch stays (T1). Torn itself, it leaves it torn.
 *
 * KEYS[1] meta hash   KEYS[2..] all others   ARGV[1] epoch
 */
export const GIVE_UP_SCRIPT = script(`
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'fenced' end
for at = 2, #KEYS do redis.call('UNLINK', KEYS[at]) end
redis.call('HDEL', KEYS[1], 'sequence', 'nonce', 'meta', 'begun', 'ended')
return 'given up'
`)

/**
 * Compare-and-set on epoch and sequence, then everything at once (T2); a nonce tells our own retry (T3).
 *
 * KEYS[1] meta hash   KEYS[2] outbox hash   KEYS[3] timers   KEYS[4..] slot hashes
 * ARGV[1] epoch  [2] previous sequence  [3] sequence  [4] nonce  [5] meta  [6] outbox payload ('' for none)
 * ARGV[7] groups of cells, then for each: slot index (from 1), number of values, key value key value ...
 * then deletes: number of groups, for each: slot index, number of keys, keys ...
 * then drops: number, slot indices; set timers: number, then due id due id ...; cleared timers: number, ids;
 * acknowledged: number, sequences.
 * Gives 'committed' or 'fenced'. Calls are chunked, because Lua unpacks only so many arguments.
 *
 * Redis keeps a hash of short values as a list until it has 512 of them, and looks for each field from the front: more than a
 * quarter of its time. A value of more than 64 bytes makes a hash a table for good. One stands, within the script, in a
 * field that is written right after, where the hash comes to hold more than a list is good for.
 */
export const COMMIT_SCRIPT = script(`
local CHUNK = 4000
local LIST_LIKED = 128
local LIST_MOST = 512
local NO_LIST_VALUE = string.rep('-', 65)
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'nonce', 'begun', 'ended')
if stored[1] ~= ARGV[1] or stored[4] ~= stored[5] then return 'fenced' end
local sequence = stored[2] or '0'
if sequence == ARGV[3] and stored[3] == ARGV[4] then return 'committed' end
if sequence ~= ARGV[2] then return 'fenced' end
local begun = redis.call('HINCRBY', KEYS[1], 'begun', 1)

local at = 7
local function take()
  local value = ARGV[at]
  at = at + 1
  return value
end
local function takeNumber() return tonumber(take()) end
local function each(command, key, count)
  local from = at
  at = at + count
  for start = from, at - 1, CHUNK do
    redis.call(command, key, unpack(ARGV, start, math.min(start + CHUNK - 1, at - 1)))
  end
end
local function slotKey() return KEYS[takeNumber() + 3] end
local function becomesTable(key, field, cells)
  local known = redis.call('HLEN', key)
  if known < LIST_MOST and known + cells > LIST_LIKED then redis.call('HSET', key, field, NO_LIST_VALUE) end
end

for _ = 1, takeNumber() do
  local key = slotKey()
  local count = takeNumber()
  becomesTable(key, ARGV[at], count / 2)
  each('HSET', key, count)
end
for _ = 1, takeNumber() do
  local key = slotKey()
  each('HDEL', key, takeNumber())
end
for _ = 1, takeNumber() do redis.call('UNLINK', slotKey()) end
each('ZADD', KEYS[3], takeNumber())
each('ZREM', KEYS[3], takeNumber())
each('HDEL', KEYS[2], takeNumber())
if ARGV[6] ~= '' then redis.call('HSET', KEYS[2], ARGV[3], ARGV[6]) end
redis.call('HSET', KEYS[1], 'sequence', ARGV[3], 'nonce', ARGV[4], 'meta', ARGV[5], 'ended', begun)
return 'committed'
`)

/**
 * The timers after the given one, which may have been moved or cleared meanwhile; in one step, because a commit that
 * clears earlier ones between finding the place and reading from it would hide as many.
 *
 * KEYS[1] timers   ARGV[1] due time, '' for the first of all  [2] id  [3] how many
 * Gives [id, due ...]. Ids are compared byte by byte: Lua's own order of strings depends on the server's locale.
 */
export const TIMERS_SCRIPT = script(`
local due, id, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local function isAfter(other)
  for at = 1, math.min(#other, #id) do
    local ours, theirs = id:byte(at), other:byte(at)
    if ours ~= theirs then return theirs > ours end
  end
  return #other > #id
end
local function rankAfter()
  local low = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. due)
  local high = redis.call('ZCOUNT', KEYS[1], '-inf', due)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isAfter(redis.call('ZRANGE', KEYS[1], middle, middle)[1]) then high = middle else low = middle + 1 end
  end
  return low
end
local from = due == '' and 0 or rankAfter()
return redis.call('ZRANGE', KEYS[1], from, from + limit - 1, 'WITHSCORES')
`)
