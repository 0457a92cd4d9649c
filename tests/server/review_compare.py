#!/usr/bin/env python3
"""Two versions of a document over HTTP: two uploads, the original and the mended or signed copy; what is refused."""
import unittest
from urllib.parse import quote

import server
from review import DOCX, OPERATIONS, demo
from schema import Api

AT = "/v1/reviews/{id}/compare"


class CompareTest(server.ServerTest):
    more_accounts = (("second", "keeper"),)
    settings = (("site.sponsor", "云澜市人民政府办公室"),)

    def setUp(self):
        super().setUp()
        self.api = Api()
        self.me = self.as_("keeper")

    def send(self, body, name, who=None):
        answer = (who or self.me).call("POST", "/v1/reviews?name=" + quote(name), body, headers={"Content-Type": DOCX})
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def compared(self, review, other):
        answer = self.me.get(f"/v1/reviews/{review['id']}/compare?with={other}")
        self.assertEqual(answer.status, 200, answer)
        schema, _ = self.api.response(OPERATIONS["GET", AT], 200)
        self.assertEqual(self.api.problems(answer.json, schema["content"]["application/json"]["schema"]), [])
        return answer.json

    def whole(self, got, *kinds):
        return ["".join(p["text"] for p in row["pieces"] if p["kind"] in kinds) for row in got["rows"]]

    def test_two_uploads(self):
        a, b = "第一段。\n请于2026年3月1日前报送。\n要删的一段话语。\n", "第一段。\n请于2026年5月1日前报送。\n完全不同的新写内容在此。\n"
        first = self.me.post("/v1/reviews", {"text": a}).json
        second = self.me.post("/v1/reviews", {"text": b}).json
        got = self.compared(first, second["id"])
        self.assertEqual((got["changes"], got["changed"], got["inserted"], got["deleted"]), (3, 1, 1, 1))
        self.assertEqual([r["change"] for r in got["rows"]], [0, 1, 2, 3])
        self.assertEqual([(p["kind"], p["text"]) for p in got["rows"][1]["pieces"]],
                         [("same", "请于2026年"), ("deleted", "3"), ("inserted", "5"), ("same", "月1日前报送。")])
        self.assertEqual((got["from"]["id"], got["to"]["id"]), (first["id"], second["id"]))
        back = self.compared(second, first["id"])
        self.assertEqual((back["inserted"], back["deleted"]), (1, 1))

    def test_the_original_and_the_mended_copy(self):
        review = self.send(demo("16"), "养犬方案.docx")
        same = self.compared(review, "fixed")
        self.assertEqual((same["changes"], same["page"]), (0, []), "nothing was accepted yet")
        mine = [f for f in review["findings"] if f["mend"]]
        answer = self.me.post(f"/v1/reviews/{review['id']}/decisions",
                              {"findings": [f["finding"] for f in mine], "act": "accept"})
        self.assertEqual(answer.status, 200, answer)
        got = self.compared(review, "fixed")
        self.assertGreater(got["changed"], 0)
        self.assertEqual(got["to"]["what"], "fixed")
        texts = [p["text"] for p in review["paragraphs"]]
        self.assertEqual([t for t in self.whole(got, "same", "deleted") if t][:len([t for t in texts if t])],
                         [t for t in texts if t], "the original is all there")
        words = [f for f in mine if f["mend"] == "text"]
        paras = {f["para"] for f in words}
        changed = {r["a"] for r in got["rows"] if any(p["kind"] != "same" for p in r["pieces"])}
        self.assertEqual(changed - paras, set(), [r for r in got["rows"] if r["change"]])
        self.refused(self.me.get(f"/v1/reviews/{review['id']}/compare?with=signed"), 409, "E_CONFLICT")
        self.me.post(f"/v1/reviews/{review['id']}/sign", {"digest": review["digest"]})
        signed = self.compared(review, "signed")
        self.assertEqual(signed["rows"], got["rows"])

    def test_layout_is_told_in_words(self):
        a = self.send(demo("16"), "a.docx")
        b = self.send(demo("16", "@page{top=20}"), "b.docx")
        got = self.compared(a, b["id"])
        self.assertIn("上边距由37毫米改为20毫米", got["page"])
        self.assertEqual(got["changes"], 0, "the words and paragraphs are the same")

    def test_what_is_refused(self):
        mine = self.me.post("/v1/reviews", {"text": "一段话。"}).json
        other = self.as_("second").post("/v1/reviews", {"text": "别人的话。"}).json
        at = f"/v1/reviews/{mine['id']}/compare"
        self.refused(self.me.get(at), 400, "E_INVALID")
        self.refused(self.me.get(at + "?with=x"), 400, "E_INVALID")
        self.refused(self.me.get(f"{at}?with={mine['id']}"), 400, "E_INVALID")
        self.refused(self.me.get(f"{at}?with={other['id']}"), 404, "E_NOTFOUND")
        self.refused(self.me.get(f"/v1/reviews/{other['id']}/compare?with={mine['id']}"), 404, "E_NOTFOUND")
        self.refused(self.me.get(at + "?with=999999"), 404, "E_NOTFOUND")
        self.refused(self.me.get(at + "?with=fixed"), 400, "E_INVALID")
        self.refused(self.anyone.get(at + "?with=1"), 401)


if __name__ == "__main__":
    unittest.main()
