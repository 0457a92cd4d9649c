#!/usr/bin/env python3
"""Is compute shared fairly, for real?  A gateway and a tiny engine of its own; ten departments of unequal weights flood
while citizens ask at a steady rate.

    run.py --sunmao BIN --engine BIN --model FILE.gguf [--seconds 60] [--rate 2] [--slots 8] [--outstanding 6]
    run.py --sunmao BIN --pretend                         instead of the engine a back end that only takes its time

1. Citizens alone: their time to first token on an idle system.
2. The flood, with citizens: Jain's index of service by weight; citizens' time to first token; no department starves.
3. The flood, with one more department that has used up its budget and knocks every other five seconds: it is refused at
   once, and the others have as much while it knocks as while it does not.

Prints one JSON object on standard output, what it does on standard error; exits with 1 when a target is missed.
"""
import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "server"))
import models  # noqa: E402  the registry as the tests fill it

WEIGHTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)
WORDS = "户口 社保 居住证 公积金 营业执照 补贴 材料 窗口 期限 申请 办理 登记 审核 证明 缴费 地址".split()
SETTLE_S = 5  # of a flood, before it is measured
SLICE_S = 5


def say(text):
    print(text, file=sys.stderr, flush=True)


def quantile(values, q):
    return sorted(values)[min(int(q * len(values)), len(values) - 1)] if values else float("nan")


def jain(values):
    return sum(values) ** 2 / (len(values) * sum(v * v for v in values)) if any(values) else 0.0


# ------------------------------------------------------------------------------------------------------- the client


class Reply:
    """What came of one call: status, tokens used, seconds to the first token and to the end."""

    def __init__(self):
        self.status, self.tokens, self.first, self.seconds, self.retry_after = 0, 0, None, 0.0, 0.0


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    return int(head[0].split()[1]), fields


async def read_stream(reader, reply, began):
    """Notes when the first token came; the usage is in the last event."""
    async for line in reader:
        if not line.startswith(b"data: {"):
            if line.startswith(b"data: [DONE]"):
                return
            continue
        event = json.loads(line[6:])
        if event.get("usage"):
            reply.tokens = event["usage"]["total_tokens"]
        if reply.first is None and any(c.get("delta", {}).get("content") for c in event.get("choices", ())):
            reply.first = time.monotonic() - began


async def ask(port, key, words, max_tokens, rng, stream=False):
    """One chat call on a connection of its own, as ten applications of ten vendors would make it."""
    body = {"model": "chat-default", "max_tokens": max_tokens, "temperature": 0, "stream": stream,
            "messages": [{"role": "user", "content": "，".join(rng.choice(WORDS) for _ in range(words))}]}
    if stream:
        body["stream_options"] = {"include_usage": True}
    data = json.dumps(body, ensure_ascii=False).encode()
    reply, began = Reply(), time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        reply.status, fields = await read_head(reader)
        reply.retry_after = float(fields.get("retry-after", 0))
        if reply.status == 200 and stream:
            await read_stream(reader, reply, began)
        elif reply.status == 200:
            text = await reader.read()
            if "chunked" in fields.get("transfer-encoding", ""):
                text = b"".join(re.findall(rb"\r\n(\{.*?\})\r\n", b"\r\n" + text, re.S)) or text
            reply.tokens = json.loads(text)["usage"]["total_tokens"]
        else:
            await reader.read()
    finally:
        writer.close()
    reply.seconds = time.monotonic() - began
    return reply


class Department:
    stall, anyone = 0.0, 0.0  # the longest that no department had an answer: the machine's doing; the last answer

    def __init__(self, name, weight, key):
        self.name, self.weight, self.key = name, weight, key
        self.forget()

    def forget(self):
        self.tokens, self.replies, self.longest, self.last = 0, {}, 0.0, time.monotonic()
        Department.stall, Department.anyone = 0.0, self.last

    def note(self, reply):
        self.replies[reply.status] = self.replies.get(reply.status, 0) + 1
        self.tokens += reply.tokens
        if reply.status == 200:
            now = time.monotonic()
            self.longest = max(self.longest, now - self.last)
            Department.stall = max(Department.stall, now - max(Department.anyone, self.last))
            self.last = Department.anyone = now


async def flood(port, department, end, rng, refusals):
    """Asks again as soon as there is an answer; comes back soon after a refusal, whatever it is told."""
    while time.monotonic() < end:
        reply = await ask(port, department.key, rng.randint(5, 60), rng.randint(8, 48), rng)
        if time.monotonic() < end:
            department.note(reply)
        if reply.status != 200:
            refusals.append(reply.seconds)
            await asyncio.sleep(0.2)


