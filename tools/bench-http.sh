#!/bin/sh
# bench-http.sh SUNMAO DATA: questions a second over HTTP against nginx with a static file of the
# same size, in the same run; idle streams, idle memory, time to the first answer.
set -eu
sunmao=$1
data=$2
seconds=${SECONDS_EACH:-10}
connections=${CONNECTIONS:-64}
dir=$(mktemp -d)
port=${PORT:-18761}
export SUNMAO_TODAY="${SUNMAO_TODAY:-2026-11-23}"
cleanup() {
    [ -n "${server:-}" ] && kill "$server" 2>/dev/null
    [ -f "$dir/nginx.pid" ] && kill "$(cat "$dir/nginx.pid")" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap cleanup EXIT INT TERM

cp -r "$data" "$dir/data"
"$sunmao" serve --data "$dir/data" --listen "127.0.0.1:$port" --set limits.rate=no 2>"$dir/log" &
server=$!
python3 bench/http/probe.py first "$port" "$server"
bytes=$(wrk -t1 -c1 -d2s -s bench/http/ask.lua "http://127.0.0.1:$port" -- demo/queries-train.jsonl |
    sed -n 's/.*bytes=\([0-9]*\).*/\1/p')

mkdir -p "$dir/www"
chmod 755 "$dir" "$dir/www"
head -c "$bytes" /dev/zero | tr '\0' 'x' >"$dir/www/answer.json"
cat >"$dir/nginx.conf" <<CONF
worker_processes auto;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 4096; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f;
    uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
    server { listen 127.0.0.1:$((port + 1)); root $dir/www; }
}
CONF
nginx -c "$dir/nginx.conf"

run_ask() { wrk -t2 -c"$connections" -d"${seconds}s" -s bench/http/ask.lua "http://127.0.0.1:$port" -- demo/queries-train.jsonl | sed -n 's/^RESULT //p'; }
run_nginx() { wrk -t2 -c"$connections" -d"${seconds}s" -s bench/http/get.lua "http://127.0.0.1:$((port + 1))/answer.json" | sed -n 's/^RESULT //p'; }
run_ask >/dev/null # warm
for i in 1 2 3; do
    n=$(run_nginx)
    a=$(run_ask)
    python3 - "$n" "$a" <<'PY'
import sys
nginx, ours = (dict(x.split("=") for x in s.split()) for s in sys.argv[1:])
ratio = float(ours["requests_per_s"]) / float(nginx["requests_per_s"])
print("| `POST /v1/ask` beside nginx with a static file of %s bytes | %s/s (p50 %s ms, p99 %s ms, failed %s) beside %s/s: "
      "%.3f | `tools/bench-http.sh` |" % (nginx["bytes"], ours["requests_per_s"], ours["p50_ms"], ours["p99_ms"],
      ours["bad"], nginx["requests_per_s"], ratio))
PY
done
python3 bench/http/probe.py streams "$port" "$server"
