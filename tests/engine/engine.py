"""Running sunmao-engine on small models of random weights: for the tests of this folder."""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time

BIN = os.environ["SUNMAO_ENGINE"]
TINY = os.environ["SUNMAO_MAKE_TINY"]
VOCABS = os.environ["SUNMAO_VOCABS"]


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout=120):
        super().__init__("engine", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self.path)
        except OSError:
            self.close()
            raise


class Engine:
    """with Engine(folder, "qwen2", "--ctx", "512") as e: e.chat(...)"""

    def __init__(self, folder, model, *arguments, wait=True):
        self.socket = os.path.join(folder, f"e{time.monotonic_ns()}.sock")
        self.log = tempfile.TemporaryFile()
        self.p = subprocess.Popen([BIN, "--model", model, "--socket", self.socket, "--alias", "m",
                                   "--threads", "1", *arguments], stderr=self.log)
        if wait:
            self.wait()

    def wait(self):
        for _ in range(1200):
            if self.p.poll() is not None:
                raise AssertionError(f"engine ended: {self.p.returncode}\n{self.lines()}")
            try:
                if self.get("/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("engine not ready")

    def lines(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(30)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
                raise AssertionError("engine did not end on SIGTERM")
        self.log.close()

    def call(self, method, path, body=None, raw=False):
        c = Connection(self.socket)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        try:
            c.request(method, path, body=body.encode() if isinstance(body, str) else body)
            r = c.getresponse()
            data = r.read()
        finally:
            c.close()
        return r.status, data if raw else json.loads(data)

    def get(self, path, raw=False):
        return self.call("GET", path, raw=raw)

    def post(self, path, **body):
        return self.call("POST", path, body)

    def complete(self, prompt, **more):
        status, v = self.post("/v1/completions", prompt=prompt, **{"temperature": 0, **more})
        assert status == 200, v
        return v

    def text(self, prompt, **more):
        return self.complete(prompt, **more)["choices"][0]["text"]

    def chat(self, content, **more):
        messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
        status, v = self.post("/v1/chat/completions", messages=messages,
                              **{"temperature": 0, **more})
        assert status == 200, v
        return v

    def open_stream(self, path, **body):
        """The connection and the response, its status checked."""
        c = Connection(self.socket)
        c.request("POST", path, body=json.dumps({"stream": True, **body}).encode())
        r = c.getresponse()
        assert r.status == 200, r.read()
        return c, r

    def stream(self, path, **body):
        """All events of a stream; the last is "[DONE]" or an error."""
        c, r = self.open_stream(path, **body)
        events = list(read_events(r))
        c.close()
        return events

    def figures(self):
        text = self.get("/metrics", raw=True)[1].decode()
        return {k[len("sunmao_engine_"):]: float(v)
                for k, v in (l.split() for l in text.splitlines() if not l.startswith("#"))}


def leave(stream):
    """Closes what open_stream gave, whatever is still on its way."""
    c, r = stream
    r.close()
    c.close()


def read_events(r):
    for line in r:
        line = line.decode().rstrip("\r\n")
        if line.startswith("data: "):
            data = line[len("data: "):]
            yield data if data == "[DONE]" else json.loads(data)


def make(folder, kind, vocab, name=None, *more):
    path = os.path.join(folder, (name or kind) + ".gguf")
    subprocess.run([TINY, "--kind", kind, "--vocab", os.path.join(VOCABS, f"ggml-vocab-{vocab}.gguf"),
                    "--out", path, *more], check=True)
    return path


def together(*calls):
    """The results of functions called at the same time, in their order."""
    results = [None] * len(calls)
    failures = []

    def run(i):
        try:
            results[i] = calls[i]()
        except BaseException as e:  # noqa: BLE001 - told to the main thread
            failures.append(e)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(calls))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]
    return results


def wait_until(true, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come true")