async def citizens(o, port, key, end, rng, replies):
    """At a steady rate, at moments that do not know of each other; they do not wait for each other."""
    async def one():
        replies.append(await ask(port, key, o.citizen_words, 24, rng, stream=True))
    tasks = []
    while time.monotonic() < end:
        await asyncio.sleep(rng.expovariate(o.rate))
        tasks.append(asyncio.create_task(one()))
    await asyncio.gather(*tasks)


def begin_floods(o, port, departments, end, seed, refusals):
    return [asyncio.create_task(flood(port, d, end, random.Random(seed + i), refusals))
            for d in departments for i in range(o.outstanding)]


async def run_phase(o, port, departments, citizen_key, seconds, seed):
    """Citizens and, when there are any, floods; what both had after SETTLE_S."""
    end, replies = time.monotonic() + seconds + SETTLE_S, []
    tasks = begin_floods(o, port, departments, end, seed, [])
    await asyncio.sleep(SETTLE_S)
    for d in departments:
        d.forget()
    await citizens(o, port, citizen_key, end, random.Random(seed), replies)
    await asyncio.gather(*tasks)
    return replies


async def spend(port, department):
    """Until its budget is used up."""
    rng = random.Random(7)
    for _ in range(1000):
        reply = await ask(port, department.key, 30, 30, rng)
        department.note(reply)
        if reply.status == 429:
            return
    raise SystemExit("a budget of tokens that is never used up")


async def knock(o, port, floods, broke, seconds, seed):
    """The floods' tokens in slices without and with the knocking, and how long its refusals took."""
    end, refusals, tokens = time.monotonic() + seconds + SETTLE_S, [], [0, 0]
    tasks = begin_floods(o, port, floods, end, seed, [])
    await asyncio.sleep(SETTLE_S)
    for i in range(int(seconds / SLICE_S / 2) * 2):
        before, stop = sum(d.tokens for d in floods), time.monotonic() + SLICE_S
        knocking = begin_floods(o, port, [broke], stop, seed, refusals) if i % 2 else []
        await asyncio.sleep(SLICE_S)
        await asyncio.gather(*knocking)
        tokens[i % 2] += sum(d.tokens for d in floods) - before
    await asyncio.gather(*tasks)
    return tokens, refusals


# ------------------------------------------------------------------------------------------------------ the gateway


class Gateway:
    """`sunmao serve` over a registry of one model, its departments and their keys."""

    def __init__(self, o):
        self.o, self.folder = o, tempfile.mkdtemp(prefix="sunmao-fairness-")
        self.data, self.process, self.pretend = self.folder + "/data", None, None
        subprocess.run([o.sunmao, "init", "--data", self.data], check=True, stdout=subprocess.DEVNULL)
        self.registry = models.Registry(self)

    def department(self, name, weight, highest, day=0):
        number = self.registry.department(name, weight=weight, day=day)
        return Department(name, weight, self.registry.key(number, name, highest)[0])

    def fill(self):
        o, r = self.o, self.registry
        if o.pretend:
            self.pretend = subprocess.Popen([sys.executable, os.path.join(HERE, "pretend.py")], stdout=subprocess.PIPE,
                                            text=True)
            url = "http://127.0.0.1:" + self.pretend.stdout.readline().strip()
            tiny = r.model("tiny", url, can="chat,completions", context=2048, slots=o.slots)
        else:
            engine = {"parallel": o.slots, "ctx": 2048, "threads": o.threads}
            tiny = r.model("tiny", os.path.abspath(o.model), kind="file", can="chat,completions", context=2048,
                           slots=o.slots, engine=json.dumps(engine))
        r.alias("chat-default", (tiny, 1, 0))
        return ([self.department(f"部门{i + 1}", w, o.flood_class) for i, w in enumerate(WEIGHTS)],
                self.department("超支", 10, o.flood_class, day=2000), self.department("群众", 10, "citizen"))

    def start(self):
        settings = "limits.rate=no" + (f",models.engine={os.path.abspath(self.o.engine)}" if self.o.engine else "")
        self.log = open(self.folder + "/log", "w", encoding="utf-8")
        self.process = subprocess.Popen([self.o.sunmao, "serve", "--data", self.data, "--listen", "127.0.0.1:0",
                                         "--set", settings], stderr=self.log, stdout=subprocess.DEVNULL)
        for _ in range(600):
            with open(self.folder + "/log", encoding="utf-8") as f:
                found = re.search(r"http://127\.0\.0\.1:(\d+)/", f.read())
            if found:
                return int(found[1])
            time.sleep(0.1)
        raise SystemExit("the gateway does not start; see " + self.folder + "/log")

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        if self.pretend:
            self.pretend.kill()
        if not self.o.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


