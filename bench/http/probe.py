"""What wrk does not measure: probe.py first|streams PORT PID."""
import json
import os
import socket
import sys
import time

what, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def private_kib():
    """Memory that is this process's alone: mapped files are the page cache's."""
    for line in open(f"/proc/{pid}/smaps_rollup"):
        if line.startswith("Anonymous:"):
            return int(line.split()[1])


def row(figure, measured):
    print(f"| {figure} | {measured} | `tools/bench-http.sh` |", flush=True)


def post(path, body):
    data = json.dumps(body).encode()
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
    out = b""
    while part := s.recv(65536):
        out += part
    return json.loads(out.split(b"\r\n\r\n", 1)[1])


if what == "first":
    # The process's start, as the kernel has it, to the first answer.
    ticks = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[19])
    while True:
        try:
            post("/v1/ask", {"text": "身份证丢了怎么补", "test": True})
            break
        except OSError:
            time.sleep(0.002)
    uptime = float(open("/proc/uptime").read().split()[0])
    row("`serve`, start to first answer", f"{uptime - ticks / os.sysconf('SC_CLK_TCK'):.2f} s")
    time.sleep(1)
    row("`serve` idle with the demo city", f"{private_kib() / 1024:.1f} MiB private")
else:
    n = 1000
    time.sleep(2)
    session = [post("/v1/ask", {"text": "你好", "test": True})["session"] for _ in range(250)]
    before = private_kib()
    streams = []
    for i in range(n):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(f"GET /v1/conversations/{session[i // 4]}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        streams.append(s)
    for s in streams:
        seen = b""
        while b"event: state" not in seen:
            part = s.recv(4096)
            assert part, seen
            seen += part
    time.sleep(1)
    row(f"{n} idle event streams", f"{(private_kib() - before) / 1024:.1f} MiB private")
