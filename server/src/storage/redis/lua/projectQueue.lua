-- Writes what is true of requests into a line's queue, by level: an older revision than the one known is refused, so that
-- a late writer revives nothing.
-- KEYS  1 queue (sorted set: request id by score)  2 revs (hash: request id to revision)  3 gone (sorted set: request id by ms)
-- ARGV  1 now, ms  2.. triples: request id, revision, score ('' = no longer in line)
-- returns how many of them changed the order
local now = tonumber(ARGV[1])
local kept = 600000
local written = 0
for i = 2, #ARGV, 3 do
  local id, rev, score = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  local known = tonumber(redis.call('HGET', KEYS[2], id) or '-1')
  if rev >= known then
    redis.call('HSET', KEYS[2], id, ARGV[i + 1])
    if score == '' then
      written = written + redis.call('ZREM', KEYS[1], id)
      redis.call('ZADD', KEYS[3], now, id)
    else
      written = written + redis.call('ZADD', KEYS[1], 'CH', score, id)
      redis.call('ZREM', KEYS[3], id)
    end
  end
end
local old = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - kept, 'LIMIT', 0, 100)
if #old > 0 then
  redis.call('HDEL', KEYS[2], unpack(old))
  redis.call('ZREM', KEYS[3], unpack(old))
end
return written
