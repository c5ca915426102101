/**
 * The one script that counts, run by Redis whole and alone, by its own clock. It lends as limit/lender.ts does: what is asked for, or
 * a part of what is left where that is more. A rate is the moment at which its bucket is full again (limit/bucket.ts); bytes of a day
 * are a number; tunnels are those of each process until its lease is over, so that nobody holds what died.
 */

/** What a call does, in this order behind the kind. */
export interface Call {
  /** At least so much is wanted; 0: nothing. */
  readonly take: number;
  /** The part of what is left that may be lent beyond that. */
  readonly part: number;
  /** Counted whether there is any or not; below 0: given back. */
  readonly spend: number;
}

export const SCRIPT = `
local kind, key = ARGV[1], KEYS[1]
local take, part, spend = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function grant(left)
  if take <= 0 then return 0 end
  return math.max(0, math.min(math.max(take, math.floor(left * part)), math.floor(left + 1e-6)))
end

if kind == 'rate' then
  local perMs, capacity = tonumber(ARGV[5]), tonumber(ARGV[6])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local granted = grant(capacity - (full - now) * perMs)
  full = full + (granted + spend) / perMs
  if full > now then
    redis.call('SET', key, string.format('%.3f', full), 'PX', math.ceil(full - now) + 1)
  else
    redis.call('DEL', key)
  end
  local left = capacity - math.max(0, full - now) * perMs
  return {granted, math.ceil(math.max(0, 1 - left) / perMs)}
end

if kind == 'day' then
  local used = tonumber(redis.call('GET', key) or '0')
  local granted = grant(tonumber(ARGV[5]) - used)
  used = math.max(0, used + granted + spend)
  redis.call('SET', key, string.format('%.0f', used), 'PX', tonumber(ARGV[6]))
  return {granted, 0}
end

local most, holder, lease, absolute = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local all = redis.call('HGETALL', key)
local sum, own = 0, 0
for at = 1, #all, 2 do
  local count, untilMs = string.match(all[at + 1], '^(%d+):(%d+)$')
  if tonumber(untilMs) <= now then
    redis.call('HDEL', key, all[at])
  elseif all[at] == holder then
    own = tonumber(count)
  else
    sum = sum + tonumber(count)
  end
end
if absolute >= 0 then own = absolute end
local granted = grant(most - sum - own)
own = math.max(0, own + granted + spend)
if own == 0 then
  redis.call('HDEL', key, holder)
else
  redis.call('HSET', key, holder, string.format('%d:%.0f', own, now + lease))
  redis.call('PEXPIRE', key, lease)
end
return {granted, 0}
`;
