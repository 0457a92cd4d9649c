#!/usr/bin/env python3
"""Back ends that fail in every way: each call ends, with an answer from elsewhere or with a typed error, and the
server serves on.  The last class does it with the real engine, where it was built: SUNMAO_ENGINE, SUNMAO_TINY (the
tool that makes a model) and SUNMAO_VOCAB (its tokenizer)."""
import json
import os
import resource
import signal
import socket
import subprocess
import threading
import time
import unittest

import models
import server
from model import ModelServer
from models import Application, Backend, Registry
from server import eventually


def is_sanitized():
    with open(server.BIN, "rb") as f:
        return b"__asan_init" in f.read()


def children(parent):
    """The processes that it began, but for the one that makes readers of documents."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                if int(f.read().rpartition(")")[2].split()[1]) != parent:
                    continue
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if b"read-layout" not in f.read():
                    found.append(pid)
        except OSError:
            pass  # it has ended meanwhile
    return found


ENGINE = os.environ.get("SUNMAO_ENGINE", os.path.join(os.path.dirname(server.BIN), "sunmao-engine"))
VOCAB = os.environ.get("SUNMAO_VOCAB", "")
TINY = os.environ.get("SUNMAO_TINY", os.path.join(os.path.dirname(server.BIN), "sunmao-make-tiny"))

# What a back end does, and what its caller is told when there is no other: whole, and as a stream.
FAULTS = {
    "stall": (504, 504), "garbage": (502, 502), "garbage-json": (502, 502), "close": (502, 502), "e500": (502, 502),
    "e503": (502, 502), "e401": (502, 502), "e404": (502, 502), "e429": (429, 429), "huge": (502, 502),
    "headers": (502, 502), "drip": (504, 504), "redirect": (502, 502), "plain": (200, 502),
}
CODES = {502: "upstream_error", 503: "no_backend", 504: "upstream_timeout", 429: "rate_limit_exceeded"}
# What a stream does in its middle.
BREAKS = ("stall-mid", "close-mid", "garbage-mid", "error-mid", "drip-mid", "no-done")


class FaultsTest(server.ServerTest):
    settings = (("models.first_byte_s", "1"), ("models.idle_s", "1"), ("models.answer_s", "2"),
                ("models.answer_mb", "4"))

    def setUp(self):
        super().setUp()
        self.registry = Registry(self.city)
        self.bad, self.good = Backend(), Backend()
        self.addCleanup(self.bad.kill)
        self.addCleanup(self.good.kill)
        if not hasattr(self.city, "key"):
            self.city.key, _ = self.registry.key(self.registry.department("x"))
        self.app = Application(self.server, self.city.key)

    def model(self, name, remote, backend=None, **more):
        """A new model that no call has failed yet."""
        FaultsTest.n = getattr(FaultsTest, "n", 0) + 1
        return self.registry.model(f"{name}-{FaultsTest.n}", (backend or self.bad).url, remote=remote, **more)

    def alias(self, name, *targets):
        self.registry.alias(name, *targets)
        sign = self.model("sign", "ok")  # of the change: once it is seen, so is what came before it
        self.assertTrue(eventually(lambda: sign in [b["id"] for b in self.status()["backends"]]))
        self.assertEqual(self.app.call("GET", "/v1/models/" + name).status, 200)

    def earn(self):
        """Retries are a share of all calls: here most calls fail."""
        if not hasattr(self, "earning"):
            self.earning = "earning"
            self.alias("earning", (self.model("x", "ok", self.good), 1, 0))
        for _ in range(10):
            self.assertEqual(self.app.chat("earning").status, 200)

    def status(self):
        return self.as_("administrator").get("/v1/admin/status").json

    def typed(self, answer, *statuses):
        self.assertIn(answer.status, statuses, answer)
        error = answer.json["error"]
        self.assertEqual(set(error), {"message", "type", "param", "code"})
        self.assertRegex(error["message"], "[\u4e00-\u9fff]")
        self.assertIn(error["code"], (CODES[answer.status], "no_backend"), answer)

    # ----------------------------------------------------------------- alone

    def test_every_fault_is_a_typed_error(self):
        for fault, (whole, streamed) in FAULTS.items():
            for stream, status in ((False, whole), (True, streamed)):
                with self.subTest(fault=fault, stream=stream):
                    self.alias("alone", (self.model(fault, fault), 1, 0))
                    answer = self.app.chat("alone", stream=stream)
                    if status == 200:
                        self.assertEqual(answer.status, 200, answer)
                    else:
                        self.typed(answer, status)
                    if status == 429:
                        self.assertEqual(answer.header("Retry-After"), "2")
        self.assertTrue(eventually(lambda: self.status()["in_flight"] == 0))

    def test_a_stream_that_breaks_says_so(self):
        for fault in BREAKS:
            with self.subTest(fault=fault):
                self.alias("breaks", (self.model(fault, fault), 1, 0))
                stream = self.app.stream("breaks", max_tokens=8)
                events = stream.all()
                self.assertFalse(stream.broken, "the body has an end")
                self.assertNotIn("[DONE]", events)
                error = json.loads(events[-1])["error"]
                self.assertIn(error["code"], ("upstream_error", "upstream_timeout"))
                self.assertRegex(error["message"], "[\u4e00-\u9fff]")
                self.assertIn("字0", events[0])
        self.assertTrue(eventually(lambda: self.status()["in_flight"] == 0))

    # ------------------------------------------------------------- with another

    def test_every_fault_is_made_good_by_another_back_end(self):
        good = self.registry.model("good", self.good.url, remote="ok")
        for fault, statuses in FAULTS.items():
            for stream, status in zip((False, True), statuses):
                with self.subTest(fault=fault, stream=stream):
                    self.earn()
                    self.alias("both", (self.model(fault, fault), 1, 0), (good, 1, 1))
                    before = self.good.stats()["requests"]
                    if stream:
                        events = self.app.stream("both", max_tokens=4).all()
                        self.assertEqual((len(events), events[-1]), (5 if status != 200 else len(events), "[DONE]"))
                    else:
                        self.assertEqual(self.app.chat("both").status, 200)
                    self.assertEqual(self.good.stats()["requests"], before + (status != 200))

    def test_what_was_begun_is_not_begun_again(self):
        good = self.registry.model("good-too", self.good.url, remote="ok")
        self.alias("begun", (self.model("x", "close-mid"), 1, 0), (good, 1, 1))
        events = self.app.stream("begun", max_tokens=8).all()
        self.assertIn("error", json.loads(events[-1]))
        self.assertEqual(self.good.stats()["requests"], 0)

    def test_a_key_of_ours_that_is_refused_is_no_fault_of_the_callers(self):
        self.earn()
        good = self.registry.model("good-key", self.good.url, remote="ok")
        bad = self.model("x", "e401")
        self.alias("key", (bad, 1, 0), (good, 1, 1))
        self.assertEqual(self.app.chat("key").status, 200)
        self.alias("key-alone", (bad, 1, 0))
        self.typed(self.app.chat("key-alone"), 502, 503)

    def test_a_key_of_ours_that_is_put_right_is_read_again(self):
        strict = ModelServer(key="right")
        self.addCleanup(strict.close)
        path = self.city.folder + "/key"
        with open(path, "w") as f:
            f.write("wrong")
        self.alias("strict", (self.model("x", "good", type("", (), {"url": strict.url}), key_from="file:" + path), 1, 0))
        self.typed(self.app.chat("strict"), 502, 503)
        self.assertTrue(eventually(lambda: strict.asked.count(("/v1/models", None, "Bearer wrong")) > 2))
        with open(path, "w") as f:
            f.write("right")
        self.assertTrue(eventually(lambda: self.app.chat("strict").status == 200))

    def test_asked_to_come_back_later_it_is_left_alone(self):
        self.earn()
        good = self.registry.model("good-429", self.good.url, remote="ok")
        self.alias("busy", (self.model("x", "e429"), 1, 0), (good, 1, 1))
        for _ in range(5):
            self.assertEqual(self.app.chat("busy").status, 200)
        self.assertEqual(self.bad.stats()["requests"], 1)
        time.sleep(2.1)
        self.assertEqual(self.app.chat("busy").status, 200)
        self.assertEqual(self.bad.stats()["requests"], 2, "its time has come")

    def test_the_breaker_opens_and_closes(self):
        bad = self.model("x", "close")
        good = self.registry.model("good-breaker", self.good.url, remote="ok")
        self.alias("breaker", (bad, 1, 0), (good, 1, 1))
        entry = lambda: next(b for b in self.status()["backends"] if b["id"] == bad)
        for _ in range(12):
            self.earn()
            self.assertEqual(self.app.chat("breaker").status, 200)
        self.assertLess(self.bad.stats()["requests"], 12, "it is spared")
        self.assertIn(entry()["breaker"], ("open", "half-open"))
        self.registry.write("UPDATE model SET remote_name = 'ok' WHERE id = ?", bad)
        self.assertTrue(eventually(lambda: self.app.chat("breaker").status == 200 and
                                   entry()["breaker"] == "closed"))

    def test_retries_have_a_budget(self):
        bad = [self.model("x", "close-mid") for _ in range(3)]
        self.alias("budget", *((m, 1, i) for i, m in enumerate(bad)))
        statuses = [self.app.chat("budget").status for _ in range(60)]
        self.assertTrue(set(statuses) <= {502, 503}, statuses)
        self.assertLess(self.bad.stats()["requests"], 60 + 0.2 * 60 + 40)

    # ------------------------------------------------------------- connections

    def test_a_back_end_that_dies_and_comes_back(self):
        self.alias("dies", (self.model("x", "ok"), 1, 0))
        self.assertEqual(self.app.chat("dies").status, 200)
        self.bad.kill()
        for _ in range(3):
            self.typed(self.app.chat("dies"), 502, 503)
        self.bad.again()
        self.assertTrue(eventually(lambda: self.app.chat("dies").status == 200))

    def test_a_name_that_cannot_be_resolved(self):
        gone = self.registry.model("gone-name", "http://no-such-host.invalid:1", remote="ok")
        good = self.registry.model("good-name", self.good.url, remote="ok")
        self.alias("name", (gone, 1, 0), (good, 1, 1))
        self.assertEqual(self.app.chat("name").status, 200)
        self.alias("name-alone", (gone, 1, 0))
        self.typed(self.app.chat("name-alone"), 502, 503)

    def test_no_proxy_of_the_environment_is_used(self):
        stop = Backend()
        self.addCleanup(stop.kill)
        old = dict(os.environ)
        os.environ.update(http_proxy=stop.url, HTTP_PROXY=stop.url, all_proxy=stop.url, ALL_PROXY=stop.url)
        try:
            with server.Server(self.city, *self.settings) as running:
                app = Application(running, self.city.key)
                self.alias("proxy", (self.model("x", "ok"), 1, 0))
                self.assertTrue(eventually(lambda: app.chat("proxy").status == 200))
        finally:
            os.environ.clear()
            os.environ.update(old)
        self.assertEqual(stop.stats()["requests"], 0)

    def test_a_client_that_leaves_frees_the_back_end(self):
        slow = Backend(gap_us=100000)
        self.addCleanup(slow.kill)
        self.alias("leaves", (self.model("x", "ok", slow), 1, 0), )
        stream = self.app.stream("leaves", max_tokens=10000)
        self.assertIn("字0", next(stream.events()))
        stream.response.close()
        stream.close()
        self.assertTrue(eventually(lambda: slow.stats()["closed_early"] == 1))
        self.alias("leaves-whole", (self.model("x", "stall"), 1, 0))
        with self.assertRaises(OSError):
            self.app.chat("leaves-whole", wait=0.3)
        self.assertTrue(eventually(lambda: self.bad.stats()["closed_early"] >= 1))
        self.assertTrue(eventually(lambda: self.status()["in_flight"] == 0))

    def test_who_waits_in_the_queue_and_leaves_is_forgotten(self):
        self.alias("queue", (self.model("x", "stall", slots=1), 1, 0))
        first = threading.Thread(target=lambda: self.app.chat("queue"))
        first.start()
        self.assertTrue(eventually(lambda: self.bad.stats()["requests"] == 1))
        with self.assertRaises(OSError):
            self.app.chat("queue", wait=0.2)
        first.join()
        self.assertTrue(eventually(lambda: self.status()["in_flight"] == 0))
        self.assertEqual(self.bad.stats()["requests"], 1)

    def test_who_waits_in_the_queue_and_whose_key_is_revoked_is_not_begun(self):
        stalls = self.model("x", "stall", slots=1)
        self.registry.alias("revoked", (stalls, 1, 0))
        self.registry.n_keys = 100  # none of the other tests'
        secret, number = self.registry.key(self.registry.department("y"))
        with server.Server(self.city, ("models.answer_s", "100"), ("models.first_byte_s", "100")) as running:
            app, other = Application(running, self.city.key), Application(running, secret)
            self.assertTrue(eventually(lambda: other.call("GET", "/v1/models/revoked").status == 200))
            admin = server.Client(running).login("administrator")
            self.addCleanup(admin.close)
            first = threading.Thread(target=lambda: app.chat("revoked"))
            first.start()
            self.assertTrue(eventually(lambda: self.bad.stats()["requests"] == 1))
            got = []
            second = threading.Thread(target=lambda: got.append(other.chat("revoked")))
            second.start()
            self.assertTrue(eventually(lambda: admin.get("/v1/admin/status").json["in_flight"] == 2))
            self.registry.write("UPDATE app_key SET revoked = 1 WHERE id = ?", number)
            second.join()
            self.assertEqual((got[0].status, got[0].json["error"]["code"]), (401, "invalid_api_key"))
            self.assertEqual(admin.get("/v1/admin/status").json["in_flight"], 1)
            self.bad.kill()
            first.join()

    # ----------------------------------------------------------------- the rest

    def test_the_server_ends_with_calls_in_work(self):
        slow = Backend(gap_us=200000)
        self.addCleanup(slow.kill)
        stalls, streams = self.model("x", "stall"), self.model("x", "ok", slow)
        with server.Server(self.city, ("models.answer_s", "100"), ("models.first_byte_s", "100")) as running:
            app, got = Application(running, self.city.key), []
            self.registry.alias("end-whole", (stalls, 1, 0))
            self.registry.alias("end-stream", (streams, 1, 0))
            self.assertTrue(eventually(lambda: app.call("GET", "/v1/models/end-stream").status == 200))
            whole = threading.Thread(target=lambda: got.append(app.chat("end-whole")))
            whole.start()
            stream = app.stream("end-stream", max_tokens=1000)
            self.assertIn("字0", next(stream.events()))
            self.assertTrue(eventually(lambda: self.bad.stats()["requests"] == 1))
            running.process.send_signal(signal.SIGTERM)
            last = list(stream.events())[-1]
            whole.join()
        self.assertEqual(json.loads(last)["error"]["code"], "stopping")
        self.assertEqual((got[0].status, got[0].json["error"]["code"]), (503, "stopping"))

    def test_a_disk_that_is_full_for_the_log(self):
        with open("/dev/full", "w") as full:
            running = server.Server.__new__(server.Server)
            running.city, running.settings, running.args = self.city, {}, ()
            command = running.command()
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                port = s.getsockname()[1]
            command[command.index("127.0.0.1:0")] = f"127.0.0.1:{port}"
            process = subprocess.Popen([c for c in command if c not in ("--set", "")], env=server.environment(),
                                       stdin=subprocess.DEVNULL, stdout=full, stderr=full)
        running.host, running.port = "127.0.0.1", port
        app = Application(running, self.city.key)
        self.registry.alias("log", (self.model("x", "e500"), 1, 0))
        self.registry.alias("log-ok", (self.model("x", "ok"), 1, 0))

        def answers():
            try:
                return app.chat("log-ok").status == 200
            except OSError:
                return False
        try:
            self.assertTrue(eventually(answers))
            for _ in range(20):
                self.assertIn(app.chat("log").status, (502, 503))
            self.assertTrue(answers())
        finally:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(server.PATIENCE), 0)


@unittest.skipUnless(os.access(ENGINE, os.X_OK) and os.access(TINY, os.X_OK) and VOCAB, "the engine was not built")
class EngineTest(server.ServerTest):
    """Our own engine on a tiny model of random weights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = cls.city.folder + "/tiny.gguf"
        subprocess.run([TINY, "--kind", "qwen2", "--size", "tiny", "--out", cls.file, "--vocab", VOCAB], check=True,
                       capture_output=True, timeout=server.PATIENCE)
        cls.registry = Registry(cls.city)
        cls.tiny = cls.registry.model("tiny", cls.file, kind="file", engine='{"threads":1,"ctx":512}')
        cls.registry.alias("tiny", (cls.tiny, 1, 0))
        cls.city.key, _ = cls.registry.key(cls.registry.department("x"))
        cls.app = Application(cls.server, cls.city.key)
        eventually(lambda: cls.app.chat("tiny", max_tokens=2).status == 200)

    def engine(self, name="tiny"):
        status = self.as_("administrator").get("/v1/admin/status").json
        return next((b for b in status["backends"] if b["name"] == name), {"engine": {"state": ""}})

    def test_it_answers(self):
        answer = self.app.chat("tiny", max_tokens=8)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["usage"]["completion_tokens"], 8)
        events = self.app.stream("tiny", max_tokens=8).all()
        self.assertEqual(events[-1], "[DONE]")

    def test_killed_under_load(self):
        done, stop = [], threading.Event()

        def ask():
            while not stop.is_set():
                done.append(self.app.chat("tiny", max_tokens=24).status)

        def stream():
            while not stop.is_set():
                events = self.app.stream("tiny", max_tokens=24).all()
                done.append("done" if events and events[-1] == "[DONE]" else
                            json.loads(events[-1])["error"]["code"] if isinstance(events, list) and events else
                            json.loads(events)["error"]["code"])
        threads = [threading.Thread(target=f) for f in (ask, ask, ask, stream, stream, stream)]
        for t in threads:
            t.start()
        for _ in range(3):
            self.assertTrue(eventually(lambda: self.engine()["running"] > 0))
            before = self.engine()["engine"]
            os.kill(before["pid"], signal.SIGKILL)
            self.assertTrue(eventually(lambda: self.engine()["engine"]["pid"] not in (0, before["pid"]) and
                                       self.engine()["health"] == "up"))
            n = len(done)
            self.assertTrue(eventually(lambda: len(done) > n + 12), "calls go on")
        stop.set()
        for t in threads:
            t.join(server.PATIENCE)
        self.assertFalse([t for t in threads if t.is_alive()], "a call hangs")
        self.assertTrue(set(done) <= {200, 502, 503, "done", "upstream_error", "no_backend"}, set(done))
        self.assertGreater(done.count(200), 0)
        self.assertGreater(done.count("done"), 0)

    def test_killed_while_nobody_asks(self):
        self.assertEqual(self.app.chat("tiny", max_tokens=2).status, 200)
        before = self.engine()["engine"]
        os.kill(before["pid"], signal.SIGKILL)
        self.assertTrue(eventually(lambda: self.engine()["engine"]["pid"] not in (0, before["pid"])))
        self.assertEqual(self.app.chat("tiny", max_tokens=2).status, 200, "it waits for the engine")
        self.assertGreater(self.engine()["engine"]["restarts"], before["restarts"])

    def test_its_socket_is_removed(self):
        before = self.engine()["engine"]
        run = self.city.data + "/run"
        folder = run if len(run) <= 60 else None
        sockets = [f for f in os.listdir(folder)] if folder else []
        self.assertTrue(sockets, "the socket is in the data directory")
        os.unlink(os.path.join(folder, sockets[0]))
        self.assertTrue(eventually(lambda: self.engine()["engine"]["pid"] not in (0, before["pid"]) and
                                   self.engine()["health"] == "up"))
        self.assertEqual(self.app.chat("tiny", max_tokens=4).status, 200)

    def test_files_that_are_no_models(self):
        with open(self.file, "rb") as f:
            whole = f.read()
        cases = {"empty": b"", "text": b"hello" * 100, "cut": whole[:len(whole) // 2], "head": whole[:100]}
        for name, data in cases.items():
            path = f"{self.city.folder}/{name}.gguf"
            with open(path, "wb") as f:
                f.write(data)
            self.registry.alias("broken-" + name, (self.registry.model("broken-" + name, path, kind="file"), 1, 0))
        for name in cases:
            self.assertTrue(eventually(lambda: self.engine("broken-" + name)["engine"]["state"] == "refused"), name)
            entry = self.engine("broken-" + name)
            self.assertTrue(entry["why"], "it says why")
            self.assertEqual(entry["engine"]["restarts"], 0)
            self.assertTrue(eventually(lambda: self.app.call("GET", "/v1/models/broken-" + name).status == 200))
            answer = self.app.chat("broken-" + name)
            self.assertEqual((answer.status, answer.json["error"]["code"]), (503, "no_backend"))
        self.assertEqual(self.app.chat("tiny", max_tokens=4).status, 200)

    def test_its_words_are_in_our_log(self):
        lines = [line for line in self.server.log() if line.get("engine") == "tiny"]
        self.assertTrue(lines)

    def test_it_knows_no_keys(self):
        os.environ.update(DS_KEY="secret-of-another-server", GGML_X="for-it")
        self.addCleanup(os.environ.pop, "DS_KEY")
        self.addCleanup(os.environ.pop, "GGML_X")
        with server.Server(self.city) as running:
            app = Application(running, self.city.key)
            self.assertTrue(eventually(lambda: app.chat("tiny", max_tokens=2).status == 200))
            found = children(running.process.pid)
            for pid in found:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    known = f.read()
                self.assertNotIn(b"secret", known)
                self.assertIn(b"GGML_X=for-it", known)
                self.assertEqual([os.readlink(f"/proc/{pid}/fd/{n}") for n in (0, 1)], ["/dev/null"] * 2)

    @unittest.skipIf(is_sanitized(), "a sanitizer's shadow is larger than any limit; make check runs this on the release program")
    def test_its_memory_has_a_limit(self):
        def limits(*settings):
            with server.Server(self.city, *settings) as running:
                app = Application(running, self.city.key)
                self.assertTrue(eventually(lambda: app.chat("tiny", max_tokens=2).status == 200))
                found = children(running.process.pid)
                self.assertTrue(found)
                for pid in found:
                    with open(f"/proc/{pid}/limits") as f:
                        lines = {line[:26].strip(): line[26:].split()[:2] for line in f}
                    yield lines["Max data size"], lines["Max core file size"]
        for data, core in limits(("models.engine_gb", "3")):
            self.assertEqual((data, core), ([str(3 << 30)] * 2, ["0", "0"]))
        mine = [str(n) if n >= 0 else "unlimited" for n in resource.getrlimit(resource.RLIMIT_DATA)]
        for data, core in limits():
            self.assertEqual((data, core), (mine, ["0", "0"]), "none is asked for")

    def test_a_request_for_an_adapter_it_lacks_is_the_callers_mistake(self):
        self.registry.n_keys = 200
        named = Application(self.server, self.registry.key(self.registry.department("z"), models="tiny,none")[0])
        self.assertTrue(eventually(lambda: named.chat("tiny", max_tokens=2).status == 200))
        for more in ({"lora": "none"}, {"lora": "none", "stream": True}):
            answer = named.chat("tiny", **more)
            self.assertEqual((answer.status, answer.json["error"]["param"]), (400, "lora"), answer)
            answer = self.app.chat("tiny", **more)
            self.assertEqual((answer.status, answer.json["error"]["param"]), (404, "lora"), "its key does not say so")
            self.assertEqual(self.engine()["health"], "up")
        events = self.app.stream("tiny", max_tokens=4, temperature=1e-300).all()
        self.assertEqual(events[-1], "[DONE]", events)

    def test_it_ends_with_the_server(self):
        with server.Server(self.city) as running:
            app = Application(running, self.city.key)
            self.assertTrue(eventually(lambda: app.chat("tiny", max_tokens=2).status == 200))
            engines = [int(p) for p in children(running.process.pid)]
        self.assertTrue(engines)
        for pid in engines:
            self.assertFalse(os.path.exists(f"/proc/{pid}"), "an engine outlives the server")


if __name__ == "__main__":
    server.main()
