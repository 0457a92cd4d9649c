"""What the engine takes against llama-server: the same library, model file, prompts and run.

model.py ENGINE LLAMA_SERVER MODEL.gguf [--rounds N] [--threads N] [--tokens N] [--only PART]

Both servers stay up and are asked in turns, so that whatever else the machine does falls on both;
each figure is the median of the rounds, the ratio that of the rounds' ratios.  The peer is started
with the same context, streams and threads, and its prompt cache on.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

STREAMS = [1, 2, 4, 8]
CONTEXT = 2048
PREFIX_TOKENS = 1000


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("model", timeout=600)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Server:
    def __init__(self, name, command, path):
        self.name, self.path = name, path
        self.log = tempfile.TemporaryFile()
        self.p = subprocess.Popen(command, stdout=self.log, stderr=self.log)

    def wait(self):
        for _ in range(3000):
            if self.p.poll() is not None:
                self.log.seek(0)
                sys.exit(f"{self.name} ended:\n{self.log.read().decode(errors='replace')[-2000:]}")
            try:
                if self.call("GET", "/health")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        sys.exit(f"{self.name} is not ready")

    def call(self, method, path, **body):
        c = Connection(self.path)
        c.request(method, path, json.dumps(body) if body else None,
                  {"Content-Type": "application/json"})
        r = c.getresponse()
        data = r.read()
        c.close()
        return r.status, data

    def processor_s(self):
        with open(f"/proc/{self.p.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def write(self, prompt, n, **more):
        """One stream: seconds to its first token and to its end, and tokens."""
        c = Connection(self.path)
        began = time.monotonic()
        body = {"prompt": prompt, "max_tokens": n, "temperature": 0, "stream": True,
                "stream_options": {"include_usage": True}, **more}
        c.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        r = c.getresponse()
        first, usage, text = None, None, []
        for line in r:
            if not line.startswith(b"data: ") or line.startswith(b"data: [DONE]"):
                continue
            v = json.loads(line[6:])
            if v.get("choices"):
                first = first or time.monotonic() - began
                text.append(v["choices"][0].get("text") or "")
            usage = v.get("usage") or usage
        took = time.monotonic() - began
        c.close()
        if not usage:
            sys.exit(f"{self.name}: no usage in its stream (status {r.status})")
        return first, took, usage["completion_tokens"], "".join(text)

    def stop(self):
        self.p.terminate()
        try:
            self.p.wait(20)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()


class Words:
    """Prompts that no two requests share, the same in every run."""

    def __init__(self):
        self.n = 0

    def text(self, n):
        words = []
        for _ in range(n):
            self.n = (self.n * 1103515245 + 12345) % (1 << 31)
            words.append(f"w{self.n >> 16}")
        return " ".join(words)


def throughput(server, prompts, n):
    """Tokens written per second by all streams together, from the first request to the last end;
    and per second of the processor, which what else runs on the machine disturbs less."""
    got = [0] * len(prompts)
    spent = server.processor_s()

    def run(i):
        got[i] = server.write(prompts[i], n, draft=False)[2]
    # without guesses: greedy text of random weights runs in circles, which would flatter the engine
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(prompts))]
    began = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took, spent = time.monotonic() - began, server.processor_s() - spent
    return sum(got) / took, sum(got) / max(spent, 0.01)


def show(what, unit, ours, theirs):
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"{what:44} {statistics.median(ours):9.2f} {statistics.median(theirs):9.2f} {unit:8} "
          f"ratio {ratio:.3f}  (rounds {' '.join(f'{a / b:.2f}' for a, b in zip(ours, theirs))})",
          flush=True)


def measure_throughput(a, b, rounds, n, numbers):
    words = Words()
    for streams in numbers:
        ours, theirs = [], []
        for r in range(rounds + 1):
            prompts = [words.text(4) for _ in range(streams)]
            pair = [(a, ours), (b, theirs)]
            for server, to in pair if r % 2 else pair[::-1]:
                to.append(throughput(server, prompts, n))
        for i, unit in enumerate(("/s", "/cpu s")):  # the first round warms up
            show(f"{streams} streams: tokens written", unit, [o[i] for o in ours[1:]],
                 [t[i] for t in theirs[1:]])


def count_tokens(server, text):
    return len(json.loads(server.call("POST", "/tokenize", content=text)[1])["tokens"])


def measure_prefix(a, b, rounds):
    words = Words()
    words.n = 77
    prefix = ""
    while count_tokens(a, prefix) < PREFIX_TOKENS:
        prefix += words.text(8) + " "
    for server in (a, b):
        server.write(prefix + words.text(4), 1)
    ours, theirs = [], []
    for r in range(rounds * 2):
        prompt = prefix + words.text(8)
        pair = [(a, ours), (b, theirs)]
        for server, to in pair if r % 2 else pair[::-1]:
            to.append(server.write(prompt, 2)[0] * 1000)
    show(f"first token, {count_tokens(a, prefix)} tokens shared", "ms", ours, theirs)


def gbnf(text):
    return 'root ::= "' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def measure_draft(a, rounds):
    """The answer is forced to copy a passage of its prompt: with guesses and without."""
    words = Words()
    words.n = 4711
    with_it, without = [], []
    for r in range(rounds):
        evidence = words.text(60)
        prompt = words.text(20) + " " + evidence + " " + words.text(5) + " "
        pair = [(True, with_it), (False, without)]
        texts = []
        for draft, to in pair if r % 2 else pair[::-1]:
            first, took, n, text = a.write(prompt, 1000, draft=draft, grammar=gbnf(evidence))
            to.append(n / (took - first))
            texts.append(text)
        if texts[0] != texts[1] or texts[0] != evidence:
            sys.exit("the copy is not what the grammar forces")
    show("copying its prompt: with guesses, without", "/s", with_it, without)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("engine")
    p.add_argument("peer")
    p.add_argument("model")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--tokens", type=int, default=48, help="that each stream writes")
    p.add_argument("--streams", type=int, nargs="+", default=STREAMS)
    p.add_argument("--gpu-layers", type=int, default=0)
    p.add_argument("--only", choices=["throughput", "prefix", "draft"])
    o = p.parse_args()
    n = max(STREAMS)
    with tempfile.TemporaryDirectory() as d:
        paths = [os.path.join(d, x) for x in ("a.sock", "b.sock")]
        a = Server("sunmao-engine", [
            o.engine, "--model", o.model, "--socket", paths[0], "--ctx", str(CONTEXT), "--parallel",
            str(n), "--threads", str(o.threads), "--gpu-layers", str(o.gpu_layers)], paths[0])
        b = Server("llama-server", [
            o.peer, "-m", o.model, "--host", paths[1], "-c", str(CONTEXT * n), "-np", str(n), "-t",
            str(o.threads), "-ngl", str(o.gpu_layers)], paths[1])
        try:
            a.wait(), b.wait()
            print(f"{'':44} {'engine':>9} {'peer':>9}")
            if o.only in (None, "throughput"):
                measure_throughput(a, b, o.rounds, o.tokens, o.streams)
            if o.only in (None, "prefix"):
                measure_prefix(a, b, o.rounds)
            if o.only in (None, "draft"):
                measure_draft(a, o.rounds)
        finally:
            a.stop(), b.stop()


if __name__ == "__main__":
    main()
