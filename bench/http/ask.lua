-- Asks the questions of a JSON Lines file ({"text"}) one after the other, each thread from a place
-- of its own: wrk … -s ask.lua URL -- FILE
local threads = 0
function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(args)
    bodies = {}
    for line in io.lines(args[1]) do
        local text = line:match('"text":%s*("[^"]*")')
        if text then bodies[#bodies + 1] = '{"text":' .. text .. ',"test":true}' end
    end
    at = math.floor(#bodies * number / 2)
end

function request()
    at = at % #bodies + 1
    return wrk.format("POST", "/v1/ask", { ["Content-Type"] = "application/json" }, bodies[at])
end

failed = 0
function response(status)
    if status ~= 200 then failed = failed + 1 end
end

function done(summary, latency)
    io.write(string.format("RESULT requests_per_s=%.1f p50_ms=%.2f p99_ms=%.2f bytes=%.0f bad=%d\n",
        summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
        latency:percentile(99) / 1000, summary.bytes / math.max(1, summary.requests),
        summary.errors.status + summary.errors.connect + summary.errors.read +
        summary.errors.write + summary.errors.timeout))
end
