#!/usr/bin/env python3
"""An organisation's rules and registry by page: drafted, tried on the documents that are kept, put live, taken back;
the running server takes up what changes; what is refused, and who may."""
import json
import os
import unittest

import server
from review import OPERATIONS
from schema import Api

TEXT = "云澜市人民政府文件\n云政发〔2026〕1号\n关于做好防汛工作的通知\n各区人民政府：\n请到办事窗口办理，办事窗口八点开门。\n"
WORDS = {"id": "X-01", "severity": "warning", "title": "本市提法", "why": "按本市统一提法", "source": "云澜市2026年第3号",
         "status": "H", "checker": "dictionary", "params": {"words": {"办事窗口": "综合窗口"}}}
ORGAN = ["云澜市数据局", "市数据局", "云数", "city", "云澜市人民政府", "30"]


class RulesTest(server.ServerTest):
    def setUp(self):
        super().setUp()
        self.api = Api()
        self.me = self.as_("keeper")
        self.own = self.city.data + "/review"

    def fits(self, answer, method, path, status=200):
        self.assertEqual(answer.status, status, answer)
        schema, named = self.api.response(OPERATIONS[method, path], status)
        self.assertTrue(named, f"{method} {path} does not name {status}")
        self.assertEqual(self.api.problems(answer.json, schema["content"]["application/json"]["schema"]), [])
        return answer.json

    def draft(self, list_, *rows, note=""):
        body = {"list": list_, "rows": [{"was": was, "now": now} for was, now in rows], "note": note}
        return self.fits(self.me.post("/v1/review-changes", body), "POST", "/v1/review-changes", 201)

    def refuse(self, list_, *rows):
        body = {"list": list_, "rows": [{"was": was, "now": now} for was, now in rows]}
        return self.fits(self.me.post("/v1/review-changes", body), "POST", "/v1/review-changes", 422)

    def try_(self, change):
        return self.fits(self.me.post(f"/v1/review-changes/{change['id']}/try"), "POST",
                         "/v1/review-changes/{id}/try")["tried"]

    def live(self, change, reason="办公会同意"):
        return self.fits(self.me.post(f"/v1/review-changes/{change['id']}/live", {"reason": reason}), "POST",
                         "/v1/review-changes/{id}/live")

    def undo(self, change):
        return self.fits(self.me.post(f"/v1/review-changes/{change['id']}/undo", {"reason": "改错了"}), "POST",
                         "/v1/review-changes/{id}/undo")

    def put(self, list_, *rows):
        change = self.draft(list_, *rows)
        self.try_(change)
        return self.live(change)

    def review(self, text=TEXT):
        answer = self.me.post("/v1/reviews", {"text": text})
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def rules(self):
        return {r["id"]: r for r in self.fits(self.me.get("/v1/review-own"), "GET", "/v1/review-own")["rules"]}

    def rows(self, list_, **query):
        path = server.path_of("/v1/review-own/{list}", {"list": list_}, query)
        return self.fits(self.me.get(path), "GET", "/v1/review-own/{list}")

    def read(self, file):
        with open(f"{self.own}/{file}", encoding="utf-8") as f:
            return f.read()

    def write(self, file, text):
        os.makedirs(os.path.dirname(f"{self.own}/{file}"), exist_ok=True)
        with open(f"{self.own}/{file}", "w", encoding="utf-8") as f:
            f.write(text)

    def acts(self):
        records = self.as_("auditor").get("/v1/ledger?limit=200").json["records"]
        return [r["act"] for r in records if (r.get("act") or "").startswith("review.change")]

    # ------------------------------------------------------------- the whole way

    def test_from_draft_to_live_and_back(self):
        text = TEXT.replace("办事窗口", "接件窗口")
        words = {**WORDS, "params": {"words": {"接件窗口": "综合窗口"}}}
        self.review(text)
        before = set(self.rules())
        change = self.draft("rules", (None, words), note="统一提法")
        self.assertEqual((change["state"], change["tried"]), ("draft", None))
        self.assertNotIn("X-01", self.rules(), "a draft is not live")
        self.refused(self.me.post(f"/v1/review-changes/{change['id']}/live", {"reason": "同意"}), 409, "E_CONFLICT")
        tried = self.try_(change)
        self.assertGreaterEqual(tried["documents"], 1)
        self.assertEqual((tried["added"], tried["removed"], tried["unread"]), (2, 0, 0))
        place = tried["places"][0]
        self.assertEqual((place["what"], place["rule"], place["text"], place["suggest"], place["before"]),
                         ("added", "X-01", "接件窗口", "综合窗口", "请到"))
        self.refused(self.me.post(f"/v1/review-changes/{change['id']}/live", {"reason": " "}), 400, "E_INVALID")
        done = self.live(change)
        self.assertEqual((done["state"], done["reason"], done["decided_by"]), ("live", "办公会同意", "keeper"))
        self.assertEqual(set(self.rules()) - before, {"X-01"})
        self.assertEqual(json.loads(self.read("rules/own.jsonl").splitlines()[-1]), words)
        found = [f["text"] for f in self.review(text)["findings"] if f["rule"] == "X-01"]
        self.assertEqual(found, ["接件窗口"] * 2, "the running server has taken it up")
        self.assertEqual(self.undo(change)["state"], "undone")
        self.assertEqual(set(self.rules()), before)
        self.assertNotIn("X-01", {f["rule"] for f in self.review(text)["findings"]})
        self.refused(self.me.post(f"/v1/review-changes/{change['id']}/undo", {"reason": "再"}), 409)
        listed = self.fits(self.me.get("/v1/review-changes"), "GET", "/v1/review-changes")["changes"]
        self.assertEqual((listed[0]["undoes"], listed[0]["state"]), (change["id"], "live"))
        self.assertEqual(self.acts()[:3], ["review.change_undo", "review.change_live", "review.change_draft"])

    def test_a_rule_that_ships_is_switched_and_weighed(self):
        bad = TEXT.replace("1号", "01号")
        self.assertIn("B02", {f["rule"] for f in self.review(bad)["findings"]})
        change = self.draft("rules", (None, {"id": "B02", "on": False}))
        tried = self.try_(change)
        self.assertEqual((tried["added"], tried["removed"]), (0, 1))
        self.live(change)
        self.assertFalse(self.rules()["B02"]["on"])
        self.assertNotIn("B02", {f["rule"] for f in self.review(bad)["findings"]})
        lighter = self.draft("rules", ({"id": "B02", "on": False}, {"id": "B02", "severity": "hint"}))
        self.assertEqual(self.try_(lighter)["added"], 1)
        self.live(lighter)
        self.assertEqual([f["severity"] for f in self.review(bad)["findings"] if f["rule"] == "B02"], ["hint"])
        again = self.draft("rules", ({"id": "B02", "severity": "hint"}, None))
        tried = self.try_(again)
        self.assertEqual((tried["added"], tried["removed"], tried["altered"]), (0, 0, 1))
        self.live(again)
        self.assertIsNone(self.rules()["B02"]["own"])

    def test_rows_of_the_registry(self):
        self.write("organs.tsv", "# 机构名录\n云澜市民政局\t市民政局\t云民\tcity\t云澜市人民政府\t10\n")
        change = self.put("organs", (None, ORGAN))
        self.assertEqual(self.read("organs.tsv"),
                         "# 机构名录\n云澜市民政局\t市民政局\t云民\tcity\t云澜市人民政府\t10\n" + "\t".join(ORGAN) + "\n")
        got = self.rows("organs", q="数据局")
        self.assertEqual((got["total"], got["rows"]), (1, [{"line": 3, "cells": ORGAN}]))
        later = ORGAN[:5] + ["5"]
        self.put("organs", (ORGAN, later))
        self.assertEqual(self.rows("organs", q="数据局")["rows"][0]["cells"], later)
        message = self.refused_undo(change)
        self.assertIn("改过", message)
        self.put("organs", (later, None))
        self.assertEqual(self.rows("organs")["total"], 1)
        self.assertIn("# 机构名录\n", self.read("organs.tsv"))

    def refused_undo(self, change):
        answer = self.me.post(f"/v1/review-changes/{change['id']}/undo", {"reason": "退回"})
        return self.fits(answer, "POST", "/v1/review-changes/{id}/undo", 422)["error"]["message"]

    def test_words_of_the_registry_are_found(self):
        self.put("terms", (None, ["forbidden", "老大难单位", "", "不用这样的说法"]))
        self.assertEqual(self.rows("terms", q="老大难")["total"], 1)
        found = self.review("各单位要帮助老大难单位改进工作。\n")["findings"]
        self.assertIn("老大难单位", {f["text"] for f in found})

    # ---------------------------------------------------------------- refusals

    def test_what_is_wrong_is_told_at_its_row(self):
        good, bad = ORGAN[:1] + [""] * 5, ["云澜市某局", "", "", "", "", "第三"]
        got = self.refuse("organs", (None, ["云澜市甲局"]), (None, bad))
        self.assertEqual((got["trouble"]["row"], got["trouble"]["file"]), (1, "organs.tsv"))
        self.assertIn("排序", got["trouble"]["message"])
        self.assertNotIn("/", got["error"]["message"])
        for row in (["a\tb"], ["a\nb"], ["# x"], [""], ["x" * 2001], ["1"] * 10, [7], {"a": 1}, "x"):
            self.assertEqual(self.refuse("organs", (None, good), (None, row))["trouble"]["row"], 1, row)
        self.assertEqual(self.refuse("people", (None, ["张三"]))["trouble"]["row"], 0)
        self.assertIn("种类", self.refuse("terms", (None, ["none", "a", "b"]))["trouble"]["message"])
        self.assertEqual(self.refuse("organs", (["没有的局"], good))["error"]["code"], "E_CONFLICT")
        self.assertEqual(self.refuse("organs", (None, None))["trouble"]["row"], 0)

    def test_rules_that_cannot_be_are_refused(self):
        rules = (
            ({**WORDS, "id": "Y-1"}, "X-"), ({**WORDS, "id": "B99"}, "X-"), ({"id": "X-"}, "X-"), ({}, "X-"),
            ({**WORDS, "checker": "model"}, "检查方法"), ({**WORDS, "checker": "no"}, "检查方法"),
            ({**WORDS, "params": {"words": {}}}, "没有词"), ({**WORDS, "severity": "bad"}, "severity"),
            ({**WORDS, "title": ""}, "title"), ({**WORDS, "from": "明天"}, "YYYY"),
            ({**WORDS, "checker": "pattern", "params": {"match": "("}}, "X-01"),
            ({"id": "B02", "title": "改名"}, "只能开关"), ({"id": "B12", "on": False}, "密级"),
            ({**WORDS, "params": {"file": "../../record.db"}}, "文件名"), ({**WORDS, "why": "长" * 30000}, "KB"),
        )
        for rule, word in rules:
            got = self.refuse("rules", (None, rule))
            self.assertIn(word, got["trouble"]["message"], rule)
            self.assertEqual(got["trouble"]["row"], 0, got)
        twice = self.refuse("rules", (None, WORDS), (None, WORDS))
        self.assertIn("两次", twice["trouble"]["message"])
        for body in ({"list": "laws", "rows": []}, {"list": "rules"}, {"list": "rules", "rows": []},
                     {"list": "rules", "rows": [{"was": None, "now": WORDS}] * 501}):
            self.refused(self.me.post("/v1/review-changes", body), 400, "E_INVALID")
        self.refused(self.me.get("/v1/review-own/rules"), 404)
        self.refused(self.me.get("/v1/review-own/none"), 404)

    def test_a_pattern_that_runs_away_ends(self):
        rule = {**WORDS, "id": "X-99", "checker": "pattern", "params": {"match": "(一+)+二"}}
        self.review("一" * 4000 + "\n")
        change = self.draft("rules", (None, rule))
        tried = self.try_(change)
        self.assertLess(tried["ms"], 30000)
        self.assertEqual(self.me.delete(f"/v1/review-changes/{change['id']}").status, 200)
        self.refused(self.me.post(f"/v1/review-changes/{change['id']}/try"), 409)

    def test_what_was_tried_is_what_goes_live(self):
        one = self.draft("terms", (None, ["preferred", "甲办法", "乙办法"]))
        self.try_(one)
        self.put("terms", (None, ["preferred", "丙办法", "丁办法"]))
        message = self.refused(self.me.post(f"/v1/review-changes/{one['id']}/live", {"reason": "同意"}), 409)
        self.assertIn("再试一次", message)
        self.try_(one)
        self.live(one)
        texts = [r["cells"] for r in self.rows("terms")["rows"]]
        self.assertIn(["preferred", "甲办法", "乙办法"], texts)

    # ------------------------------------------------------------ files by hand

    def test_files_changed_by_hand_are_taken_up_and_broken_ones_told(self):
        self.addCleanup(self.write, "rules/hand.jsonl", "")
        self.write("rules/hand.jsonl", json.dumps({**WORDS, "id": "X-50"}, ensure_ascii=False) + "\n")
        self.assertIn("X-50", self.rules())
        self.assertIn("X-50", {f["rule"] for f in self.review()["findings"]})
        self.write("rules/hand.jsonl", '{"id":"X-50"\n')
        shown = self.fits(self.me.get("/v1/review-own"), "GET", "/v1/review-own")
        self.assertEqual((shown["trouble"]["file"], shown["trouble"]["line"]), ("rules/hand.jsonl", 1))
        self.assertIn("X-50", {f["rule"] for f in self.review()["findings"]}, "what was there stays in use")
        self.write("rules/hand.jsonl", "")
        self.assertNotIn("X-50", self.rules())
        self.assertIsNone(self.me.get("/v1/review-own").json["trouble"])

    # ------------------------------------------------------------------- people

    def test_only_those_who_keep_the_rules_change_them(self):
        body = {"list": "terms", "rows": [{"was": None, "now": ["preferred", "天", "地"]}]}
        for role in ("operator", "auditor"):
            who = self.as_(role)
            self.assertEqual(who.get("/v1/review-own").status, 200)
            self.assertEqual(who.get("/v1/review-own/terms").status, 200)
            self.refused(who.post("/v1/review-changes", body), 403)
        self.assertEqual(self.as_("administrator").post("/v1/review-changes", body).status, 201)
        self.refused(self.anyone.get("/v1/review-own"), 401)
        self.refused(self.anyone.post("/v1/review-changes", body), 401)

    def test_places_in_documents_of_others_bear_no_name(self):
        text = "独一无二的措辞在这里。\n"
        answer = self.as_("operator").post("/v1/reviews", {"text": text, "name": "坐席的文件"})
        self.assertEqual(answer.status, 201)
        rule = {**WORDS, "id": "X-77", "params": {"words": {"独一无二的措辞": "通常的措辞"}}}
        tried = self.try_(self.draft("rules", (None, rule)))
        self.assertEqual([(p["review"], p["name"], p["text"]) for p in tried["places"]], [(0, "", "独一无二的措辞")])

    def test_nothing_is_left_of_a_trial(self):
        self.try_(self.draft("terms", (None, ["preferred", "某词", "另词"])))
        self.write("rules/stays.jsonl", "")
        self.try_(self.draft("rules", (None, {**WORDS, "id": "X-60"})))
        left = server.eventually(lambda: not [f for f in os.listdir(self.city.data + "/upload") if f.startswith("rules-")])
        self.assertTrue(left)
        self.assertTrue(os.path.isfile(self.own + "/rules/stays.jsonl"), "what the links led to is still there")


if __name__ == "__main__":
    unittest.main()
