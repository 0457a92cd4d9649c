#!/usr/bin/env python3
"""share/openapi.json against the server: the same routes and roles, and every response as described.

Each call goes through `ask_for`, which checks the response against the description and keeps count; the last test
demands that every operation has been seen with its success and with each error it lists.
"""
import glob
import hashlib
import json
import os
import re
import shutil

import models
import review
import server
from schema import Api
from model import ModelServer
from server import QUESTION, SOURCE, Client, Server, Stream, path_of

API = Api()
OPERATIONS = dict(API.operations())
SEEN = set()  # (method, path, status)
SESSION = "A" * 22  # well-formed, and nobody's


def routes_of_source():
    """{(method, path): {roles}} as the tables in src/server have them."""
    routes = {}
    for name in glob.glob(SOURCE + "/src/server/*.c"):
        with open(name, encoding="utf-8") as f:
            text = f.read()
        for method, path, rest in re.findall(
                r'\{\s*\.method = "(\w+)",\s*\.path = "([^"]+)",(.*?)\}(?=,\s|;|\s*\})', text, re.S):
            allow = re.search(r"\.allow = ([^,}]+)", rest)[1]
            roles = {r.lower() for r in re.findall(r"SM_FOR\((\w+)\)", allow)}
            if "SM_FOR_ALL_STAFF" in allow:
                roles |= set(server.ROLES)
            routes[method, path] = {"public"} if "public" in roles else roles
    return routes


