#!/usr/bin/env python3
"""Model files of this machine, from their first byte to an application's answer, by the real engine.

    SUNMAO_ENGINE, SUNMAO_MAKE_TINY, SUNMAO_VOCABS    the engine, the tool that writes random models, its tokenizers
"""
import json
import os
import re
import subprocess
import unittest
import unittest.mock

import server
from server import PATIENCE, QUESTION, City, Client, Server, cli

ENGINE = os.environ["SUNMAO_ENGINE"]


def make(folder, kind, vocab, *more):
    path = f"{folder}/{kind}.gguf"
    subprocess.run([os.environ["SUNMAO_MAKE_TINY"], "--kind", kind, "--vocab",
                    f"{os.environ['SUNMAO_VOCABS']}/ggml-vocab-{vocab}.gguf", "--out", path, *more], check=True)
    return path


class LocalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.city = City(accounts=())

    @classmethod
    def tearDownClass(cls):
        cls.city.remove()

    def do(self, *args, ok=True):
        """The program with the engine at hand; its JSON."""
        env = {**server.environment(), "SUNMAO_ENGINE": ENGINE}
        done = subprocess.run([server.BIN, *args, "--data", self.city.data, "--json"], env=env, capture_output=True,
                              text=True, timeout=PATIENCE * 10)
        if not ok:
            return done.returncode, done.stderr
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def capable(self, name):
        return {c for c, can in self.do("model", "test", name)["capabilities"].items() if can}

    def test_a_decoder_goes_into_production_and_answers(self):
        path = make(self.city.folder, "qwen2", "llama-spm", "--template", "chatml")
        added = self.do("model", "add", path, "--name", "tiny", "--ctx", "1024", "--parallel", "2")
        self.assertEqual((added["architecture"], added["kind"], added["bytes"]), ("qwen2", "file", os.path.getsize(path)))
        self.assertLessEqual({"chat", "completions", "json_schema", "grammar", "ground"}, self.capable("tiny"))
        judged = self.do("eval", "model", "tiny")
        checks = {c["check"]: c for c in judged["figures"]["checks"]}
        self.assertTrue(judged["passed"], judged)
        self.assertFalse(judged["quality"], "random weights know nothing")
        for name, n in {"json_schema": 8, "choice": 6, "grammar": 4, "same_twice": 6, "overflow": 1, "speed": 4}.items():
            self.assertEqual((checks[name]["right"], checks[name]["asked"]), (n, n), judged["figures"]["failures"])
        status, error = self.do("model", "promote", "tiny", "--require-quality", ok=False)
        self.assertEqual(status, 5, error)
        self.assertEqual(self.do("model", "promote", "tiny")["state"], "production")
        self.do("model", "alias", "chat-default", "tiny")
        self.do("department", "add", "市数据局")
        secret = self.do("key", "add", "平台", "--department", "市数据局")["secret"]
        with Server(self.city, ("models.engine", ENGINE), ("guide.wording", "all")) as running:
            who = Client(running)
            self.addCleanup(who.close)
            body = {"model": "chat-default", "max_tokens": 8, "messages": [{"role": "user", "content": "你好"}]}
            answer = who.post("/v1/chat/completions", body, headers={"Authorization": "Bearer " + secret})
            self.assertEqual(answer.status, 200, answer)
            self.assertGreater(answer.json["usage"]["completion_tokens"], 0)
            self.held_to_evidence(who, secret)
            self.words_answers(who)

    def words_answers(self, who):
        """Whatever random weights write, the citizen has the composed answer whole, and of theirs only what a source holds."""
        for question in (QUESTION, "居住证到期了怎么办", "人才购房补贴给多少钱"):
            reply = who.ask(question)
            if reply["act"] != "answer":
                continue
            composed = [c for c in reply["claims"] if c["by"] == "source"]
            self.assertTrue(composed)
            for c in reply["claims"]:
                self.assertTrue(c["cites"], c)
                if c["by"] == "model" and c["how"] != "said":
                    self.assertTrue(any(c["text"].rstrip("。；") in cite["quote"] for cite in c["cites"]), c)
        misses = re.search(r"^sunmao_answer_cache_misses_total (\d+)", who.get("/metrics").body.decode(), re.M)
        self.assertGreater(int(misses.group(1)), 0, "the model was asked to word an answer")

    def held_to_evidence(self, who, secret):
        """A model of random weights at temperature 1, through the gateway: figures come from the evidence or not at all."""
        ground = {"evidence": [{"id": "a", "title": "办法", "text": "请带身份证到窗口办理。"}]}
        figures = {True: "", False: ""}
        for seed in range(6):
            for held in figures:
                body = {"model": "chat-default", "max_tokens": 200, "temperature": 1, "seed": seed,
                        "messages": [{"role": "user", "content": "收多少钱？"}], **({"sunmao_ground": ground} if held else {})}
                answer = who.post("/v1/chat/completions", body, headers={"Authorization": "Bearer " + secret})
                self.assertEqual(answer.status, 200, answer)
                text = answer.json["choices"][0]["message"]["content"]
                figures[held] += "".join(re.findall(r"[\d①-⑳<>《》「」\[\]]", text))
        self.assertEqual(figures[True].replace("[1]", "").replace("<11>", "").replace("「」", ""), "")
        self.assertNotEqual(figures[False], "", "it would, if it could")
        bad = who.post("/v1/chat/completions", {"model": "chat-default", "messages": [{"role": "user", "content": "x"}],
                                                "sunmao_ground": {"evidence": 1}}, headers={"Authorization": "Bearer " + secret})
        self.assertEqual((bad.status, bad.json["error"]["param"]), (400, "sunmao_ground"), bad)

    def test_an_encoder_and_a_reranker(self):
        for kind, can in (("bert", "embed"), ("reranker", "rerank")):
            self.do("model", "add", make(self.city.folder, kind, "bert-bge"), "--name", kind)
            self.assertEqual(self.capable(kind), {can})
            self.assertTrue(self.do("model", "eval", kind)["passed"])

    def test_a_file_that_is_cut_after_it_was_added(self):
        path = make(self.city.folder, "deepseek2", "deepseek-llm", "--template", "deepseek-v2")
        self.do("model", "add", path, "--name", "cut")
        os.truncate(path, os.path.getsize(path) // 2)
        status, error = self.do("model", "test", "cut", ok=False)
        self.assertEqual((status, json.loads(error.splitlines()[-1])["error"]["code"]), (7, "E_CORRUPT"), error)
        self.assertFalse(os.listdir(self.city.data + "/run"), "a socket is left")
        status, error = self.do("model", "add", path, "--name", "cut2", ok=False)
        self.assertEqual(status, 7, error)
        status, error = self.do("doctor", ok=False)
        self.assertEqual(status, 9, error)

    def test_the_engine_that_is_named_is_the_one_and_is_told_no_secret(self):
        """For a test as for serving: the keys of servers stand in the environment."""
        told, named = self.city.folder + "/told", self.city.folder + "/named-engine"
        with open(named, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nenv >>"{told}"\necho end >>"{told}"\nexec "{ENGINE}" "$@"\n')
        os.chmod(named, 0o755)
        self.do("model", "add", make(self.city.folder, "bert", "bert-bge", "--seed", "7"), "--name", "named")
        secret = self.do("key", "add", "a", "--department", str(self.do("department", "add", "市民政局")["id"]),
                         "--models", "named")["secret"]
        given = {"SUNMAO_ENGINE": named, "DS_KEY": "secret-of-another-server", "GGML_X": "for-it"}
        with unittest.mock.patch.object(server, "environment", lambda now=server.environment: {**now(), **given}):
            cli("model", "test", "named", "--data", self.city.data)
            with open(told, encoding="utf-8") as f:
                tested = f.read()
            with Server(self.city) as running:
                who = Client(running)
                self.addCleanup(who.close)
                self.assertTrue(server.eventually(lambda: who.post(
                    "/v1/embeddings", {"model": "named", "input": "户口"}, headers={"Authorization": "Bearer " + secret}).status == 200))
        with open(told, encoding="utf-8") as f:
            both = f.read()
        self.assertGreater(both.count("\nend\n"), tested.count("\nend\n"), "serve takes the engine that is named, too")
        self.assertIn("GGML_X=for-it", tested)
        self.assertNotIn("secret-of-another-server", both)

    def test_without_the_engine(self):
        path = make(self.city.folder, "lora", "qwen2")
        status, error = self.do("model", "add", path, "--name", "lora", ok=False)
        self.assertEqual(status, 2, error)  # no model, but an adapter
        status, out, error = cli("model", "test", "tiny", "--data", self.city.data, ok=False)
        self.assertIn(status, (0, 3), error)  # beside the program it is found all the same


if __name__ == "__main__":
    unittest.main()
