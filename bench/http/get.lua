-- GET of one address: wrk … -s get.lua URL
function done(summary, latency)
    io.write(string.format("RESULT requests_per_s=%.1f p50_ms=%.2f p99_ms=%.2f bytes=%.0f bad=%d\n",
        summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
        latency:percentile(99) / 1000, summary.bytes / math.max(1, summary.requests),
        summary.errors.status + summary.errors.connect + summary.errors.read +
        summary.errors.write + summary.errors.timeout))
end
