"""Embeddings and ranks from sunmao-engine."""

import base64
import struct
import tempfile
import unittest

from engine import Engine, make, together

TEXTS = ["申请居住证需要什么材料", "社保卡丢了怎么办", "how long does it take", "承诺办结时限"]


class VectorsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.e = Engine(cls.folder.name, make(cls.folder.name, "bert", "bert-bge"), "--parallel", "3")

    @classmethod
    def tearDownClass(cls):
        cls.e.stop()
        cls.folder.cleanup()

    def embed(self, texts, **more):
        status, v = self.e.post("/v1/embeddings", input=texts, **more)
        self.assertEqual(status, 200, v)
        self.assertEqual([d["index"] for d in v["data"]], list(range(len(v["data"]))))
        return [d["embedding"] for d in v["data"]]

    def near(self, a, b):
        for x, y in zip(a, b, strict=True):
            self.assertAlmostEqual(x, y, places=4)

    def test_vectors_have_length_one_and_come_in_order(self):
        together_ = self.embed(TEXTS * 3)
        for v in together_:
            self.assertAlmostEqual(sum(x * x for x in v), 1, places=4)
        for i, text in enumerate(TEXTS):
            self.near(together_[i], self.embed(text)[0])
            self.near(together_[i], together_[i + 4])
        self.assertGreater(sum(abs(x - y) for x, y in zip(together_[0], together_[1])), 0.1)

    def test_many_at_once_get_their_own(self):
        alone = [self.embed(t)[0] for t in TEXTS]
        for got, want in zip(together(*[lambda t=t: self.embed(t)[0] for t in TEXTS]), alone):
            self.near(got, want)

    def test_tokens_dimensions_and_base64(self):
        tokens = self.e.post("/tokenize", content=TEXTS[0], add_special=True)[1]["tokens"]
        status, v = self.e.post("/v1/embeddings", input=tokens)
        self.assertEqual(v["usage"]["prompt_tokens"], len(tokens))
        whole = v["data"][0]["embedding"]
        self.near(whole, self.embed(TEXTS[0])[0])
        packed = self.embed(TEXTS[0], encoding_format="base64")[0]
        self.near(whole, struct.unpack(f"<{len(whole)}f", base64.b64decode(packed)))
        few = self.embed(TEXTS[0], dimensions=8)[0]
        self.assertEqual(len(few), 8)
        self.assertAlmostEqual(sum(x * x for x in few), 1, places=4)

    def test_what_is_no_text_or_too_much_is_refused(self):
        for body in ({"input": ""}, {"input": []}, {"input": [3, "x"]}, {}, {"input": "好", "dimensions": 999},
                     {"input": "好", "encoding_format": "hex"}, {"input": [-1]}):
            self.assertEqual(self.e.post("/v1/embeddings", **body)[0], 400, body)
        status, v = self.e.post("/v1/embeddings", input="好" * 3000)
        self.assertEqual((status, v["error"]["code"]), (400, "context_length_exceeded"))
        status, v = self.e.post("/v1/chat/completions", messages=[{"role": "user", "content": "好"}])
        self.assertEqual((status, v["error"]["code"]), (400, "unsupported"))

    def test_the_best_document_comes_first(self):
        with tempfile.TemporaryDirectory() as folder:
            with Engine(folder, make(folder, "reranker", "bert-bge")) as e:
                ask = {"query": "居住证", "documents": TEXTS}
                status, v = e.post("/v1/rerank", **ask)
                self.assertEqual(status, 200, v)
                scores = [r["relevance_score"] for r in v["results"]]
                self.assertEqual(scores, sorted(scores, reverse=True))
                self.assertEqual(sorted(r["index"] for r in v["results"]), [0, 1, 2, 3])
                self.assertEqual(len(set(scores)), 4)
                top = e.post("/v1/rerank", top_n=2, **ask)[1]["results"]
                self.assertEqual([r["index"] for r in top], [r["index"] for r in v["results"]][:2])
                self.assertEqual(e.post("/v1/rerank", query="", documents=TEXTS)[0], 400)
                self.assertEqual(e.post("/v1/rerank", query="居住证", documents=[])[0], 400)


if __name__ == "__main__":
    unittest.main()