async def wait_until_it_answers(port, key):
    for _ in range(300):
        try:
            if (await ask(port, key, 3, 4, random.Random(0))).status == 200:
                return
        except (OSError, asyncio.IncompleteReadError):
            pass
        await asyncio.sleep(0.2)
    raise SystemExit("the model does not answer")


# ------------------------------------------------------------------------------------------------------ the figures


def first_tokens(replies):
    return [r.first for r in replies if r.first is not None]


def target(found, name, value, met):
    found[name] = round(value, 4)
    if not met:
        found.setdefault("missed", []).append(name)
    say(f"  {name:58} {value:10.3f}  {'ok' if met else 'MISSED'}")


async def measure(o, port, floods, broke, people):
    found = {"engine": "pretended" if o.pretend else "real", "seconds": o.seconds, "rate": o.rate, "citizen_words": o.citizen_words, "slots": o.slots, "threads": o.threads, "outstanding": o.outstanding,
             "flood_class": o.flood_class}
    await wait_until_it_answers(port, people.key)
    say("citizens alone")
    idle = await run_phase(o, port, [], people.key, o.seconds, 1)
    say("the flood")
    loaded = await run_phase(o, port, floods, people.key, o.seconds, 2)
    service = [d.tokens / d.weight for d in floods]
    tokens = sum(d.tokens for d in floods)
    found["departments"] = [{"weight": d.weight, "tokens": d.tokens, "replies": d.replies,
                             "longest_pause_s": round(d.longest, 2)} for d in floods]
    calls = sum(d.replies.get(200, 0) for d in floods)
    found["longest_stall_of_all_s"] = round(Department.stall, 2)
    # by the time that its share lets expect from answer to answer
    pause = max((d.longest - Department.stall) * calls / o.seconds * d.weight / sum(WEIGHTS) for d in floods)
    say("the flood, with one over its budget knocking")
    await spend(port, broke)
    (without, beside), refusals = await knock(o, port, floods, broke, o.seconds, 3)
    for name, replies in (("idle", idle), ("flooded", loaded)):
        t = first_tokens(replies)
        found[name] = {"citizens": len(replies), "answered": len(t), "first_token_ms":
                       {str(q): round(1000 * quantile(t, q), 1) for q in (.5, .9, .99, 1)}}
        say(f"  citizens {name}: {found[name]}")
    ratio = quantile(first_tokens(loaded), .99) / quantile(first_tokens(idle), .99)
    target(found, "jain", jain(service), jain(service) >= .95)
    target(found, "citizens_p99_flooded_to_idle", ratio, ratio <= 2)
    target(found, "citizens_answered", found["flooded"]["answered"] / max(len(loaded), 1),
           found["flooded"]["answered"] == len(loaded))
    target(found, "least_service_of_share", min(service) * len(service) / sum(service), min(service) > 0)
    target(found, "longest_pause_to_expected", pause, pause <= 6)
    target(found, "tokens_per_second", tokens / o.seconds, tokens > 0)
    target(found, "over_budget_refused", broke.replies.get(429, 0), broke.replies.get(429, 0) > 0)
    target(found, "over_budget_tokens", broke.tokens, broke.tokens <= 2000 + 300)  # one call more than estimated
    target(found, "refusal_ms_p99", 1000 * quantile(refusals, .99), quantile(refusals, .99) < .5)
    target(found, "others_service_beside_it", beside / max(without, 1), beside >= .95 * without)
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--sunmao", required=True)
    p.add_argument("--engine")
    p.add_argument("--model")
    p.add_argument("--pretend", action="store_true")
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--rate", type=float, default=2, help="citizens per second")
    p.add_argument("--citizen-words", type=int, default=300, help="of a question with its evidence; a word is 3 tokens")
    p.add_argument("--slots", type=int, default=8)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--outstanding", type=int, default=6, help="calls each department has on their way")
    p.add_argument("--flood-class", default="staff", choices=("staff", "batch"))
    p.add_argument("--keep", action="store_true", help="keep the data directory and the log")
    o = p.parse_args()
    if o.seconds < 30:
        p.error("--seconds: 30 at least, or too few calls are seen to judge by")
    if not o.pretend and not (o.engine and o.model):
        p.error("--engine and --model, or --pretend")
    g = Gateway(o)
    try:
        floods, broke, people = g.fill()
        found = asyncio.run(measure(o, g.start(), floods, broke, people))
    finally:
        g.stop()
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 1 if found.get("missed") else 0


if __name__ == "__main__":
    sys.exit(main())
