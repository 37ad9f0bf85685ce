/**
 * What Redis does in one step. Four keys of one hash tag, the session, so that a cluster keeps them together:
 *
 *     1  end       the session's tombstone
 *     2  standing  hash: holder, note, lost, orphan, takes, and h:<holder> for everybody who ever took the right
 *     3  lease     there while the right lasts
 *     4  outcome   hash: sealed, success, life (from when it was stored), ttl (how long it stays at most once somebody awaited found it)
 *
 * Time is Redis's own: every key has a life, and what has no life left is not there. A message that may not be sent fails nothing: who waits
 * looks again.
 */
const outcome = `
local function outcome()
  local kept = redis.call('HMGET', KEYS[4], 'sealed', 'life', 'ttl', 'success')
  -- What is not even text cannot be named as a miss: it is none from the start.
  if not kept[1] or not string.find(kept[1], '^[%w+/]+=*$') then return nil end
  local left = redis.call('PTTL', KEYS[4])
  return { sealed = kept[1], age = kept[2] - left, left = left, ttl = tonumber(kept[3]), success = kept[4] == '1' }
end
local function give(kind, kept, awaited)
  if awaited == '1' and kept.left > kept.ttl then
    redis.call('HSET', KEYS[4], 'life', kept.age + kept.ttl)
    redis.call('PEXPIRE', KEYS[4], kept.ttl)
    redis.call('PEXPIRE', KEYS[2], kept.ttl)
  end
  return { kind, kept.sealed, kept.age }
end
`

/** Arguments: holder, lease, note, again (1 or 0), miss, awaited (1 or 0), how long it is remembered, channel, message. */
export const claim = `${outcome}
local holder, lease, note, again, miss, awaited, remember = unpack(ARGV)
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'ended' } end
local kept = outcome()
if kept and kept.sealed ~= miss then return give('outcome', kept, awaited) end
local last = redis.call('HMGET', KEYS[2], 'holder', 'note', 'lost')
local other = last[1] and last[1] ~= holder
local left = redis.call('PTTL', KEYS[3])
if other and last[3] ~= '1' and left > 0 then return { 'held', last[1], last[2], left } end
if other and again ~= '1' then return { 'abandoned' } end
redis.call('DEL', KEYS[4])
if redis.call('HSETNX', KEYS[2], 'h:' .. holder, '1') == 1 then redis.call('HINCRBY', KEYS[2], 'takes', 1) end
if last[1] ~= holder then redis.call('HSET', KEYS[2], 'orphan', other and '1' or '0') end
redis.call('HSET', KEYS[2], 'holder', holder, 'note', note, 'lost', '0')
redis.call('PEXPIRE', KEYS[2], lease + remember)
redis.call('SET', KEYS[3], holder, 'PX', lease)
if other then redis.pcall('PUBLISH', ARGV[8], ARGV[9]) end
return { 'taken', other and 1 or 0, tonumber(redis.call('HGET', KEYS[2], 'takes')) }
`

/** Gives back a right with which nothing was sent. Arguments: holder, channel, message. */
export const release = `
local last = redis.call('HMGET', KEYS[2], 'holder', 'orphan')
if last[1] ~= ARGV[1] then return 0 end
if last[2] == '1' then
  redis.call('HSET', KEYS[2], 'lost', '1')
else
  redis.call('HDEL', KEYS[2], 'holder', 'note', 'lost', 'h:' .. ARGV[1])
  redis.call('HINCRBY', KEYS[2], 'takes', -1)
  redis.call('DEL', KEYS[3])
end
redis.pcall('PUBLISH', ARGV[2], ARGV[3])
return 1
`

/** Arguments: holder, sealed, life, ttl, success (1 or 0), lost (1 or 0), awaited (1 or 0), how long it is remembered, channel, message. */
export const store = `${outcome}
local holder, sealed, life, ttl, success, lost, awaited, remember = unpack(ARGV)
-- A script that fails keeps what it has written: an outcome without a life would stay for ever.
if not (tonumber(life) > 0 and tonumber(life) < math.huge) then return redis.error_reply('ERR no life') end
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'ended' } end
local kept = outcome()
local may
if success == '1' then
  may = redis.call('HEXISTS', KEYS[2], 'h:' .. holder) == 1 and not (kept and kept.success)
else
  may = redis.call('HGET', KEYS[2], 'holder') == holder
end
if not may then return kept and give('superseded', kept, awaited) or { 'superseded' } end
redis.call('HSET', KEYS[4], 'sealed', sealed, 'life', life, 'ttl', ttl, 'success', success)
redis.call('PEXPIRE', KEYS[4], life)
if lost == '1' then
  redis.call('HSET', KEYS[2], 'lost', '1')
else
  redis.call('HDEL', KEYS[2], 'holder', 'note', 'lost')
  redis.call('PEXPIRE', KEYS[2], life + remember)
  redis.call('DEL', KEYS[3])
end
redis.pcall('PUBLISH', ARGV[9], ARGV[10])
return { 'stored' }
`

/** Arguments: holder. 1 while it has the right and there is something to wait for. */
export const isHeld = `
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
local last = redis.call('HMGET', KEYS[2], 'holder', 'lost')
return last[1] == ARGV[1] and last[2] ~= '1' and 1 or 0
`

/** Arguments: ttl, channel, message. */
export const end = `
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
redis.pcall('PUBLISH', ARGV[2], ARGV[3])
return 1
`