class ApiTest(server.ServerTest):
    more_accounts = (("second", "operator"), ("changes", "keeper"))
    settings = (("site.demo", "yes"), ("site.sponsor", "云澜市人民政府办公室"))

    def ask_for(self, who, method, path, status, names=None, query=None, body=None, raw=None, headers=None):
        """The call, its response checked; the body's JSON (None of a stream)."""
        operation = OPERATIONS[method, path]
        if body is not None and status < 300:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.assertEqual(API.problems(body, schema), [], "the test's own body")
        data = raw if raw is not None else body if body is not None or method != "POST" else {}
        return self.fits(who.call(method, path_of(path, names, query), data, headers=headers), method, path, status)

    def fits(self, answer, method, path, status):
        """The answer is as described; its JSON."""
        operation = OPERATIONS[method, path]
        self.assertEqual(answer.status, status, f"{method} {path}: {answer}")
        described, named = API.response(operation, status)
        self.assertTrue(named or status >= 400, f"{method} {path} does not list {status}")
        self.assertEqual(answer.header("Content-Type"), "application/json; charset=utf-8")
        self.assertEqual(answer.header("X-Content-Type-Options"), "nosniff")
        self.assertEqual(answer.header("Cache-Control"), "no-store")
        found = API.problems(answer.json, described["content"]["application/json"]["schema"])
        self.assertEqual(found, [], f"{method} {path} {status}")
        if status >= 400:
            self.refused(answer, status)
        SEEN.add((method, path, status))
        return answer.json

    # ------------------------------------------------------------------ the file

    def test_file_and_server_have_the_same_routes(self):
        source = routes_of_source()
        self.assertGreater(len(source), 30, "the pattern no longer finds the tables")
        self.assertEqual(set(source), set(OPERATIONS))
        described = {key: set(o["x-roles"]) for key, o in OPERATIONS.items()}
        self.assertEqual(source, described)

    def test_file_describes_every_parameter_of_its_paths(self):
        for (method, path), operation in OPERATIONS.items():
            in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            self.assertEqual(set(re.findall(r"\{(\w+)\}", path)), in_path, f"{method} {path}")

    # -------------------------------------------------------------------- public

    def test_place(self):
        self.assertTrue(self.ask_for(self.anyone, "GET", "/v1/health", 200)["ok"])
        site = self.ask_for(self.anyone, "GET", "/v1/site", 200)
        self.assertEqual((site["city"], site["demo"], site["today"]), ("云澜市", True, "2026-11-23"))

    def test_ask(self):
        who = self.anyone
        reply = self.ask_for(who, "POST", "/v1/ask", 200, body={"text": QUESTION})
        self.assertEqual((reply["act"], reply["state"], len(reply["session"])), ("answer", "machine", 22))
        self.assertGreater(reply["record"], 0)
        for text in ("户口", "你好", "帮我写一首关于春天的诗", "我不想活了", "怎么申请低保", "我要转人工", "收费吗", ""):
            self.ask_for(who, "POST", "/v1/ask", 200, body={"text": text, "session": "new", "test": True})
        whole = {"text": QUESTION, "session": reply["session"], "region": "江北区", "audience": "自然人",
                 "as_of": "2026-11-01", "test": True}
        self.assertEqual(self.ask_for(who, "POST", "/v1/ask", 200, body=whole)["session"], reply["session"])
        self.ask_for(who, "POST", "/v1/ask", 400, body={"session": "new"})
        self.ask_for(who, "POST", "/v1/ask", 400, body={"text": "x", "as_of": "morgen"})
        self.ask_for(who, "POST", "/v1/ask", 404, body={"text": "x", "session": SESSION})
        self.ask_for(who, "POST", "/v1/ask", 413, raw=b" " * ((1 << 20) + 1))

    def test_ask_as_events(self):
        body = json.dumps({"text": QUESTION}).encode()
        stream = Stream(self.server, "/v1/ask", body=body)
        self.assertTrue(stream.wait(lambda e: e[0] == "reply"))
        self.assertTrue(server.eventually(lambda: stream.over), "the stream ends")
        schemas = API.doc["components"]["schemas"]
        start, *claims, reply = stream.events
        self.assertEqual([start[0], reply[0], {e[0] for e in claims}], ["start", "reply", {"claim"}])
        self.assertEqual(API.problems(reply[2], schemas["Reply"]), [])
        self.assertEqual([e[2] for e in claims], reply[2]["claims"])
        self.assertEqual({k: v for k, v in reply[2].items() if k not in ("answer", "claims")}, start[2])
        stream.close()

    def test_every_citation_opens(self):
        n = 0
        for text in (QUESTION, "新生儿上户口收费吗", "新生儿上户口在哪里办", "新生儿上户口依据什么规定", "注销户口", "投靠落户",
                     "人才引进落户的条件", "户口迁往市外多久办好", "分户怎么办理"):
            reply = self.anyone.ask(text)
            for claim in reply["claims"]:
                self.assertTrue(claim["cites"], f"{text}: {claim['text']} stands on nothing")
                for cite in claim["cites"]:
                    self.opens(cite)
                    n += 1
        self.assertGreater(n, 15, "hardly anything was cited")

    def opens(self, cite):
        document = self.ask_for(self.anyone, "GET", "/v1/documents/{id}", 200, {"id": cite["doc"]},
                                {"digest": cite["digest"]})
        clause = next(c for c in document["clauses"] if c["digest"] == cite["digest"])
        self.assertEqual(clause["path"], cite["clause"])
        text, quote = clause["text"].encode(), cite["quote"].encode()
        self.assertTrue(quote)
        self.assertEqual(text[cite["pos"]:cite["pos"] + len(quote)], quote)
        if "sm3" in hashlib.algorithms_available:
            self.assertEqual(hashlib.new("sm3", text).hexdigest(), cite["digest"])
        one = self.ask_for(self.anyone, "GET", "/v1/clauses", 200,
                           query={"doc": cite["doc"], "path": cite["clause"], "digest": cite["digest"]})
        self.assertEqual(one["clause"], clause)

    def test_reading(self):
        who = self.anyone
        for kind in ("item", "policy", "law"):
            self.ask_for(who, "GET", "/v1/search", 200, query={"kind": kind, "q": "户口", "top": 3})
        self.assertTrue(self.ask_for(who, "GET", "/v1/search", 200, query={"q": "新生儿"})["hits"])
        self.ask_for(who, "GET", "/v1/search", 400, query={"kind": "item"})
        self.ask_for(who, "GET", "/v1/search", 400, query={"q": "x", "top": 101})
        items = self.ask_for(who, "GET", "/v1/items", 200)
        self.assertGreaterEqual(items["total"], 12)
        self.assertEqual(len(items["items"]), min(items["total"], 20))
        self.assertEqual(self.ask_for(who, "GET", "/v1/items", 200, query={"q": "新生儿", "size": 1})["total"], 1)
        self.assertEqual(self.ask_for(who, "GET", "/v1/items", 200, query={"page": 3, "size": 5})["items"][0]["id"],
                         items["items"][10]["id"])
        item = self.ask_for(who, "GET", "/v1/items/{code}", 200, {"code": "HJ-001"})
        self.assertEqual(item["item"]["name"], item["title"])
        self.ask_for(who, "GET", "/v1/items/{code}", 404, {"code": "HJ-999"})
        policy = self.ask_for(who, "GET", "/v1/search", 200, query={"kind": "policy", "q": "办法"})["hits"][0]
        self.ask_for(who, "GET", "/v1/items/{code}", 404, {"code": policy["id"]})
        document = self.ask_for(who, "GET", "/v1/documents/{id}", 200, {"id": policy["id"]})
        self.assertEqual(document["kind"], "policy")
        self.ask_for(who, "GET", "/v1/documents/{id}", 404, {"id": "P-none"})
        self.ask_for(who, "GET", "/v1/documents/{id}", 404, {"id": policy["id"]}, {"digest": "0" * 64})
        self.ask_for(who, "GET", "/v1/clauses", 400, query={"doc": policy["id"]})
        self.ask_for(who, "GET", "/v1/clauses", 404, query={"doc": policy["id"], "path": "第九十九条"})

    def test_feedback(self):
        who = self.anyone
        reply = who.ask(QUESTION, test=True)
        mine = {"session": reply["session"], "record": reply["record"], "verdict": "right"}
        self.ask_for(who, "POST", "/v1/feedback", 200, body=mine)
        self.ask_for(who, "POST", "/v1/feedback", 400, body={**mine, "verdict": "out"})
        other = who.ask(QUESTION, test=True)
        self.ask_for(who, "POST", "/v1/feedback", 403, body={**mine, "record": other["record"]})

    # -------------------------------------------------------------- conversations

    def test_conversation(self):
        who = self.anyone
        session = who.ask(QUESTION, test=True)["session"]
        here, nowhere = {"session": session}, {"session": SESSION}
        self.ask_for(who, "POST", "/v1/conversations/{session}/messages", 409, here, body={"text": "在吗"})
        self.ask_for(who, "POST", "/v1/conversations/{session}/messages", 404, nowhere, body={"text": "在吗"})
        called = self.ask_for(who, "POST", "/v1/conversations/{session}/handover", 200, here,
                              body={"contact": "13800000000", "test": True})
        self.assertEqual(called["state"], "waiting")
        self.ask_for(who, "POST", "/v1/conversations/{session}/handover", 404, nowhere, body={})
        big = json.dumps({"contact": "x" * 17000}).encode()
        self.ask_for(who, "POST", "/v1/conversations/{session}/handover", 413, here, raw=big)
        self.ask_for(who, "POST", "/v1/conversations/{session}/messages", 200, here, body={"text": "在吗"})
        self.ask_for(who, "POST", "/v1/conversations/{session}/messages", 400, here, body={"text": " "})
        self.ask_for(who, "POST", "/v1/conversations/{session}/messages", 413, here, raw=big)
        talk = self.ask_for(who, "GET", "/v1/conversations/{session}", 200, here)
        self.assertEqual([m["text"] for m in talk["messages"]], ["在吗"])
        self.ask_for(who, "GET", "/v1/conversations/{session}", 404, nowhere)
        self.ask_for(who, "GET", "/v1/conversations/{session}/events", 404, nowhere)
        self.stream_fits("/v1/conversations/{session}/events", here, {"state": None, "message": "Message"})
        self.ask_for(who, "DELETE", "/v1/conversations/{session}", 200, here)
        self.ask_for(who, "DELETE", "/v1/conversations/{session}", 404, here)

    def stream_fits(self, path, names, events, cookie=""):
        schemas = {None: {"type": "object", "properties": {"state": {"type": "string"}, "queue": {"type": "integer"},
                                                           "person": {"type": "string"}},
                          "required": ["state", "queue", "person"], "additionalProperties": False},
                   "Message": API.doc["components"]["schemas"]["Message"],
                   "desk": {"type": "object", "properties": {"waiting": {"type": "integer"}}, "required": ["waiting"],
                            "additionalProperties": False}}
        stream = Stream(self.server, path_of(path, names), cookie=cookie)
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.response.headers["Content-Type"], "text/event-stream; charset=utf-8")
        for event in events:
            self.assertTrue(stream.wait(lambda e, event=event: e[0] == event), event)
        for event, _, data in list(stream.events):
            self.assertEqual(API.problems(data, schemas[events[event]]), [], event)
        stream.close()
        SEEN.add(("GET", path, 200))

    # --------------------------------------------------------------------- staff

    def test_login(self):
        who = self.anyone
        login = self.ask_for(who, "POST", "/v1/login", 200, body={"name": "changes", "password": server.PASSWORD})
        self.assertEqual(login["user"]["role"], "keeper")
        self.ask_for(who, "POST", "/v1/login", 401, body={"name": "nobody", "password": "x"})
        self.ask_for(who, "GET", "/v1/me", 401)
        who.login("changes")
        self.assertEqual(self.ask_for(who, "GET", "/v1/me", 200)["user"]["name"], "changes")
        new = server.PASSWORD + "8"
        self.ask_for(who, "POST", "/v1/me/password", 403, body={"old": "wrong", "new": new})
        self.ask_for(who, "POST", "/v1/me/password", 400, body={"old": server.PASSWORD, "new": "short"})
        self.ask_for(who, "POST", "/v1/me/password", 200, body={"old": server.PASSWORD, "new": new})
        self.ask_for(who, "POST", "/v1/logout", 200)

    def test_accounts(self):
        who = self.as_("administrator")
        self.ask_for(who, "GET", "/v1/users", 200)
        new = {"name": "ling", "display": "凌", "role": "keeper", "department": "市公安局"}
        made = self.ask_for(who, "POST", "/v1/users", 200, body=new)
        user = {"id": made["user"]["id"]}
        self.assertTrue(made["user"]["must_change"])
        self.ask_for(who, "POST", "/v1/users", 409, body=new)
        self.ask_for(who, "POST", "/v1/users", 400, body={"name": "x", "role": "king"})
        changed = self.ask_for(who, "POST", "/v1/users/{id}", 200, user, body={"display": "凌云", "disabled": True})
        self.assertEqual((changed["user"]["display"], changed["user"]["disabled"]), ("凌云", True))
        self.ask_for(who, "POST", "/v1/users/{id}", 400, user, body={"role": "king"})
        self.ask_for(who, "POST", "/v1/users/{id}", 404, {"id": 999}, body={"display": "x"})
        self.ask_for(who, "POST", "/v1/users/{id}/reset", 200, user)
        self.ask_for(who, "POST", "/v1/users/{id}/reset", 404, {"id": 999})
        admins = [u for u in self.ask_for(who, "GET", "/v1/users", 200)["users"] if u["role"] == "administrator"]
        for admin in admins[1:]:
            self.ask_for(who, "POST", "/v1/users/{id}", 200, {"id": admin["id"]}, body={"disabled": True})
        mine = {"id": admins[0]["id"]}
        self.ask_for(who, "POST", "/v1/users/{id}", 409, mine, body={"role": "auditor"})

    def test_desk(self):
        who, other = self.as_("operator"), self.as_("second")
        citizen = self.anyone
        session = citizen.ask("怎么申请低保")["session"]
        for state in ("waiting", "taken", "closed", "all"):
            self.ask_for(who, "GET", "/v1/desk", 200, query={"state": state, "department": "", "limit": 5})
        queue = self.ask_for(who, "GET", "/v1/desk", 200, query={"state": "waiting"})["handovers"]
        one = {"id": next(h["id"] for h in queue if h["session_short"] == session[:6])}
        none = {"id": 99999}
        doing = {"take": {}, "answer": {"text": "请到窗口"}, "forward": {"department": "市民政局", "note": "低保"},
                 "close": {"outcome": "answered"}}
        for act, body in doing.items():
            self.ask_for(who, "POST", "/v1/desk/{id}/" + act, 404, none, body=body)
        for act in ("answer", "forward", "close"):  # nobody has it yet
            self.ask_for(who, "POST", "/v1/desk/{id}/" + act, 409, one, body=doing[act])
            self.ask_for(who, "POST", "/v1/desk/{id}/" + act, 400, one, body={})
        self.ask_for(who, "POST", "/v1/desk/{id}/take", 200, one, body={})
        self.ask_for(other, "POST", "/v1/desk/{id}/take", 409, one, body={})
        self.ask_for(who, "POST", "/v1/desk/{id}/answer", 200, one, body=doing["answer"])
        self.ask_for(who, "GET", "/v1/desk/{id}", 200, one)
        self.ask_for(who, "GET", "/v1/desk/{id}", 404, none)
        self.ask_for(who, "POST", "/v1/desk/{id}/forward", 200, one, body=doing["forward"])
        self.ask_for(who, "POST", "/v1/desk/{id}/take", 200, one, body={})
        self.ask_for(who, "POST", "/v1/desk/{id}/close", 200, one, body=doing["close"])
        self.stream_fits("/v1/desk/events", None, {"desk": "desk"}, who.cookie)

    def test_unanswered(self):
        who = self.as_("keeper")
        record = self.anyone.ask("宠物狗怎么办证")["record"]
        groups = self.ask_for(who, "GET", "/v1/unanswered", 200, query={"limit": 100})["groups"]
        self.assertIn(record, [r["record"] for g in groups for r in g["records"]])
        judged = {"records": [record], "verdict": "chose:HJ-001"}
        self.ask_for(who, "POST", "/v1/unanswered", 400, body={**judged, "verdict": "right"})
        self.ask_for(who, "POST", "/v1/unanswered", 400, body={**judged, "records": []})
        self.ask_for(who, "POST", "/v1/unanswered", 404, body={**judged, "verdict": "chose:XX-1"})
        self.ask_for(who, "POST", "/v1/unanswered", 404, body={**judged, "records": [99999]})
        self.ask_for(who, "POST", "/v1/unanswered", 200, body=judged)
        groups = self.ask_for(who, "GET", "/v1/unanswered", 200)["groups"]
        self.assertNotIn(record, [r["record"] for g in groups for r in g["records"]])

    def test_corpus_and_tasks(self):
        who = self.as_("keeper")
        for kind in ("item", "policy", "law"):
            self.ask_for(who, "GET", "/v1/corpus", 200, query={"kind": kind})
        found = self.ask_for(who, "GET", "/v1/corpus", 200, query={"kind": "item", "q": "新生儿", "page": 1, "size": 5})
        self.assertEqual(found["documents"][0]["id"], "HJ-001")
        for query in (None, {"version": 1}):
            document = self.ask_for(who, "GET", "/v1/corpus/{id}", 200, {"id": "HJ-001"}, query)
            self.assertEqual([(h["version"], h["revision"]) for h in document["history"]], [(1, 1)])
            self.assertRegex(document["history"][0]["source"], r"^items\.jsonl$")
            self.assertTrue(document["notes"])
        self.ask_for(who, "GET", "/v1/corpus/{id}", 404, {"id": "HJ-001"}, {"version": 2})
        self.ask_for(who, "GET", "/v1/corpus/{id}", 404, {"id": "HJ-999"})
        done = who.job(who.post("/v1/checks"))
        self.assertEqual(done["state"], "done")
        tasks = self.ask_for(who, "GET", "/v1/tasks", 200)
        self.assertFalse(tasks["stale"])
        kind = next(k for k in tasks["kinds"] if k["n"])
        some = self.ask_for(who, "GET", "/v1/tasks", 200, query={"kind": kind["kind"]})["tasks"]
        self.assertEqual(len(some), kind["n"])
        self.ask_for(who, "GET", "/v1/tasks", 400, query={"kind": "nonsense"})
        self.ask_for(who, "POST", "/v1/tasks/{id}/settle", 200, {"id": some[0]["id"]}, body={"note": "已核"})
        self.ask_for(who, "POST", "/v1/tasks/{id}/settle", 404, {"id": 99999}, body={"note": "已核"})
        settled = self.ask_for(who, "GET", "/v1/tasks", 200, query={"settled": "1", "kind": kind["kind"]})["tasks"]
        self.assertIn((some[0]["id"], "已核", "keeper"), [(t["id"], t["note"], t["settled_by"]) for t in settled])

    def test_jobs(self):
        who = self.as_("keeper")
        item = json.dumps({"code": "ZZ-001", "name": "试"}).encode()
        upload = {"kind": "item", "name": "试.jsonl"}
        for name in ("", "../x", ".x", "a/b", "x" * 201):
            self.ask_for(who, "POST", "/v1/import", 400, query={"kind": "item", "name": name}, raw=item)
        self.ask_for(who, "POST", "/v1/import", 400, query={**upload, "kind": "song"}, raw=item)
        job = self.ask_for(who, "POST", "/v1/import", 202, query=upload, raw=item)["job"]
        self.ask_for(who, "GET", "/v1/jobs/{id}", 200, {"id": job})
        self.ask_for(who, "GET", "/v1/jobs/{id}", 404, {"id": 99999})
        # Enough to be longest in work while the queue fills up.
        with open(self.city.folder + "/items.jsonl", encoding="utf-8") as f:
            like = json.loads(f.readline())
        many = "\n".join(json.dumps({**like, "code": f"ZZ-{i:04}", "name": f"第{i}件"}, ensure_ascii=False)
                         for i in range(60)).encode()
        self.ask_for(who, "POST", "/v1/import", 202, query=upload, raw=many)
        jobs, full = [], set()
        for _ in range(200):
            for path, query in (("/v1/checks", None), ("/v1/import", upload)):
                answer = who.post(path_of(path, None, query), item if query else {})
                if answer.status == 503:
                    self.fits(answer, "POST", path, 503)
                    full.add(path)
                else:
                    jobs.append(self.job_of(answer, path))
            if len(full) == 2:
                break
        self.assertEqual(len(full), 2, "the queue of jobs is never full")
        self.assertTrue(server.eventually(lambda: all(
            who.get("/v1/jobs/" + j).json.get("state") != "running" for j in jobs[-3:])))
        self.ask_for(who, "GET", "/v1/jobs/{id}", 200, {"id": jobs[-1]})

    def job_of(self, answer, path):
        self.assertEqual(answer.status, 202, answer)
        described, _ = API.response(OPERATIONS["POST", path], 202)
        self.assertEqual(API.problems(answer.json, described["content"]["application/json"]["schema"]), [])
        SEEN.add(("POST", path, 202))
        return answer.json["job"]

    def test_import_too_large(self):
        answer = self.as_("keeper").post("/v1/import?kind=item&name=x.jsonl", b"", headers={
            "Content-Length": str((64 << 20) + 1)})
        self.refused(answer, 413, "E_LIMIT")
        SEEN.add(("POST", "/v1/import", 413))

    # -------------------------------------------------------------------- drafts

    def test_drafts(self):
        who, path = self.as_("keeper"), "/v1/drafts"
        ask = {"description": "给各区政府发通知，要求10月底前完成老旧电梯排查"}
        self.assertFalse(self.ask_for(who, "POST", path, 200, body={"description": "关于电梯的事"})["clear"])
        got = self.ask_for(who, "POST", path, 200, body=ask)
        self.ask_for(who, "POST", path, 400, body={})
        self.ask_for(who, "POST", path, 413, body={"description": "通知" * 2001})
        edited = {"ask": ask, "elements": got["elements"], "body": got["body"]}
        answer = who.post(path + "/docx", edited)
        self.assertEqual((answer.status, answer.body[:2]), (200, b"PK"), answer)
        SEEN.add(("POST", path + "/docx", 200))
        self.ask_for(who, "POST", path + "/docx", 400, body={**edited, "body": 1})
        self.ask_for(who, "POST", path + "/docx", 413, raw=b" " * ((1 << 20) + 1))

    # -------------------------------------------------------------------- review

    def file_of(self, who, at, what, path):
        answer = who.get(f"{at}/{what}")
        self.assertEqual((answer.status, answer.body[:2]), (200, b"PK"), answer)
        SEEN.add(("GET", path + "/" + what, 200))

    def test_review(self):
        who, path = self.as_("keeper"), "/v1/reviews/{id}"
        binary = {"headers": {"Content-Type": "application/octet-stream"}}
        text = self.ask_for(who, "POST", "/v1/reviews", 201, body={"text": "认真贯彻落实，，做好2026年2月30日前的工作。"})
        self.ask_for(who, "POST", "/v1/reviews", 400, body={"text": ""})
        self.ask_for(who, "POST", "/v1/reviews", 403, body={"text": "机密★1年\n\n云政发〔2026〕1号\n\n关于某事的通知\n"})
        self.ask_for(who, "POST", "/v1/reviews", 413, query={"name": "x.docx"}, raw=bytes((32 << 20) + 1), **binary)
        self.ask_for(who, "POST", "/v1/reviews", 422, query={"name": "x.docx"}, raw=b"PK\x03\x04", **binary)
        docx = review.demo("16")
        got = self.ask_for(who, "POST", "/v1/reviews", 201, query={"name": "x.docx"}, raw=docx, **binary)
        self.assertEqual(self.ask_for(who, "GET", "/v1/reviews", 200, query={"limit": 1})["reviews"][0]["id"], got["id"])
        self.ask_for(who, "GET", "/v1/reviews", 400, query={"limit": 0})
        names, text_names, none = {"id": got["id"]}, {"id": text["id"]}, {"id": 99999}
        self.ask_for(who, "GET", path, 200, names)
        decide = {"finding": 0, "act": "dismiss_always", "reason": "本单位这样写"}
        self.ask_for(who, "POST", path + "/decisions", 200, names, body=decide)
        self.ask_for(who, "POST", path + "/decisions", 400, names, body={"finding": 0, "act": "eat"})
        self.ask_for(who, "POST", path + "/decisions", 404, none, body=decide)
        self.ask_for(who, "POST", path + "/decisions", 413, names, raw=b" " * (256 * 1024 + 1))
        never = self.ask_for(who, "GET", "/v1/reviews/rules", 200)["never"][0]["id"]
        self.ask_for(who, "DELETE", "/v1/reviews/rules/{id}", 200, {"id": never})
        self.ask_for(who, "DELETE", "/v1/reviews/rules/{id}", 404, {"id": never})
        for status, of in ((404, none), (400, text_names)):
            self.ask_for(who, "GET", path + "/fixed", status, of)
        for what in ("", "/report", "/signed"):
            self.ask_for(who, "GET", path + what, 404, none)
        self.ask_for(who, "GET", path + "/signed", 409, names)
        self.ask_for(who, "POST", path + "/sign", 409, names, body={"digest": "0"})
        self.ask_for(who, "POST", path + "/sign", 404, none, body={"digest": "0"})
        self.ask_for(who, "POST", path + "/sign", 400, names, raw=b"{")
        for one in (got, text):
            self.ask_for(who, "POST", path + "/sign", 200, {"id": one["id"]}, body={"digest": one["digest"]})
        self.ask_for(who, "POST", path + "/decisions", 409, names, body=decide)
        self.ask_for(who, "GET", path + "/signed", 400, text_names)
        for what in ("fixed", "report", "signed"):
            self.file_of(who, f"/v1/reviews/{got['id']}", what, path)

    def test_review_compare(self):
        who, path = self.as_("keeper"), "/v1/reviews/{id}/compare"
        a, b = (self.ask_for(who, "POST", "/v1/reviews", 201, body={"text": t}) for t in ("甲说明。", "乙说明。"))
        names = {"id": a["id"]}
        self.ask_for(who, "GET", path, 200, names, query={"with": b["id"]})
        self.ask_for(who, "GET", path, 400, names)
        self.ask_for(who, "GET", path, 404, names, query={"with": 99999})
        docx = self.ask_for(who, "POST", "/v1/reviews", 201, query={"name": "x.docx"}, raw=review.demo("16"),
                            headers={"Content-Type": "application/octet-stream"})
        self.ask_for(who, "GET", path, 409, {"id": docx["id"]}, query={"with": "signed"})

    def test_review_rules(self):
        who, path = self.as_("keeper"), "/v1/review-changes/{id}"
        organs, none = self.city.data + "/review/organs.tsv", {"id": 99999}
        os.makedirs(os.path.dirname(organs), exist_ok=True)
        self.addCleanup(shutil.rmtree, os.path.dirname(organs))

        def write(text):
            with open(organs, "w", encoding="utf-8") as f:
                f.write(text)

        def draft(was, now):
            body = {"list": "organs", "rows": [{"was": was, "now": now}], "note": "说明"}
            return {"id": self.ask_for(who, "POST", "/v1/review-changes", 201, body=body)["id"]}

        why = {"reason": "同意"}
        write("甲局\n")
        self.ask_for(who, "GET", "/v1/review-own", 200)
        self.ask_for(who, "GET", "/v1/review-own/{list}", 200, {"list": "organs"})
        self.ask_for(who, "GET", "/v1/review-own/{list}", 400, {"list": "organs"}, query={"page": 0})
        self.ask_for(who, "GET", "/v1/review-own/{list}", 404, {"list": "laws"})
        self.ask_for(who, "POST", "/v1/review-changes", 400, body={"list": "laws"})
        self.told(who, "POST", "/v1/review-changes", body={"list": "organs", "rows": [{"was": None, "now": [""]}]})
        one = draft(["甲局"], ["乙局"])
        self.ask_for(who, "POST", path + "/live", 409, one, body=why)
        self.ask_for(who, "POST", path + "/try", 200, one)
        self.ask_for(who, "POST", path + "/live", 400, one, body={"reason": " "})
        write("丙局\n")
        for what in ("try", "live"):
            self.told(who, "POST", path + "/" + what, one, body=why)
            self.ask_for(who, "POST", path + "/" + what, 404, none, body=why)
        self.ask_for(who, "DELETE", path, 200, one)
        self.ask_for(who, "DELETE", path, 409, one)
        self.ask_for(who, "DELETE", path, 404, none)
        self.ask_for(who, "POST", path + "/try", 409, one)
        two = draft(["丙局"], ["丁局"])
        self.ask_for(who, "POST", path + "/try", 200, two)
        self.ask_for(who, "POST", path + "/live", 200, two, body=why)
        self.ask_for(who, "POST", path + "/undo", 400, two, body={})
        self.ask_for(who, "POST", path + "/undo", 404, none, body=why)
        write("戊局\n")
        self.told(who, "POST", path + "/undo", two, body=why)
        write("丁局\n")
        self.ask_for(who, "POST", path + "/undo", 200, two, body=why)
        self.ask_for(who, "POST", path + "/undo", 409, two, body=why)
        self.ask_for(who, "GET", "/v1/review-changes", 200)

    def told(self, who, method, path, names=None, body=None):
        """422 with the row that is wrong."""
        answer = who.call(method, server.path_of(path, names), body)
        self.assertEqual(answer.status, 422, answer)
        described, _ = API.response(OPERATIONS[method, path], 422)
        schema = described["content"]["application/json"]["schema"]
        self.assertEqual(API.problems(answer.json, schema), [], path)
        self.assertEqual(answer.json["trouble"]["row"], 0)
        SEEN.add((method, path, 422))

    def test_audit(self):
        who = self.as_("auditor")
        self.anyone.ask(QUESTION)
        ledger = self.ask_for(who, "GET", "/v1/ledger", 200)
        last = self.ask_for(who, "GET", "/v1/ledger", 200, query={"limit": 1})["records"][0]["id"]
        self.assertEqual(ledger["total"], last)
        totals = [self.ask_for(who, "GET", "/v1/ledger", 200, query={"kind": kind})["total"]
                  for kind in ("ask", "act", "feedback")]
        self.assertEqual(sum(totals), last)
        for kind in ("ask", "act", "feedback"):
            some = self.ask_for(who, "GET", "/v1/ledger", 200, query={"kind": kind, "limit": 2})
            self.assertEqual({r["kind"] for r in some["records"]} - {kind}, set())
        older = self.ask_for(who, "GET", "/v1/ledger", 200, query={"before": last, "limit": 1})["records"]
        self.assertEqual(older[0]["id"], last - 1)
        asked = self.ask_for(who, "GET", "/v1/ledger", 200, query={"kind": "ask", "limit": 1})["records"][0]["id"]
        self.assertEqual(self.ask_for(who, "GET", "/v1/traces/{record}", 200, {"record": asked})["record"], asked)
        self.ask_for(who, "GET", "/v1/traces/{record}", 404, {"record": 99999999})
        self.ask_for(who, "GET", "/v1/traces/{record}", 400, {"record": "x"})
        self.ask_for(who, "GET", "/v1/ledger", 400, query={"kind": "song"})
        self.ask_for(who, "GET", "/v1/ledger", 400, query={"limit": 100000})
        self.assertTrue(self.ask_for(who, "POST", "/v1/ledger/verify", 200)["whole"])
        for role in server.ROLES:
            figures = self.ask_for(self.as_(role), "GET", "/v1/figures", 200, query={"days": 7})
            self.assertEqual(len(figures["days"]), 7)
        self.ask_for(who, "GET", "/v1/figures", 400, query={"days": 0})

    # -------------------------------------------------------------------- ground

    def test_ground(self):
        one = {"id": 1, "evidence": [{"id": "x", "title": "", "text": "承诺办结时限：5个工作日"}],
               "sentence": "承诺五个工作日办结。"}
        wrong = {**one, "id": "b", "sentence": "承诺五日办结。"}
        for role in server.ROLES:
            verdict = self.ask_for(self.as_(role), "POST", "/v1/ground", 200, body=one)
            self.assertEqual((verdict["id"], verdict["verdict"]), (1, "supported"))
        who = self.as_("auditor")
        both = self.ask_for(who, "POST", "/v1/ground", 200, body={"items": [one, wrong]})["items"]
        self.assertEqual([v["verdict"] for v in both], ["supported", "contradicted"])
        self.ask_for(who, "POST", "/v1/ground", 400, body={"items": [one, {}]})
        self.ask_for(who, "POST", "/v1/ground", 400, body={"items": 3})
        self.assertEqual(who.post("/v1/ground", {"items": [one] * 101}).status, 413)
        self.assertEqual(self.anyone.post("/v1/ground", one).status, 401)

    # -------------------------------------------------------------------- models

    def job_done(self, who, answer):
        job = server.eventually(lambda: (j := self.ask_for(who, "GET", "/v1/admin/jobs/{id}", 200, {"id": answer["job"]}))
                                ["state"] != "running" and j)
        self.assertEqual(job["state"], "done", job)
        return job["report"]

    def test_models(self):
        who, auditor = self.as_("administrator"), self.as_("auditor")
        far = ModelServer(prompts=SOURCE + "/share/model-eval.jsonl")
        self.addCleanup(far.close)
        new = {"name": "large", "source": far.url + "/v1", "remote_name": "good", "price_in": 0.002, "watts": 700,
               "slots": 8, "engine": {}}
        made = self.ask_for(who, "POST", "/v1/admin/models", 200, body=new)["model"]
        one, none = {"id": made["id"]}, {"id": 99999}
        self.assertEqual((made["state"], made["source"], made["probed"]), ("test", far.url, 0))
        self.ask_for(who, "POST", "/v1/admin/models", 409, body=new)
        for wrong in ({"source": "ftp://x"}, {"source": "http://a:b@x"}, {"key_from": "file:/etc/passwd"},
                      {"key_from": "env:HOME"}, {"key_from": "sk-abc"}, {"watts": -1}, {"watts": "viel"},
                      {"engine": {"lora": ["x=/y"]}}, {"slots": 1.5}, {"name": ""}):
            self.ask_for(who, "POST", "/v1/admin/models", 400, body={**new, "name": "other", **wrong})
        changed = self.ask_for(who, "POST", "/v1/admin/models/{id}", 200, one, body={
            "registration_no": "浙备-2026-1", "key_from": "env:SUNMAO_KEY_FAR"})["model"]
        self.assertEqual((changed["registration_no"], changed["watts"]), ("浙备-2026-1", 700))
        self.ask_for(who, "POST", "/v1/admin/models/{id}", 200, one, body={"key_from": ""})
        self.ask_for(who, "POST", "/v1/admin/models/{id}", 400, one, body={"key_from": "file:/etc/passwd"})
        self.ask_for(who, "POST", "/v1/admin/models/{id}", 404, none, body={})
        self.ask_for(who, "POST", "/v1/admin/models/{id}/promote", 409, one)
        self.ask_for(who, "POST", "/v1/admin/models/{id}/promote", 404, none)
        for act in ("test", "evaluate"):
            self.ask_for(who, "POST", "/v1/admin/models/{id}/" + act, 404, none)
        self.ask_for(who, "GET", "/v1/admin/jobs/{id}", 404, none)
        tested = self.job_done(who, self.ask_for(who, "POST", "/v1/admin/models/{id}/test", 202, one))["model"]
        others = {"structured", "guided", "pattern", "ebnf", "ground"}  # how vLLM, SGLang and our engine are held
        self.assertEqual({c for c, can in tested["capabilities"].items() if not can}, {"reasoning"} | others)
        self.assertEqual((tested["context"], tested["n_embd"]), (4096, 64))
        judged = self.job_done(who, self.ask_for(who, "POST", "/v1/admin/models/{id}/evaluate", 202, one))["evaluation"]
        self.assertEqual((judged["passed"], judged["quality"], judged["stands"]), (True, True, True), judged)
        shown = self.ask_for(auditor, "GET", "/v1/admin/models/{id}", 200, one)
        self.assertEqual(shown["evaluations"], [judged])
        self.ask_for(who, "GET", "/v1/admin/models/{id}", 404, none)
        promoted = self.ask_for(who, "POST", "/v1/admin/models/{id}/promote", 200, one)["model"]
        self.assertEqual(promoted["state"], "production")
        self.aliases(who, auditor, one, none)
        self.ask_for(who, "POST", "/v1/admin/models/{id}/retire", 200, one)
        self.ask_for(who, "POST", "/v1/admin/models/{id}/retire", 409, one)
        self.ask_for(who, "POST", "/v1/admin/models/{id}/retire", 404, none)
        self.ask_for(who, "POST", "/v1/admin/aliases/rollback", 409, body={"name": "chat-default"})
        self.assertIn("large", [m["name"] for m in self.ask_for(auditor, "GET", "/v1/admin/models", 200)["models"]])
        events = self.ask_for(auditor, "GET", "/v1/admin/model-events", 200, query={"limit": 2})["events"]
        self.assertEqual([(e["act"], e["before"]) for e in events][0], ("model.retire", "production"))
        self.ask_for(auditor, "GET", "/v1/admin/model-events", 400, query={"limit": 0})

    def aliases(self, who, auditor, one, none):
        path, target = "/v1/admin/aliases", {"model": one["id"], "weight": 100}
        new = {"name": "chat-default", "targets": [target]}
        made = self.ask_for(who, "POST", path, 200, body=new)["aliases"]
        self.assertEqual([(a["name"], a["scope_text"], a["targets"][0]["name"]) for a in made],
                         [("chat-default", "全部", "large")])
        self.ask_for(who, "POST", "/v1/admin/models/{id}/retire", 409, one)
        self.in_use(who, auditor)
        for wrong in ({"scope": "x"}, {"targets": [{**target, "weight": 0}]}, {"targets": [target] * 40}, {"name": "-"}):
            self.ask_for(who, "POST", path, 400, body={**new, **wrong})
        self.ask_for(who, "POST", path, 404, body={"name": "chat-default", "targets": [{"model": none["id"]}]})
        self.ask_for(who, "POST", path, 409, body={"name": "large", "targets": [target]})
        self.assertEqual(self.ask_for(auditor, "GET", path, 200)["aliases"], made)
        self.ask_for(who, "POST", path + "/rollback", 404, body={"name": "none"})
        self.ask_for(who, "POST", path + "/rollback", 400, body={"name": "x" * 5, "scope": 7})
        self.ask_for(who, "POST", path, 200, body={"name": "chat-default", "targets": []})
        self.assertEqual(self.ask_for(who, "POST", path + "/rollback", 200, body={"name": "chat-default"})["aliases"], made)
        self.ask_for(who, "POST", path + "/rollback", 200, body={"name": "chat-default"})
        for targets in ([target], []):  # so that rolling back would bring it back
            self.ask_for(who, "POST", path, 200, body={"name": "chat-default", "targets": targets})

    def in_use(self, who, auditor):
        """What was made here serves an application at once; and is seen to."""
        dept = self.ask_for(who, "POST", "/v1/admin/departments", 200, body={"name": "市数据局"})["department"]["id"]
        made = self.ask_for(who, "POST", "/v1/admin/keys", 200, body={"name": "平台", "department": dept, "class": "batch"})
        chat = {"model": "chat-default", "messages": [{"role": "user", "content": "你好"}]}
        bearer = {"Authorization": "Bearer " + made["secret"]}
        answer = self.anyone.post("/v1/chat/completions", chat, headers=bearer)
        self.assertEqual((answer.status, answer.json["choices"][0]["message"]["content"]), (200, "你好"), answer)
        status = self.ask_for(auditor, "GET", "/v1/admin/status", 200)
        self.assertEqual([(b["name"], b["health"]) for b in status["backends"] if b["calls"]], [("large", "up")])
        self.assertEqual([(c["model"], c["backend"], c["department"], c["class"]) for c in status["calls"]],
                         [("chat-default", "large", dept, "batch")])
        metrics = self.anyone.get("/metrics").body.decode()
        for line in ('sunmao_backend_up{model="large"} 1', 'sunmao_queue_waiting{class="batch"} 0'):
            self.assertIn("\n" + line + "\n", metrics)
        self.assertTrue(server.eventually(lambda: [
            d["calls"] for d in self.ask_for(who, "GET", "/v1/admin/usage", 200)["by_department"]
            if d["department"] == dept] == [1]))
        self.ask_for(who, "POST", "/v1/admin/keys/{id}/revoke", 200, {"id": made["key"]["id"]})
        self.assertEqual(self.anyone.post("/v1/chat/completions", chat, headers=bearer).status, 401)

    def test_the_queue_of_model_jobs(self):
        """Behind a server that does not answer, jobs pile up until no more are taken."""
        import socket
        who = self.as_("administrator")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.listen(64)
            url = "http://127.0.0.1:%d" % silent.getsockname()[1]
            one = {"id": self.ask_for(who, "POST", "/v1/admin/models", 200,
                                      body={"name": "silent", "source": url})["model"]["id"]}
            for act in ("test", "evaluate"):
                path = "/v1/admin/models/{id}/" + act
                answers = (who.post(path_of(path, one)) for _ in range(40))
                self.fits(next(a for a in answers if a.status == 503), "POST", path, 503)

    def test_departments_and_keys(self):
        who, auditor = self.as_("administrator"), self.as_("auditor")
        departments, keys = "/v1/admin/departments", "/v1/admin/keys"
        top = self.ask_for(who, "POST", departments, 200, body={"name": "市政府", "weight": 300})["department"]
        below = self.ask_for(who, "POST", departments, 200, body={
            "name": "市民政局", "parent": top["id"], "per_day": 1000000, "concurrency": 4})["department"]
        one, none = {"id": below["id"]}, {"id": 99999}
        self.ask_for(who, "POST", departments, 400, body={"name": "x", "weight": 0 - 1})
        self.ask_for(who, "POST", departments, 400, body={"name": "x", "weight": "1"})
        self.ask_for(who, "POST", departments, 404, body={"name": "x", "parent": 99999})
        self.ask_for(who, "POST", departments, 409, body={"name": "市政府"})
        changed = self.ask_for(who, "POST", departments + "/{id}", 200, one, body={"per_minute": 5})["department"]
        self.assertEqual((changed["per_minute"], changed["per_day"], changed["parent"]), (5, 1000000, top["id"]))
        self.ask_for(who, "POST", departments + "/{id}", 400, {"id": top["id"]}, body={"parent": below["id"]})
        self.ask_for(who, "POST", departments + "/{id}", 404, none, body={"weight": 1})
        self.ask_for(who, "POST", departments + "/{id}", 409, one, body={"name": "市政府"})
        made = self.ask_for(who, "POST", keys, 200, body={"name": "12345 平台", "department": below["id"], "class": "citizen",
                                                         "models": ["chat-default"], "addresses": ["10.0.0.0/8"]})
        self.assertRegex(made["secret"], r"^sk-[\w-]{43}$")
        self.assertEqual((made["key"]["hint"], made["key"]["state"]), (made["secret"][:9], "active"))
        for wrong in ({"class": "king"}, {"models": ["a b"]}, {"addresses": ["x"]}, {"expires": 1}, {"name": ""},
                      {"models": "x"}, {"department": "x"}):
            self.ask_for(who, "POST", keys, 400, body={"name": "x", "department": below["id"], **wrong})
        self.ask_for(who, "POST", keys, 404, body={"name": "x", "department": 99999})
        listed = self.ask_for(auditor, "GET", keys, 200)["keys"]
        self.assertIn(made["key"], listed)
        self.assertNotIn(made["secret"], str(listed))
        shown = {d["name"]: d for d in self.ask_for(auditor, "GET", departments, 200)["departments"]}
        self.assertEqual((shown["市民政局"]["keys"], shown["市政府"]["keys"]), (1, 0))
        self.ask_for(who, "DELETE", departments + "/{id}", 409, one)
        key = {"id": made["key"]["id"]}
        self.ask_for(who, "POST", keys + "/{id}/revoke", 200, key)
        self.ask_for(who, "POST", keys + "/{id}/revoke", 409, key)
        self.ask_for(who, "POST", keys + "/{id}/revoke", 404, none)
        self.ask_for(who, "DELETE", departments + "/{id}", 200, one)
        self.ask_for(who, "DELETE", departments + "/{id}", 404, one)

    def test_plan(self):
        who, path = self.as_("auditor"), "/v1/admin/plan"
        ask = {"per_hour": {"citizen": 600, "batch": 60}, "wait_s": {"citizen": 2}, "quantile": 0.95, "prompt_tokens": 1500,
               "generated_tokens": 300, "prefill_per_second": 4000, "decode_per_second": 200, "slots": 4}
        plan = self.ask_for(who, "POST", path, 200, body=ask)
        self.assertGreaterEqual(plan["cards"], 1)
        self.assertEqual([c["class"] for c in plan["classes"]], ["citizen", "batch"])
        self.assertLessEqual(plan["classes"][0]["wait_s"], 2)
        self.assertEqual(self.ask_for(who, "POST", path, 200, body={**ask, "cards": 7})["cards"], 7)
        for wrong in ({"slots": "x"}, {"per_hour": 7}, {"per_hour": {"citizen": -1}}, {"quantile": 2}, {"slots": 0}):
            self.ask_for(who, "POST", path, 400, raw=json.dumps({**ask, **wrong}).encode())
        self.ask_for(who, "POST", path, 413, body={**ask, "per_hour": {"citizen": 9e7}})

    def used(self, **row):
        """A row of the table that the gateway adds to."""
        import datetime
        import sqlite3
        day = (datetime.date(2026, 11, 23) - datetime.date(1970, 1, 1)).days
        whole = {"day": day, "department": 0, "model": 0, "class": 0, "calls": 0, "prompt": 0, "generated": 0, "refused": 0,
                 "failed": 0, "busy_ms": 0, "n_first": 0, "first_ms": 0, **{f"b{i}": 0 for i in range(12)}, **row}
        db = sqlite3.connect(self.city.data + "/record.db", timeout=server.PATIENCE)
        db.execute(f"INSERT INTO usage({','.join(whole)}) VALUES({','.join('?' * len(whole))})", list(whole.values()))
        db.commit()
        db.close()

    def test_usage(self):
        who = self.as_("administrator")
        model = self.ask_for(who, "POST", "/v1/admin/models", 200, body={
            "name": "paid \\1".split()[0], "source": "http://127.0.0.1:9", "price_in": 0.002, "price_out": 0.01,
            "watts": 720, "slots": 4})["model"]["id"]
        top = self.ask_for(who, "POST", "/v1/admin/departments", 200, body={"name": '市"水"局'})["department"]["id"]
        dept = self.ask_for(who, "POST", "/v1/admin/departments", 200, body={"name": "处", "parent": top})["department"]["id"]
        self.used(department=dept, model=model, calls=4, prompt=2000, generated=200, busy_ms=10000, n_first=4,
                  first_ms=194, b0=2, b3=2, **{"class": 2})
        self.used(department=top, model=0, refused=3)
        report = self.ask_for(who, "GET", "/v1/admin/usage", 200, query={"days": 1})
        mine = next(m for m in report["by_model"] if m["model"] == model)
        self.assertAlmostEqual(mine["cost"], 0.006)
        self.assertAlmostEqual(mine["energy_wh"], 0.5)
        self.assertAlmostEqual(mine["first_ms_mean"], 48.5)
        self.assertGreaterEqual(report["total"]["refused"], 3)
        self.assertEqual([d["date"] for d in report["by_day"]], ["2026-11-23"])
        self.assertEqual((report["from"], report["to"]), ("2026-11-23", "2026-11-23"))
        self.ask_for(who, "GET", "/v1/admin/usage", 400, query={"days": 0})
        shown = {d["id"]: d for d in self.ask_for(who, "GET", "/v1/admin/departments", 200)["departments"]}
        self.assertEqual([(shown[d]["used_today"], shown[d]["used_month"]) for d in (dept, top)], [(2200, 2200)] * 2)
        self.ask_for(who, "GET", "/v1/admin/status", 200)
        self.metrics()

    def metrics(self):
        answer = self.anyone.get("/metrics")
        self.assertEqual((answer.status, answer.header("Content-Type")),
                         (200, "text/plain; version=0.0.4; charset=utf-8"))
        SEEN.add(("GET", "/metrics", 200))
        text = answer.body.decode()
        for line in ('sunmao_model_generated_tokens_total{model="paid"} 200',
                     'sunmao_department_refused_total{department="市\\"水\\"局"} 3',
                     'sunmao_model_first_token_seconds_bucket{model="paid",le="0.010"} 2',
                     'sunmao_model_first_token_seconds_bucket{model="paid",le="+Inf"} 4',
                     'sunmao_model_first_token_seconds_sum{model="paid"} 0.194',
                     'sunmao_model_busy_milliseconds_total{model="paid"} 10000'):
            self.assertIn("\n" + line + "\n", text)
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? -?[0-9.]+)$')
        with Server(self.city, ("server.trust_proxy", "yes"), ("server.metrics", "198.51.100.0/24")) as behind:
            who = Client(behind)
            self.addCleanup(who.close)
            for address, status in (("203.0.113.9", 403), ("198.51.100.7", 200), ("127.0.0.1", 200)):
                got = who.get("/metrics", headers={"X-Forwarded-For": address})
                self.assertEqual(got.status, status, address)
            self.refused(who.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}), 403, "E_DENIED")
            SEEN.add(("GET", "/metrics", 403))

    # ------------------------------------------------------------------- gateway

    def gateway(self, who, method, path, status, body=None, names=None):
        operation = OPERATIONS[method, path]
        described, named = API.response(operation, status)
        self.assertTrue(named, f"{method} {path} does not list {status}")
        answer = who.call(method, path_of(path, names), body)
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(API.problems(answer.json, described["content"]["application/json"]["schema"]), [], answer)
        SEEN.add((method, path, status))
        return answer.json

    def test_openai(self):
        registry, backend = models.Registry(self.city), models.Backend()
        self.addCleanup(backend.kill)
        registry.alias("gateway-test", (registry.model("gateway/ok", backend.url, remote="ok"), 100, 0))
        key, _ = registry.key(registry.department("接口测试"))
        who, anyone = models.Application(self.server, key), models.Application(self.server, "")
        self.assertTrue(server.eventually(lambda: who.call("GET", "/v1/models").status == 200))
        name, text = {"model": "gateway-test"}, [{"role": "user", "content": "好"}]
        bodies = {"/v1/chat/completions": {**name, "messages": text}, "/v1/completions": {**name, "prompt": "好"},
                  "/v1/embeddings": {**name, "input": "好"},
                  "/v1/rerank": {**name, "query": "好", "documents": ["好", "坏"]}}
        for path, body in bodies.items():
            self.gateway(who, "POST", path, 200, body)
            self.gateway(who, "POST", path, 400, name)
        self.gateway(anyone, "POST", "/v1/chat/completions", 401, bodies["/v1/chat/completions"])
        self.gateway(who, "POST", "/v1/chat/completions", 404, {**bodies["/v1/chat/completions"], "model": "none"})
        self.assertIn("gateway-test", [m["id"] for m in self.gateway(who, "GET", "/v1/models", 200)["data"]])
        self.gateway(anyone, "GET", "/v1/models", 401)
        self.gateway(who, "GET", "/v1/models/{id}", 200, names={"id": "gateway-test"})
        self.gateway(who, "GET", "/v1/models/{id}", 404, names={"id": "gateway/ok"})

    def test_allowances(self):
        few = Server(self.city, ("limits.rate", "yes"), ("limits.asks_per_minute", "2"),
                     ("limits.logins_per_minute", "1"))
        with few:
            who = Client(few)
            self.addCleanup(who.close)
            for _ in range(2):
                self.ask_for(who, "POST", "/v1/ask", 200, body={"text": "你好", "test": True})
            self.ask_for(who, "POST", "/v1/ask", 429, body={"text": "你好"})
            self.ask_for(who, "POST", "/v1/feedback", 429, body={"session": SESSION, "record": 1, "verdict": "right"})
            self.ask_for(who, "POST", "/v1/login", 401, body={"name": "nobody", "password": "x"})
            answer = who.post("/v1/login", {"name": "nobody", "password": "x"})
            self.assertRegex(answer.header("Retry-After"), r"^[1-9]\d*$")
            self.ask_for(who, "POST", "/v1/login", 429, body={"name": "nobody", "password": "x"})

    def test_zz_everything_was_seen(self):
        wanted = {(method, path, int(status)) for (method, path), o in OPERATIONS.items()
                  for status in o["responses"] if status != "default"}
        self.assertEqual(wanted - SEEN, set(), "described, but never seen")


if __name__ == "__main__":
    server.main()
