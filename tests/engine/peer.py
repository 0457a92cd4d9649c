"""The grammar and the schema of evidence, obeyed by a real llama-server over a model of random weights.

Skipped (77) where it is not built: tools/engine.sh server.
"""

import json
import os
import subprocess
import tempfile
import unittest

from engine import make
from ground import EVIDENCE, ITEMS, SENSITIVE
from llama_server import LlamaServer, program

COUNT = os.environ["SUNMAO_SAID_FACTS"]
BIASED = 5


def ask_tool(texts, *arguments):
    lines = "".join(json.dumps({"evidence": EVIDENCE, "items": ITEMS, "text": t.replace("\0", " ")},
                               ensure_ascii=False) + "\n" for t in texts)
    run = subprocess.run([COUNT, *arguments], input=lines.encode(), capture_output=True, check=True)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


class PeerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.peer = LlamaServer(PROGRAM, make(cls.folder.name, "qwen2", "qwen2", "model", "--type", "q8_0"))
        cls.forms, = ask_tool([""], "forms")
        tokens = {t for s in SENSITIVE for t in cls.peer.call("POST", "/tokenize", {"content": s})[1]["tokens"]}
        cls.bias = [[t, BIASED] for t in sorted(tokens)]

    @classmethod
    def tearDownClass(cls):
        cls.peer.stop()
        cls.folder.cleanup()

    def write(self, n, n_tokens, **more):
        texts = []
        for seed in range(n):
            status, v = self.peer.call("POST", "/v1/chat/completions", {
                "messages": [{"role": "user", "content": "居住证多久办好？"}], "temperature": 1, "seed": seed,
                "max_tokens": n_tokens, "logit_bias": self.bias, **more})
            self.assertEqual(status, 200, v)
            texts.append(v["choices"][0]["message"]["content"])
        return texts

    def foreign(self, texts):
        return [f["foreign"] for f in ask_tool(texts)]

    @staticmethod
    def settled(text):
        """Without the half fact that the limit of tokens has cut: up to the last stop."""
        return text[:max(text.rfind(c) for c in "。，；！？\n") + 1]

    def test_it_lies_when_it_may(self):
        self.assertGreater(sum(map(len, self.foreign(self.write(4, 100)))), 0)

    def test_a_grammar_lets_nothing_else_through(self):
        texts = self.write(4, 60, grammar=self.forms["gbnf"])
        self.assertGreater(sum(map(len, texts)), 200)
        kept = [self.settled(t) for t in texts]
        self.assertGreater(sum(map(len, kept)), 60)
        self.assertEqual([f for f in self.foreign(kept) if f], [])

    def test_a_schema_lets_nothing_else_through(self):
        said = []
        for text in self.write(3, 60, response_format={"type": "json_schema", "json_schema": {
                "name": "grounded", "strict": True, "schema": self.forms["schema"]}}):
            self.assertTrue(text.lstrip().startswith("{"), text)  # so the two forms are told apart
            part = text.split('"text"', 1)[1] if '"text"' in text else ""
            said.append(self.settled(part))
        self.assertGreater(sum(map(len, said)), 50)
        self.assertEqual([f for f in self.foreign(said) if f], [])


if __name__ == "__main__":
    PROGRAM = program()
    unittest.main()
