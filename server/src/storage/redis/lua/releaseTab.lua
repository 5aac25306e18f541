-- Gives up a caller's live tab, unless another one has taken over meanwhile.
-- KEYS  1 the caller's tab    ARGV  1 tab    returns 1 when it was given up
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
