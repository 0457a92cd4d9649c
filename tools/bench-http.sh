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
python3 - "$sunmao" "$dir/data" "$port" <<'PY' &
import os, sys
os.execv(sys.argv[1], [sys.argv[1], "serve", "--data", sys.argv[2], "--listen", "127.0.0.1:" + sys.argv[3],
    "--set", "limits.rate=no,limits.connections=4096"])
PY
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
    echo "nginx  $n"
    echo "sunmao $a"
    python3 - "$n" "$a" <<'PY'
import sys
get = lambda s: float(s.split("requests_per_s=")[1].split()[0])
print("ratio  sunmao/nginx %.3f" % (get(sys.argv[2]) / get(sys.argv[1])))
PY
done
python3 bench/http/probe.py streams "$port" "$server"
