#!/usr/bin/env python3
"""share/openapi.json against the server: the same routes and roles, and every response as described.

Each call goes through `ask_for`, which checks the response against the description and keeps count; the last test
demands that every operation has been seen with its success and with each error it lists.
"""
import glob
import hashlib
import json
import re

import server
from schema import Api
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
    settings = (("site.demo", "yes"),)

    def ask_for(self, who, method, path, status, names=None, query=None, body=None, raw=None, headers=None):
        """The call, its response checked; the body's JSON (None of a stream)."""
        operation = OPERATIONS[method, path]
        if body is not None and status < 300:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.assertEqual(API.problems(body, schema), [], "the test's own body")
        data = raw if raw is not None else body if body is not None or method != "POST" else {}
        answer = who.call(method, path_of(path, names, query), data, headers=headers)
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
                    self.ask_for(who, "POST", path, 503, query=query, raw=item if query else None)
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
        self.ask_for(who, "GET", "/v1/ledger", 400, query={"kind": "song"})
        self.ask_for(who, "GET", "/v1/ledger", 400, query={"limit": 100000})
        self.assertTrue(self.ask_for(who, "POST", "/v1/ledger/verify", 200)["whole"])
        for role in server.ROLES:
            figures = self.ask_for(self.as_(role), "GET", "/v1/figures", 200, query={"days": 7})
            self.assertEqual(len(figures["days"]), 7)
        self.ask_for(who, "GET", "/v1/figures", 400, query={"days": 0})

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
