#!/bin/sh
# bench-gateway.sh SUNMAO BACKEND LOAD: what the gateway adds to calling a back end directly, with
# nginx as a reverse proxy in its place measured in the same run; the memory of 1,000 streams.
# RATE (2000), SECONDS_EACH (5), ROUNDS (3), CHUNKS (16), PORT (18791).
set -eu
sunmao=$1
backend=$2
load=$3
rate=${RATE:-2000}
seconds=${SECONDS_EACH:-5}
rounds=${ROUNDS:-3}
chunks=${CHUNKS:-16}
dir=$(mktemp -d)
port=${PORT:-18791}
cleanup() {
    for p in ${server:-} ${first:-} ${slow:-}; do kill "$p" 2>/dev/null || true; done
    [ -f "$dir/nginx.pid" ] && kill "$(cat "$dir/nginx.pid")" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap cleanup EXIT INT TERM

"$backend" --listen $((port + 1)) >/dev/null &
first=$!
"$backend" --listen $((port + 2)) --gap-us 1000000 >/dev/null &
slow=$!
chmod 755 "$dir"
cat >"$dir/nginx.conf" <<CONF
worker_processes auto;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f;
    uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
    upstream backend { server 127.0.0.1:$((port + 1)); keepalive 256; keepalive_requests 1000000; }
    server {
        listen 127.0.0.1:$((port + 3));
        location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }
    }
}
CONF
nginx -c "$dir/nginx.conf"

"$sunmao" init --data "$dir/data" --regions demo/regions.tsv >/dev/null
"$sunmao" model add "http://127.0.0.1:$((port + 1))" --name ok --data "$dir/data" --slots 2000 >/dev/null
"$sunmao" model add "http://127.0.0.1:$((port + 2))" --name slow --remote-name ok --data "$dir/data" --slots 2000 >/dev/null
"$sunmao" department add bench --data "$dir/data" >/dev/null
key=$("$sunmao" key add bench --department bench --class citizen --models ok,slow --data "$dir/data" |
    grep -o 'sk-[A-Za-z0-9_-]\{43\}')
"$sunmao" serve --data "$dir/data" --listen "127.0.0.1:$port" --set limits.rate=no 2>"$dir/log" &
server=$!
n=0
until "$load" load "$port" "$key" ok 100 0.2 whole 4 2>/dev/null | grep -q 'failed=0$'; do
    sleep 0.1
    n=$((n + 1))
    [ $n -lt 100 ] || { cat "$dir/log" >&2; exit 1; }
done

for how in whole "$chunks"; do
    for i in $(seq "$rounds"); do
        direct=$("$load" load $((port + 1)) "$key" ok "$rate" "$seconds" "$how")
        nginx=$("$load" load $((port + 3)) "$key" ok "$rate" "$seconds" "$how")
        ours=$("$load" load "$port" "$key" ok "$rate" "$seconds" "$how")
        python3 - "$how" "$rate" "$direct" "$nginx" "$ours" <<'PY'
import sys
how, rate = sys.argv[1:3]
direct, nginx, ours = (dict(x.split("=") for x in s.split()) for s in sys.argv[3:])
def added(one, key):
    return int(one[key]) - int(direct[key])
what = "a whole answer" if how == "whole" else f"a stream of {how} events"
print(f"| the gateway adds to {what} at {ours['rate']}/s ({rate} asked for) | median {added(ours, 'p50_us')} µs, "
      f"99th percentile {added(ours, 'p99_us')} µs, failed {ours['failed']}; nginx {added(nginx, 'p50_us')} and "
      f"{added(nginx, 'p99_us')} µs at {nginx['rate']}/s (directly: {direct['p50_us']}, {direct['p99_us']}) | "
      "`tools/bench-gateway.sh` |", flush=True)
PY
    done
done
"$load" streams "$port" "$key" slow 1000 8 "$server" | sed 's/^/| memory of 1,000 streams | /; s/$/ | `tools\/bench-gateway.sh` |/'
