"""A real llama-server, built from the engine's own source (tools/engine.sh server), for tests that need one.

A test that finds none ends with 77: skipped.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/engine.sh")


def program():
    """Its path; the test is skipped where it is not built."""
    found = subprocess.run([TOOL, "peer"], capture_output=True, text=True)
    if found.returncode:
        print("no llama-server: tools/engine.sh server builds it")
        sys.exit(77)
    return found.stdout.strip()


class LlamaServer:
    def __init__(self, path, model, ctx=2048):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        self.p = subprocess.Popen([path, "-m", model, "--host", "127.0.0.1", "--port", str(self.port), "-c",
                                   str(ctx), "-np", "1", "-t", "1", "--no-webui", "--metrics"], stdout=self.log, stderr=self.log)
        for _ in range(1200):
            if self.p.poll() is not None:
                self.log.seek(0)
                raise AssertionError(self.log.read().decode(errors="replace")[-3000:])
            try:
                if self.call("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("llama-server is not ready")

    def call(self, method, path, body=None):
        r = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                   data=None if body is None else json.dumps(body).encode(),
                                   headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(r, timeout=300) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read())

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def stop(self):
        self.p.terminate()
        self.p.wait(30)
        self.log.close()
