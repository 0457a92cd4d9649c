#!/usr/bin/env python3
"""A real llama-server on random weights as the model that words answers: through the whole system, whole and streamed.

    SUNMAO_MAKE_TINY, SUNMAO_VOCABS    the tool that writes random models, its tokenizers
    PEER_QUESTIONS                     how many questions (4)

Skipped (77) where llama-server is not built: tools/engine.sh server.
"""
import json
import os
import re
import subprocess
import sys
import unittest

import server
from local import make
from models import Registry
from server import SOURCE, City, Client, Server, Stream, eventually

sys.path.insert(0, SOURCE + "/tests/engine")
from llama_server import LlamaServer, program  # noqa: E402

QUESTIONS = int(os.environ.get("PEER_QUESTIONS", "4"))
ASKED = ("{}要带什么", "{}多久能办好", "{}要多少钱", "怎么办{}")


def questions():
    with open(SOURCE + "/demo/items.jsonl", encoding="utf-8") as f:
        names = [json.loads(f.readline())["name"] for _ in range(12)]
    return [ASKED[i % len(ASKED)].format(names[i % len(names)]) for i in range(QUESTIONS)]


class PeerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.city = City()
        cls.peer = LlamaServer(PROGRAM, make(cls.city.folder, "qwen2", "llama-spm", "--template", "chatml"), ctx=8192)
        registry = Registry(cls.city)
        registry.alias("chat-default", (registry.model("peer", f"http://127.0.0.1:{cls.peer.port}"), 100, 0))
        cls.server = Server(cls.city, ("guide.wording", "all"), ("guide.first_s", "40"), ("guide.deadline_s", "50"))

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.peer.stop()
        cls.city.remove()

    def streamed(self, question):
        body = json.dumps({"text": question, "test": True}, ensure_ascii=False).encode()
        stream = Stream(self.server, "/v1/ask", headers={"Content-Type": "application/json"}, body=body)
        self.addCleanup(stream.close)
        eventually(lambda: stream.over)
        return stream.events[-1][2], [e[2] for e in stream.events if e[0] == "claim"]

    def sound(self, question, reply, claims):
        """What is shown of a random model's words is what a source holds, and the composed answer is whole."""
        self.assertTrue([c for c in reply["claims"] if c["by"] == "source"], question)
        for c in claims + reply["claims"]:
            self.assertTrue(c["cites"], c)
            if c["by"] == "model":
                self.assertTrue(any(c["text"].rstrip("。；") in cite["quote"] for cite in c["cites"]), c)

    def test_what_random_weights_write_through_it_is_what_the_sources_say(self):
        who = Client(self.server)
        self.addCleanup(who.close)
        n = 0
        for i, question in enumerate(questions()):
            reply, claims = self.streamed(question) if i % 2 else (who.ask(question, test=True), [])
            if reply["act"] == "answer":
                self.sound(question, reply, claims)
                n += 1
        self.assertGreater(n, QUESTIONS // 2)
        asked = re.search(r"^sunmao_answer_cache_misses_total (\d+)", who.get("/metrics").body.decode(), re.M)
        self.assertGreater(int(asked[1]), QUESTIONS // 2, "the model was asked to word answers")
        wrote = re.findall(r"^llamacpp:tokens_predicted_total (\d+)", self.peer.metrics(), re.M)
        self.assertGreater(sum(map(int, wrote)), 0, "it wrote")


if __name__ == "__main__":
    PROGRAM = program()
    unittest.main()
