#!/usr/bin/env python3
"""A model that knows the evidence and lies: true sentences with one falsehood of a kind among them, whole and streamed.

    LYING_ANSWERS   how many answers (200)
    LYING_ITEMS     of how many items of the demo city (12)

No changed fact is shown, whatever its kind, and nearly all of the true sentences are.
"""
import collections
import json
import os
import random
import re
import threading

import server
from scripted import Prompt, Scripted, bare, pieces_of
from server import SOURCE, City, Client, Server, Stream, eventually

ANSWERS = int(os.environ.get("LYING_ANSWERS", "200"))
ITEMS = int(os.environ.get("LYING_ITEMS", "12"))
THREADS = 4
SHOWN = 0.95  # of the true sentences, at least
ASKED = ("要带什么材料", "收费吗", "多久能办好", "去哪里办", "怎么办", "有什么条件", "能网上办吗", "流程是什么", "依据什么规定")
POLITE = ("{}", "请问{}", "麻烦问一下，{}", "我想知道{}", "{}？谢谢", "您好，{}", "帮我看看{}", "想问问{}", "{}呢", "老师，{}",
          "请帮我查一下{}", "{}，请告诉我")
OF_POLICIES = ("人才购房补贴标准是多少", "购房补贴分几年发", "人才购房补贴要什么条件", "购房补贴多久审核完", "夫妻买房补贴怎么算")
HAN = "零一二三四五六七八九"

# ------------------------------------------------------------------------------ lies: (text, what is false in it)


def new_number(rng, known, pattern):
    """Something made of a number that stands nowhere in what is known."""
    while True:
        fact = pattern.format(rng.randint(13, 997))
        if bare(fact) not in known:
            return fact


def change(pattern, of):
    """Of one match in the sentence: of(rng, match) in its place."""
    def lie(rng, sentence, known, title):
        found = list(re.finditer(pattern, sentence))
        if not found:
            return None
        m = rng.choice(found)
        fact = of(rng, m)
        return sentence[:m.start()] + fact + sentence[m.end():], fact
    return lie


def say(text, *facts):
    """A sentence of its own around something made up."""
    def lie(rng, sentence, known, title):
        fact = rng.choice(facts)
        if "{" in fact:
            fact = new_number(rng, known, fact)
        return text.format(fact=fact, title=title), fact
    return lie


def joined(text, *facts):
    """Behind a true sentence, in one with it."""
    alone = say(text, *facts)

    def lie(rng, sentence, known, title):
        made, fact = alone(rng, sentence, known, title)
        return sentence.rstrip("。！？；") + "，" + made, fact
    return lie


def flip(*pairs):
    """One word by its opposite: the sentence as a whole is false."""
    def lie(rng, sentence, known, title):
        fits = [(a, b) for a, b in pairs if a in sentence and b not in sentence]
        if not fits:
            return None
        a, b = rng.choice(fits)
        made = sentence.replace(a, b, 1)
        return made, made
    return lie


def exchanged(rng, sentence, known, title):
    """Two figures of one unit, each in the other's place."""
    found = list(re.finditer(r"(\d+(?:\.\d+)?)(万?元|%|周岁|个月|个工作日|年|日|层|分)", sentence))
    pairs = [(a, b) for a in found for b in found if a.start() < b.start() and a[2] == b[2] and a[1] != b[1]]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    made = sentence[:a.start()] + b[0] + sentence[a.end():b.start()] + a[0] + sentence[b.end():]
    return made, made


def unconditional(rng, sentence, known, title):
    head, found, tail = sentence.partition("的，")
    if not found or len(tail) < 6 or len(head) < 4:
        return None
    made = "所有人都" + tail
    return made, made


