#!/usr/bin/env python3
"""What holding a model to evidence costs: processor time of a token with the mask and without, on one thread.

    ground.py ENGINE MODEL [--rounds 5] [--tokens 40] [--pairs eval/ground/dev-a.jsonl]

Processor time, not the clock: other programs on the machine disturb it less.  Rounds alternate; the medians are told.
`drawn` makes figures and signs likelier than all else, as no model does: most of what it draws is refused.
"""
import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import tempfile
import time

SENSITIVE = "0123456789一二三四五六七八九十百千万第条年月日元角个局《「[<%"


class Engine:
    def __init__(self, program, model, folder):
        self.socket = os.path.join(folder, "e.sock")
        self.p = subprocess.Popen([program, "--model", model, "--socket", self.socket, "--threads", "1", "--parallel", "1",
                                   "--ctx", "4096", "--no-draft"], stderr=subprocess.DEVNULL)
        for _ in range(6000):
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit("the engine is not ready")

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("engine", timeout=3600)
        c.sock = socket.socket(socket.AF_UNIX)
        c.sock.connect(self.socket)
        c.request(method, path, body=None if body is None else json.dumps(body))
        r = c.getresponse()
        answer = r.status, json.loads(r.read())
        c.close()
        return answer

    def processor_s(self):
        with open(f"/proc/{self.p.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ms_a_token(self, prompt, tokens, **more):
        """Of what is written after the first token: the prompt is read before it."""
        spent = []
        for n in (1, tokens + 1):
            before = self.processor_s()
            status, v = self.ask("POST", "/v1/completions", {"prompt": prompt, "max_tokens": n, "temperature": 1, **more})
            assert status == 200, v
            spent.append((self.processor_s() - before, v["usage"]["completion_tokens"]))
        (first, one), (all_, n) = spent
        return (all_ - first) * 1000 / max(1, n - one), n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("engine")
    p.add_argument("model")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--tokens", type=int, default=40)
    p.add_argument("--pairs", default="eval/ground/dev-a.jsonl")
    o = p.parse_args()
    with open(o.pairs, encoding="utf-8") as f:
        evidence = max((json.loads(line)["evidence"] for line in f), key=lambda e: sum(len(s["text"]) for s in e))
    n_bytes = sum(len(s["text"].encode()) for s in evidence)
    with tempfile.TemporaryDirectory() as folder:
        e = Engine(o.engine, o.model, folder)
        try:
            bias = {str(t): 8 for c in SENSITIVE for t in e.ask("POST", "/tokenize", {"content": c})[1]["tokens"]}
            print(f"{len(evidence)} passages of {n_bytes} bytes, {o.rounds} rounds of {o.tokens} tokens, "
                  f"{os.path.basename(o.model)}")
            for name, more in (("as it is", {}), ("drawn", {"logit_bias": bias})):
                took = {False: [], True: []}
                for seed in range(o.rounds):
                    for held in (False, True):
                        ground = {"sunmao_ground": {"evidence": evidence}} if held else {}
                        ms, n = e.ms_a_token("居住证多久办好？", o.tokens, seed=seed + 1, **more, **ground)
                        if n > o.tokens / 2:  # it may end early
                            took[held].append(ms)
                free, held = (statistics.median(took[k]) for k in (False, True))
                print(f"{name}: {free:.1f} ms a token without, {held:.1f} ms with the mask: {(held / free - 1) * 100:+.1f} %")
        finally:
            e.p.terminate()
            e.p.wait()


if __name__ == "__main__":
    main()
