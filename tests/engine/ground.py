"""What sunmao-engine lets a model of random weights say over evidence: the worst liar there is.

SUNMAO_GROUND_TOKENS=100000 samples that many tokens of each writer and prints the figures.
"""

import json
import os
import subprocess
import tempfile
import unittest

from engine import Engine, make, together

COUNT = os.environ["SUNMAO_SAID_FACTS"]
TOKENS = int(os.environ.get("SUNMAO_GROUND_TOKENS", "1000"))
A_TEXT = 250

EVIDENCE = [
    {"id": "HJ-001/limit", "title": "办事指南《居住证申领》",
     "text": "承诺办结时限为20个工作日，法定办结时限为3至5个月。收费标准：20元/证。首次申领不收费，"
             "补领的一次性收取工本费十元。"},
    {"id": "ZC-002/4", "title": "《云澜市居住证管理办法》第四条",
     "text": "根据《居住证暂行条例》和澜政规〔2024〕3号，年满十六周岁的，由云澜市公安局办理。"
             "自2026年11月23日起施行。咨询电话0891-6543210，地址滨湖路18号2楼3号窗口。"
             "本办法所称“居住半年以上”，是指连续居住六个月以上。"},
    {"id": "WEB", "title": "网上办理", "text": "网上办理请登录www.yunlan.gov.cn，比例为15%，上午9:00开始。"},
]
ITEMS = ["居住证申领", "老年人优待证办理（60岁以上）"]
GROUND = {"evidence": EVIDENCE, "items": ITEMS}
# What a liar would need; each is made likelier than all else.
SENSITIVE = list("0123456789一二三四五六七八九十百千万亿半两第条款项年月日号时分点元角个局委厅院办市区路楼%％¥$[]<>") + [
    "工作日", "周岁", "「", "」", "“", "”", "《", "》", "www", ".", "@", ".com", "上午", "至", "。", "，", "\n",
    "公安局", "中心", "人民政府", "[1]", "不超过", "以上", "每", "人", "/", "-", ":", "〔", "〕"]


class GroundTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.model = make(cls.folder.name, "qwen2", "qwen2", "model", "--type", "q8_0")
        cls.e = Engine(cls.folder.name, cls.model, "--ctx", "1024", "--parallel", "4")
        cls.bias = {str(t): 8 for s in SENSITIVE for t in cls.tokens(s)}

    @classmethod
    def tearDownClass(cls):
        cls.e.stop()
        cls.folder.cleanup()

    @classmethod
    def tokens(cls, text):
        return cls.e.post("/tokenize", content=text)[1]["tokens"]

    def foreign(self, texts):
        """Of each text, what it says that the evidence does not; and how many facts all of them say."""
        lines = "".join(json.dumps({"evidence": EVIDENCE, "items": ITEMS, "text": t.replace("\0", " ")},
                                   ensure_ascii=False)
                        + "\n" for t in texts)
        run = subprocess.run([COUNT], input=lines.encode(), capture_output=True, check=True)
        found = [json.loads(line) for line in run.stdout.decode().splitlines()]
        self.assertEqual(len(found), len(texts))
        return [f["foreign"] for f in found], sum(f["facts"] for f in found)

    def sample(self, n_tokens, **more):
        """Texts of a temperature of 1 with so many tokens together."""
        texts, written, seed = [], 0, 1
        while written < n_tokens:
            calls = [lambda s=seed + i: self.e.complete("居住证多久办好？", temperature=1, seed=s,
                                                        max_tokens=A_TEXT, **more) for i in range(4)]
            seed += 4
            for v in together(*calls):
                texts.append(v["choices"][0]["text"])
                written += v["usage"]["completion_tokens"]
        return texts, written

    # ------------------------------------------------------------------ lies

    def test_a_random_model_says_nothing_of_its_own(self):
        for name, bias in (("as it is", {}), ("drawn to figures", self.bias)):
            free, n_free = self.sample(min(TOKENS, 5000), logit_bias=bias)
            held, n_held = self.sample(TOKENS, logit_bias=bias, sunmao_ground=GROUND)
            lies, _ = self.foreign(free)
            kept, n_facts = self.foreign(held)
            print(f"{name}: {sum(map(len, lies))} foreign facts in {n_free} tokens without the mask; "
                  f"{sum(map(len, kept))} in {n_held} with it, which say {n_facts} of the evidence's")
            self.assertEqual([k for k in kept if k], [])
            self.assertGreater(sum(map(len, lies)), 0)  # it would, if it could
            if bias:
                self.assertGreater(sum(map(len, lies)), n_free / 20)
                self.assertGreater(n_facts, 0)

    def test_whatever_breaks_it_off(self):
        """By length and by stops, streamed and whole: no half a fact is given out."""
        texts = []
        for seed in range(8):
            ask = {"prompt": "多久？", "temperature": 1, "seed": seed, "logit_bias": self.bias,
                   "sunmao_ground": GROUND, "max_tokens": 20 + seed, "stop": ["工作", "元", "，"][:seed % 4]}
            whole = self.e.text(**ask)
            events = self.e.stream("/v1/completions", **ask)
            parts = [e["choices"][0]["text"] for e in events[:-1]]
            self.assertEqual("".join(parts), whole)
            texts += ["".join(parts[:n]) for n in range(1, len(parts) + 1)]
        self.assertEqual([f for f in self.foreign(texts)[0] if f], [])

    def test_guesses_and_temperature_change_no_promise(self):
        prompt = "请说：" + EVIDENCE[0]["text"]
        for more in ({"temperature": 0}, {"temperature": 0, "logit_bias": self.bias},
                     {"temperature": 0.8, "seed": 4, "logit_bias": self.bias, "top_p": 0.9}):
            said = [self.e.text(prompt, max_tokens=80, draft=draft, sunmao_ground=GROUND, **more)
                    for draft in (False, True)]
            self.assertEqual(said[0], said[1])
            self.assertEqual(self.foreign(said)[0], [[], []])

    def test_what_the_evidence_says_can_be_said(self):
        """The model is pushed along the evidence's own words: nothing stops it."""
        said = "20个工作日内办结，收费20元/证[1]。由云澜市公安局办理[2]。"
        for stop in range(len(said)):
            rest = said[stop:]
            v = self.e.complete("答：", max_tokens=1, sunmao_ground=GROUND,
                                logit_bias={str(self.tokens(rest)[0]): 100})
            self.assertEqual(v["usage"]["completion_tokens"], 1)
            if stop == 0:
                self.assertEqual(v["choices"][0]["text"], "")  # 2 is no fact of theirs yet
        v = self.e.complete("答：", max_tokens=30, sunmao_ground=GROUND,
                            logit_bias={str(t): 60 for t in self.tokens("20个工作日。")})
        self.assertIn("20", v["choices"][0]["text"])

    def test_a_chat_is_held_too(self):
        v = self.e.chat("多久？", max_tokens=60, logit_bias=self.bias, temperature=1, seed=3,
                        sunmao_ground=GROUND, enable_thinking=True)
        message = v["choices"][0]["message"]
        self.assertNotIn("reasoning_content", message)
        self.assertEqual(self.foreign([message["content"]])[0], [[]])

    # -------------------------------------------------------------- refusals

    def refused(self, code, **body):
        status, v = self.e.post("/v1/completions", prompt="多久？", max_tokens=4, **body)
        self.assertEqual((status, v["error"]["code"]), (400, code), v)
        return v["error"]["param"]

    def test_what_is_no_evidence_is_refused(self):
        long = [{"id": "a", "text": "长" * 100000}]
        for bad in (1, [], "x", {"evidence": {}}, {"evidence": [{"id": "", "text": ""}]}, {},
                    {"evidence": [{"id": "a", "text": 1}]}, {"evidence": long},
                    {"evidence": [{"id": "a", "text": "a"}] * 2},
                    {"evidence": [{"id": str(i), "text": "a"} for i in range(65)]},
                    {"evidence": [], "items": {}}, {"evidence": [], "items": [1]},
                    {"evidence": [], "items": ["a"] * 20001}):
            self.assertEqual(self.refused(None, sunmao_ground=bad), "sunmao_ground")
        fine = {"evidence": [], "items": []}
        self.assertEqual(self.refused("unsupported", sunmao_ground=fine, grammar='root ::= "a"'), "grammar")
        self.assertEqual(self.refused("unsupported", sunmao_ground=fine,
                                      response_format={"type": "json_object"}), "response_format")
        status, _ = self.e.post("/v1/completions", prompt="多久？", max_tokens=4, sunmao_ground=fine)
        self.assertEqual(status, 200)
        self.assertTrue(self.e.get("/v1/models")[1]["data"][0]["meta"]["capabilities"]["ground"])


if __name__ == "__main__":
    unittest.main()