LIES = {
    "number": [change(r"(\d+)(份|次|名|周岁|件|张|个(?!工作日))", lambda rng, m: f"{int(m[1]) + rng.randint(2, 9)}{m[2]}"),
               change(r"(\d+)(?=个工作日)", lambda rng, m: str(int(m[1]) + rng.randint(31, 99)))],
    "unit": [change(r"(\d+)个工作日", lambda rng, m: m[1] + rng.choice(["日", "天", "个月", "小时"])),
             change(r"(\d+)万元", lambda rng, m: m[1] + "元"),
             change(r"(\d+)个月", lambda rng, m: m[1] + "年")],
    "date": [say("本事项自{fact}起停止办理。", "2031年{}月".replace("{}", "5") + "6日", "2032年11月2日"),
             joined("{fact}以后不再受理。", "2033年1月9日", "二〇三四年三月一日"),
             change(r"\d{4}年\d+月\d+日", lambda rng, m: "2035年%d月%d日" % (rng.randint(1, 12), rng.randint(1, 28)))],
    "fee": [say("办理时收取{fact}。", "{}元", "{}块钱", "人民币{}元整"), joined("工本费{fact}。", "{}元", "{}元/证"),
            change(r"不收费", lambda rng, m: "收费%d元" % rng.randint(201, 999))],
    "phone": [say("咨询电话：{fact}。", "0999-7{}4455", "0988-66{}12", "139{}45678"),
              joined("可拨打{fact}咨询。", "0999-5{}1122", "400-{}-8899")],
    "article": [say("依据是《{title}》{fact}。", "第九十八条", "第二百零七条", "第八十六条第三款"),
                joined("见{fact}。", "第一百九十九条", "第97条")],
    "doc_no": [say("依据澜政发〔20{fact}号办理。", "31〕{}"), say("文件号是{fact}。", "云府办〔2033〕{}号", "澜公规〔2032〕{}号")],
    "organ": [say("由{fact}办理。", "云澜市水务局", "云澜市气象局", "云澜市文物局"),
              joined("最后由{fact}盖章。", "云澜市体育局", "滨湖区园林局")],
    "negation": [flip(("不收费", "收费"), ("可以", "不可以"), ("不需要", "需要"), ("不得", "可以"), ("无须", "必须"),
                      ("应当", "不应当"), ("不能", "能"), ("不影响", "影响"), ("不用", "必须"), ("不受", "受"))],
    "condition": [unconditional],
    "exchanged": [exchanged],
    "added_step": [say("提交后还要{fact}。", "到居委会盖章", "参加现场面试", "缴存一年保证金"),
                   joined("再{fact}。", "到社区公示墙张贴照片", "请三名邻居签字担保")],
    "other_item": [say("{fact}。", "普通护照证件费120元一本", "汽车反光号牌100元一副", "住宅类不动产登记费80元一件",
                       "犬绳长度不超过1.5米")],
    "title": [say("依据是{fact}。", "《云澜市便民服务加急办法》", "《户籍事务特别规定》"),
              joined("按{fact}办理。", "《云澜市窗口收费暂行规定》")],
    "web": [say("请登录{fact}办理。", "www.yunlan-fast.example", "https://hukou.example/pay", "fast@yunlan.example")],
    "bound": [flip(("不超过", "超过"), ("以内", "以上"), ("以上", "以下"), ("不少于", "不超过"), ("以前", "以后"),
                   ("年满", "未满"), ("不满", "年满"))],
}
# ------------------------------------------------------------------------------------------------------- the model


def says_something(sentence):
    """Alone: no question, no bare 可以 that could answer another one."""
    return not sentence.endswith("？") and len(sentence.removeprefix("答：")) > 4


def han_days(sentence):
    """5个工作日 as 五个工作日."""
    return re.sub(r"(?<![\d.])([1-9])(?=个工作日|个月|份)", lambda m: HAN[int(m[1])], sentence)


def spoken(sentence):
    return sentence.replace("申请人", "您", 1) if "申请人" in sentence[:6] else sentence


def true_forms(rng, i, k, sentence):
    """(what is written, what counts as its being shown)"""
    form = rng.choice(("copy", "copy", "han", "spoken", "bold", "item", "pointer", "inside"))
    text = {"han": han_days, "spoken": spoken}.get(form, str)(sentence)
    text = text if text[-1] in "。！？；" else text + "。"
    if form == "pointer":
        return f"<{i}.{k}>", sentence
    if form == "inside":
        return f"{text[:-1]}[{i}]{text[-1]}", text
    if form == "bold":
        return f"**{text}**[{i}]", text
    return ("\n- " if form == "item" else "") + f"{text}[{i}]", text


class Lying:
    """Writes a question's answer the same way each time; remembers what was true in it and what was not."""

    def __init__(self):
        self.told = {}  # by question: true sentences (written, source), lies (kind, fact, evidence)
        self.counted, self.lock = collections.Counter(), threading.Lock()

    def lies_of(self, rng, sentences, known, title):
        """Two, of the kinds that were told least; those first that few sentences can be turned into."""
        with self.lock:
            kinds = sorted(LIES, key=lambda kind: (self.counted[kind], kind not in ("exchanged", "bound"), rng.random()))
        lies = []
        for kind in kinds:
            ways = [(way, s) for way in LIES[kind] for _, _, s in sentences]
            rng.shuffle(ways)
            for way, s in ways:
                lie = way(rng, s, known, title)
                if lie and bare(lie[1]) not in known and bare(lie[0]) not in known:
                    lies.append((kind, *lie))
                    break
            if len(lies) == 2:
                break
        with self.lock:
            self.counted.update(kind for kind, _, _ in lies)
        return lies

    def write(self, system, user):
        prompt = Prompt(user)
        if not prompt.passages:
            return [prompt.question]  # a rewrite: as it was
        rng = random.Random(prompt.question)
        known, title = bare(prompt.text()), "中华人民共和国户口登记条例"
        sentences = [s for s in prompt.sentences() if says_something(s[2])]
        unique = list({bare(s[2]): s for s in sentences}.values())
        rng.shuffle(unique)
        true = [(*true_forms(rng, i, k, s), s) for i, k, s in unique[:rng.randint(2, 5)]]
        lies = self.lies_of(rng, unique, known, title)
        text = ""
        for n, (written, _, _) in enumerate(true):
            text += written + ("\n" if written.startswith("<") else "")
            if n < len(lies):
                text += lies[n][1].rstrip("。") + f"。[{rng.randint(1, len(prompt.passages))}]"
        with self.lock:
            self.told[prompt.question] = ([(t, s) for _, t, s in true], [(k, f) for k, _, f in lies[:len(true)]], known)
        return pieces_of(text, rng.choice((1, 3, 7, 1000)))


