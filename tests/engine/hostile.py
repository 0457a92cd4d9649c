"""sunmao-engine and files that are no models, kills, and a bad command line."""

import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from engine import BIN, Engine, leave, make, read_events


class HostileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.model = make(cls.folder.name, "qwen2", "qwen2", "model", "--type", "q4_0")
        with open(cls.model, "rb") as f:
            cls.bytes = f.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def load(self, data):
        """The exit status of an engine that gets this file, None when it serves it; its last line."""
        path = os.path.join(self.folder.name, "bad.gguf")
        with open(path, "wb") as f:
            f.write(data)
        e = Engine(self.folder.name, path, "--ctx", "128", "--parallel", "1", wait=False)
        try:
            for _ in range(1200):
                if e.p.poll() is not None:
                    return e.p.returncode, e.lines().splitlines()[-1]
                if '"event":"ready"' in e.lines().replace(" ", ""):
                    return None, ""
                time.sleep(0.05)
            self.fail("neither refused nor served")
        finally:
            e.stop()

    def test_what_is_no_model_is_refused_with_a_reason(self):
        for data in (b"", b"GGUF", b"not a model at all" * 100, self.bytes[:1000],
                     self.bytes[:len(self.bytes) // 2], self.bytes[:-1], bytes(4096)):
            status, line = self.load(data)
            self.assertEqual(status, 7, line)
            v = json.loads(line)
            self.assertEqual((v["level"], v["code"]), ("error", "E_CORRUPT"))
            self.assertTrue(v["message"])

    def test_grammars_that_never_come_to_an_end(self):
        grammars = {"options": "root ::= " + '"a"? ' * 1000,
                    "doubling": "\n".join(["root ::= a0 root"] + [f"a{i} ::= a{i + 1}? a{i + 1}?" for i in range(20)] +
                                          ['a20 ::= "x"']),
                    "alternatives": "root ::= " + " | ".join(f'"{i}" root' for i in range(3000))}
        for name, grammar in grammars.items():
            with self.subTest(name), Engine(self.folder.name, self.model, "--ctx", "256") as e:
                body = {"messages": [{"role": "user", "content": "x"}], "grammar": grammar, "temperature": 0,
                        "max_tokens": 32}
                try:
                    status, answer = e.call("POST", "/v1/chat/completions", body)[:2]
                except OSError:  # it gave itself up, and says why
                    self.assertEqual(e.p.wait(60), 9)
                    self.assertEqual(json.loads(e.lines().splitlines()[-1])["event"], "grammar")
                    continue
                self.assertEqual(status, 400, answer)
                self.assertEqual(e.call("POST", "/v1/chat/completions", {**body, "grammar": None})[0], 200)

    def test_more_at_once_than_a_batch_has_rows(self):
        with Engine(self.folder.name, self.model, "--ctx", "64", "--parallel", "40", "--batch", "32") as e:
            done = []
            body = {"prompt": "一二三四", "max_tokens": 24, "logit_bias": {}}
            threads = [threading.Thread(target=lambda: done.append(e.call("POST", "/v1/completions", body)[0]))
                       for _ in range(40)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(done, [200] * 40)

    def test_what_cannot_fit_is_not_cut_into_tokens(self):
        with Engine(self.folder.name, self.model, "--ctx", "256") as e:
            for text in ("1!" * 3_500_000, " " * 7_000_000, "大" * 2_000_000):
                for path, body in (("chat/completions", {"messages": [{"role": "user", "content": text}]}),
                                   ("completions", {"prompt": text})):
                    data = json.dumps(body, ensure_ascii=False).encode()
                    status, answer = e.call("POST", "/v1/" + path, data)[:2]
                    self.assertEqual(status, 400, answer)
                    self.assertIn("context_length_exceeded", str(answer))

    def test_a_damaged_head_is_refused_or_served_but_never_hangs(self):
        rng = random.Random(7)
        for _ in range(6):
            data = bytearray(self.bytes)
            for _ in range(rng.choice((1, 3, 20))):
                data[rng.randrange(24, 3000)] = rng.randrange(256)
            status, line = self.load(bytes(data))
            self.assertIn(status, (None, 7), line)

    def test_a_missing_file_and_a_bad_command_line(self):
        run = lambda *a: subprocess.run([BIN, *a], capture_output=True, timeout=60).returncode  # noqa: E731
        socket = os.path.join(self.folder.name, "x.sock")
        self.assertEqual(run("--model", "/nonexistent.gguf", "--socket", socket), 7)
        for a in ((), ("--model", self.model), ("--socket", socket),
                  ("--model", self.model, "--socket", socket, "--listen", "127.0.0.1:0"),
                  ("--model", self.model, "--socket", socket, "--parallel", "0"),
                  ("--model", self.model, "--socket", socket, "--ctx", "many"),
                  ("--model", self.model, "--socket", socket, "--lora", "x"),
                  ("--model", self.model, "--socket", socket, "more"), ("--what",)):
            self.assertEqual(run(*a), 2, a)
        self.assertEqual(run("--help"), 0)
        self.assertEqual(run("--model", self.model, "--socket", socket, "--lora",
                             f"x={self.model}"), 7)

    def test_killed_it_leaves_nothing_that_is_in_the_way(self):
        e = Engine(self.folder.name, self.model, "--ctx", "256")
        e.p.send_signal(signal.SIGKILL)
        e.p.wait()
        self.assertTrue(os.path.exists(e.socket))
        again = subprocess.Popen([BIN, "--model", self.model, "--socket", e.socket, "--ctx", "256"],
                                 stderr=subprocess.DEVNULL)
        e.p = again
        e.wait()
        self.assertEqual(e.complete("申请", max_tokens=2)["usage"]["completion_tokens"], 2)
        e.stop()

    def test_told_to_end_it_ends_what_is_under_way_with_an_error(self):
        e = Engine(self.folder.name, self.model, "--ctx", "8192", "--parallel", "1")
        running = e.open_stream("/v1/completions", prompt="一", max_tokens=8000)
        next(read_events(running[1]))
        waiting = e.open_stream("/v1/completions", prompt="二", max_tokens=8000)
        e.p.send_signal(signal.SIGTERM)
        for stream in (running, waiting):
            self.assertIn("error", list(read_events(stream[1]))[-1])
            leave(stream)
        self.assertEqual(e.p.wait(30), 0)
        e.stop()
        self.assertFalse(os.path.exists(e.socket))

    def test_a_long_prompt_whose_reader_leaves_is_not_computed_to_its_end(self):
        with Engine(self.folder.name, self.model, "--ctx", "8192", "--parallel", "1", "--batch",
                    "8192") as e:
            leave(e.open_stream("/v1/completions", prompt="办理" * 4000, max_tokens=1))
            self.assertEqual(e.complete("申请", max_tokens=2)["usage"]["completion_tokens"], 2)
            self.assertEqual(e.figures()["requests_gone_total"], 1)


if __name__ == "__main__":
    unittest.main()
