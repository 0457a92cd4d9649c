"""The whole system where there is no way out: a network namespace with a loopback interface and no route.

Questions, pages, a model run by the engine, embeddings: all of it works, and the kernel counts no packet that would have
left.  Only a back end that the operator named is looked for, and that it cannot be reached is told.

    SUNMAO_BIN, and beside it sunmao-engine and sunmao-make-tiny; SUNMAO_VOCABS: the tokenizers
"""
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import unittest

from server import BIN, PATIENCE, QUESTION, City, Client, Server, cli, eventually

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
VOCABS = os.environ.get("SUNMAO_VOCABS", "")
MODELS = {"chat": ("qwen2", "qwen2"), "embed": ("bert", "bert-bge")}  # kind, tokenizer


def leave_the_network():
    """False where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with socket.socket() as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    return True


def packets_without_a_route():
    """What this namespace would have sent outside, by the kernel's count."""
    with open("/proc/net/snmp", encoding="ascii") as f:
        names, values = [line.split() for line in f if line.startswith("Ip:")]
    with open("/proc/net/snmp6", encoding="ascii") as f:
        six = dict(line.split() for line in f)
    return int(values[names.index("OutNoRoutes")]) + int(six["Ip6OutNoRoutes"])


def make_model(folder, name):
    """A small one with random weights; its file."""
    kind, vocab = MODELS[name]
    path = f"{folder}/{name}.gguf"
    subprocess.run([os.path.join(os.path.dirname(BIN), "sunmao-make-tiny"), "--kind", kind, "--vocab",
                    f"{VOCABS}/ggml-vocab-{vocab}.gguf", "--out", path], check=True, capture_output=True, timeout=PATIENCE)
    return path


class WithoutANetwork(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.city = City()
        data = ("--data", cls.city.data)
        for name in MODELS:
            cli("model", "add", make_model(cls.city.folder, name), "--name", name, *data)
        cli("department", "add", "市政务服务局", *data)
        added = cli("key", "add", "app", "--department", "市政务服务局", "--models", "chat,embed,far", "--json", *data)
        cls.server = Server(cls.city)
        cls.app = Client(cls.server, Authorization="Bearer " + json.loads(added)["secret"])

    @classmethod
    def tearDownClass(cls):
        cls.app.close()
        cls.server.stop()
        cls.city.remove()

    def chat(self, model, **more):
        return self.app.post("/v1/chat/completions", {
            "model": model, "max_tokens": 8, "temperature": 0, "messages": [{"role": "user", "content": "身份证"}], **more})

    def test_1_there_is_no_way_out_and_a_try_is_counted(self):
        with open("/proc/net/route", encoding="ascii") as f:
            self.assertEqual(len(f.readlines()), 1)
        before = packets_without_a_route()
        with socket.socket() as s, self.assertRaises(OSError):
            s.connect(("192.0.2.1", 80))
        self.assertGreater(packets_without_a_route(), before)

    def test_2_everything_works_and_nothing_is_looked_for_outside(self):
        citizen = Client(self.server)
        self.addCleanup(citizen.close)
        before = packets_without_a_route()
        self.assertEqual(citizen.ask(QUESTION)["act"], "answer")
        self.assertEqual(citizen.get("/v1/site").status, 200)
        whole = eventually(lambda: (a := self.chat("chat")).status == 200 and a)
        self.assertTrue(whole, self.chat("chat"))
        self.assertEqual(len(whole.json["choices"]), 1)
        streamed = self.chat("chat", stream=True)
        self.assertIn(b"data: [DONE]", streamed.body)
        vectors = self.app.post("/v1/embeddings", {"model": "embed", "input": ["身份证", "户口"]})
        self.assertEqual(len(vectors.json["data"]), 2)
        cli("doctor", "--air-gap", "--data", self.city.data)
        self.assertEqual(packets_without_a_route(), before)

    def test_3_the_one_address_that_was_named_is_tried_and_missed_in_so_many_words(self):
        before = packets_without_a_route()
        cli("model", "add", "http://10.9.8.7:8000", "--name", "far", "--slots", "4", "--data", self.city.data)
        self.assertIn("http://10.9.8.7:8000", cli("doctor", "--air-gap", "--data", self.city.data))
        answer = eventually(lambda: (a := self.chat("far")).status != 404 and a)
        self.assertIn(answer.status, (502, 503, 504), answer)
        self.assertIn(answer.json["error"]["code"], ("upstream_error", "no_backend"))
        self.assertTrue(eventually(lambda: packets_without_a_route() > before))


if __name__ == "__main__":
    if not leave_the_network():
        print("skipped: this user may not make a network namespace")
        sys.exit(77)
    unittest.main(verbosity=1, argv=[os.path.basename(__file__)])