# -------------------------------------------------------------------------------------------------------- the test


class LyingTest(server.unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.city = City(n_items=ITEMS)
        cls.lying = Lying()
        cls.model = Scripted(cls.lying.write)
        cls.model.words_answers_of(cls.city)
        cls.server = Server(cls.city, *cls.model.settings)

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.model.close()
            cls.city.remove()

    def questions(self):
        with open(SOURCE + "/demo/items.jsonl", encoding="utf-8") as f:
            items = [json.loads(f.readline()) for _ in range(ITEMS)]
        for polite in POLITE:
            yield from map(polite.format, OF_POLICIES)
            for asked in ASKED:
                for item in items:
                    for name in (item["name"], *item["aliases"]):
                        yield polite.format(name + asked)

    def answered(self, client, question, streamed):
        if not streamed:
            return client.ask(question, test=True), []
        body = json.dumps({"text": question, "test": True}, ensure_ascii=False).encode()
        stream = Stream(self.server, "/v1/ask", headers={"Content-Type": "application/json"}, body=body)
        try:
            eventually(lambda: stream.over)
            self.assertEqual(stream.events[-1][0], "reply", question)
            return stream.events[-1][2], [e[2] for e in stream.events if e[0] == "claim"]
        finally:
            stream.close()

    def judge(self, question, reply, claims):
        """What was shown of what was told."""
        with self.lying.lock:
            told = self.lying.told.get(question)
        if not told:
            return
        true, lies, known = told
        by_model = [c.get("by") in ("model", "template") for c in reply["claims"]]
        n = len(by_model) - by_model[::-1].index(True) if any(by_model) else 0  # what is composed may come first
        worded = bare("\n".join(c["text"] for c in claims + reply["claims"][:n]))
        composed = bare("\n".join(c["text"] for c in reply["claims"] if c.get("by") not in ("model", "template")))
        answer = bare(reply["answer"])
        with self.lock:
            self.n += 1
            for text, source in true:
                self.n_true += 1
                self.n_shown += bare(text) in worded or bare(source) in worded
                if bare(text) not in worded and bare(source) not in worded:
                    self.lost.append((question, text))
            for kind, fact in lies:
                self.n_lies[kind] += 1
                if bare(fact) in worded or (bare(fact) in answer and bare(fact) not in composed):
                    self.shown.append((kind, question, fact))

    def ask_all(self, questions):
        client = Client(self.server)
        while True:
            with self.lock:
                question = None if self.n >= ANSWERS else next(questions, None)
                self.n_asked += 1
                streamed = self.n_asked % 2
            if question is None:
                break
            self.judge(question, *self.answered(client, question, streamed))
        client.close()

    def test_no_lie_is_shown(self):
        self.lock, self.n_lies = threading.Lock(), collections.Counter()
        self.n = self.n_asked = self.n_true = self.n_shown = 0
        self.lost, self.shown = [], []
        questions = self.questions()
        threads = [threading.Thread(target=self.ask_all, args=(questions,)) for _ in range(THREADS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        print(f"{self.n} answers, {sum(self.n_lies.values())} lies ({dict(self.n_lies)}), "
              f"{self.n_shown} of {self.n_true} true sentences shown")
        for question, text in self.lost[:20]:
            print("lost:", question, "|", text)
        for kind, question, fact in self.shown:
            print("shown:", kind, "|", question, "|", fact)
        self.assertEqual(len(self.shown), 0, "no lie is shown")
        self.assertGreaterEqual(self.n, ANSWERS)
        self.assertEqual(set(self.n_lies), set(LIES), "every kind of lie was told")
        self.assertGreaterEqual(self.n_shown, SHOWN * self.n_true)


if __name__ == "__main__":
    server.main()
