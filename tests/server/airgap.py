"""What noroute.py shows, with the engine: models run on this machine answer where there is no way out, and nothing tries to leave.

Only a back end that the operator named is looked for, and that it cannot be reached is told.

    SUNMAO_BIN, and beside it sunmao-engine and sunmao-make-tiny; SUNMAO_VOCABS: the tokenizers
"""
import json
import os
import subprocess
import unittest

from noroute import loopback_up, lost  # first: this script goes on in a network namespace of its own
from server import BIN, PATIENCE, QUESTION, City, Client, Server, cli, eventually

VOCABS = os.environ.get("SUNMAO_VOCABS", "")
MODELS = {"chat": ("qwen2", "qwen2"), "embed": ("bert", "bert-bge")}  # kind, tokenizer


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
        loopback_up()
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

    def test_1_everything_works_and_nothing_is_looked_for_outside(self):
        citizen = Client(self.server)
        self.addCleanup(citizen.close)
        before = lost()
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
        self.assertEqual(lost(), before)

    def test_2_the_one_address_that_was_named_is_tried_and_missed_in_so_many_words(self):
        before = lost()
        cli("model", "add", "http://10.9.8.7:8000", "--name", "far", "--slots", "4", "--data", self.city.data)
        self.assertIn("http://10.9.8.7:8000", cli("doctor", "--air-gap", "--data", self.city.data))
        answer = eventually(lambda: (a := self.chat("far")).status != 404 and a)
        self.assertIn(answer.status, (502, 503, 504), answer)
        self.assertIn(answer.json["error"]["code"], ("upstream_error", "no_backend"))
        self.assertTrue(eventually(lambda: lost() > before))


if __name__ == "__main__":
    unittest.main()
