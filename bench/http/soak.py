"""Mixed load for MINUTES: wrk asks, conversations go from question to person and back, and the
memory is watched.  At the end every acknowledged record must be in the ledger.

    python3 bench/http/soak.py SUNMAO DATA MINUTES
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sunmao, source, minutes = sys.argv[1], sys.argv[2], float(sys.argv[3])
port = int(os.environ.get("PORT", "18781"))
os.environ.setdefault("SUNMAO_TODAY", "2026-11-23")
base = f"http://127.0.0.1:{port}"
folder = tempfile.mkdtemp()
data = os.path.join(folder, "data")
shutil.copytree(source, data)
questions = [json.loads(line)["text"] for line in open("demo/queries-train.jsonl", encoding="utf-8")]
errors, acknowledged = [], 0
lock = threading.Lock()
stop = threading.Event()


def call(method, path, body=None, cookie=None, csrf=None, ok=(200,)):
    headers = {"Content-Type": "application/json"}
    if cookie:
        headers["Cookie"] = cookie
    if csrf:
        headers["X-CSRF-Token"] = csrf
    request = urllib.request.Request(base + path, method=method, headers=headers,
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as r:
            return json.loads(r.read()), r.headers
    except urllib.error.HTTPError as e:
        if e.code not in ok:
            raise RuntimeError(f"{method} {path}: {e.code} {e.read()[:200]!r}") from e
        return None, e.headers


def account(name, role):
    subprocess.run([sunmao, "user", "add", name, "--data", data, "--role", role, "--password-stdin"],
                   input=b"Soak-Test-2026", check=True, stdout=subprocess.DEVNULL)


def log_in(name):
    reply, headers = call("POST", "/v1/login", {"name": name, "password": "Soak-Test-2026"})
    return headers["Set-Cookie"].split(";")[0], reply["csrf"]


def ask(text, session=None):
    global acknowledged
    reply, _ = call("POST", "/v1/ask", {"text": text, **({"session": session} if session else {})})
    with lock:
        acknowledged += 1 if reply["record"] else 0
    return reply


def one_conversation(rng, desk):
    session = ask(rng.choice(questions))["session"]
    for _ in range(rng.randrange(3)):
        ask(rng.choice(["多少钱", "去哪办", "要多久", rng.choice(questions)]), session)
    if rng.random() < 0.3:
        call("POST", f"/v1/conversations/{session}/handover", {"contact": ""})
        queue, _ = call("GET", "/v1/desk?state=waiting&limit=200", cookie=desk[0])
        for h in queue["handovers"]:
            if h["session_short"] != session[:6]:
                continue
            way = f"/v1/desk/{h['id']}"
            call("POST", way + "/take", {}, *desk, ok=(200, 409))
            ask("还在吗", session)
            call("POST", way + "/answer", {"text": "您好，请带身份证来窗口。"}, *desk, ok=(200, 409))
            talk, _ = call("GET", f"/v1/conversations/{session}")
            if not any(m["sender"] == "staff" for m in talk["messages"]):
                raise RuntimeError("the answer is not in the conversation")
            call("POST", way + "/close", {"outcome": "answered"}, *desk, ok=(200, 409))
    if rng.random() < 0.1:
        call("DELETE", f"/v1/conversations/{session}")


def talk(seed):
    rng = random.Random(seed)
    desk = log_in("desk%d" % seed)
    since = time.time()
    while not stop.is_set():
        try:
            if time.time() - since > 1200:
                desk, since = log_in("desk%d" % seed), time.time()
            one_conversation(rng, desk)
        except Exception as e:  # every failure is a finding
            with lock:
                errors.append(repr(e))
        time.sleep(0.05)


def private_mib():
    for line in open(f"/proc/{server.pid}/smaps_rollup"):
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024


for n in range(2):
    account(f"desk{n}", "operator")
before = int(json.loads(subprocess.run([sunmao, "ledger", "verify", "--data", data, "--json"], check=True,
                                       capture_output=True).stdout)["records"])
server = subprocess.Popen([sunmao, "serve", "--data", data, "--listen", f"127.0.0.1:{port}", "--set",
                           "limits.rate=no"], stderr=open(os.path.join(folder, "log"), "w"))
try:
    while True:
        try:
            call("GET", "/v1/health")
            break
        except OSError:
            time.sleep(0.05)
    threads = [threading.Thread(target=talk, args=(n,)) for n in range(2)]
    for t in threads:
        t.start()
    wrk = subprocess.Popen(["wrk", "-t1", "-c8", f"-d{int(minutes * 60)}s", "-s", "bench/http/ask.lua", base, "--",
                            "demo/queries-train.jsonl"], stdout=subprocess.PIPE, text=True)
    started = time.time()
    while wrk.poll() is None:
        time.sleep(min(60, minutes * 60 / 10))
        print(f"{(time.time() - started) / 60:5.1f} min  {private_mib():6.1f} MiB private  "
              f"{acknowledged} by conversations  {len(errors)} errors", flush=True)
    result = wrk.stdout.read()
    stop.set()
    for t in threads:
        t.join()
    print([line for line in result.splitlines() if line.startswith("RESULT")][0])
    asked = int(result.split(" requests in ")[0].split()[-1])
    failed = open(os.path.join(folder, "log")).read().count('"status":5')
finally:
    stop.set()
    server.send_signal(signal.SIGTERM)
    server.wait()
verify = subprocess.run([sunmao, "ledger", "verify", "--data", data, "--json"], capture_output=True, text=True)
print("ledger", verify.stdout.strip() or verify.stderr.strip())
figures = subprocess.run(["python3", "-c", """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("SELECT count(*) FROM ledger WHERE kind = 'ask'").fetchone()[0])
""", os.path.join(data, "record.db")], capture_output=True, text=True)
print(f"asked by wrk {asked}, by conversations {acknowledged}; asks in the ledger {figures.stdout.strip()}, "
      f"records before {before}; failures in the log {failed}")
for e in errors[:10]:
    print(e)
shutil.rmtree(folder)
sys.exit(1 if errors or failed or verify.returncode else 0)
