#!/usr/bin/env python3
"""What strangers send: too long, too deep, of the wrong type, with script, from elsewhere, too often.

Whatever it is, the answer is a client's error with a code and a Chinese message, nothing is stored that was refused, and
the server goes on and ends in order (a sanitizer's report fails the test).
"""
import glob
import hashlib
import http.client
import io
import json
import os
import re
import socket
import sqlite3
import zipfile

import server
from schema import Api
from server import PATIENCE, ROLES, SOURCE, Client, Server, Stream, eventually, path_of

API = Api()


def operations():
    """Those of people; what applications call with a key is in gateway.py."""
    return [(key, o) for key, o in API.operations() if "security" not in o]

SCRIPT = '<script>alert("1")</script><img src=x onerror=alert(1)>\u2028</textarea>'
MANY = 300  # streams


class HostileTest(server.ServerTest):
    more_accounts = (("second", "keeper"), ("victim", "keeper"))

    @classmethod
    def setUpClass(cls):
        cls.web = None
        super().setUpClass()
        citizen = Client(cls.server)
        cls.session = citizen.ask("怎么申请低保", test=True)["session"]
        citizen.close()
        for name in (*ROLES, "second"):  # before anything is compared: a login is recorded
            cls.logins[name] = Client(cls.server).login(name)
            cls.logins[name].close()
        cls.victim = next(u["id"] for u in cls.logins["administrator"].get("/v1/users").json["users"]
                          if u["name"] == "victim")
        cls.logins["administrator"].post("/v1/admin/models", {"name": "far", "source": "http://127.0.0.1:9"})
        cls.logins["administrator"].post("/v1/admin/departments", {"name": "市民政局"})
        cls.logins["administrator"].close()

    def raw(self, data, wait=PATIENCE):
        """Bytes on the wire, bytes back until the server closes or has answered."""
        with socket.create_connection((self.server.host, self.server.port), timeout=wait) as s:
            s.sendall(data)
            response = http.client.HTTPResponse(s)
            try:
                response.begin()
                return server.Answer(response.status, response.getheaders(), response.read())
            except (http.client.HTTPException, OSError):
                return None

    def data(self):
        digest = hashlib.sha256()
        for name in ("record.db", "corpus.db"):
            db = sqlite3.connect(f"file:{self.city.data}/{name}?mode=ro", uri=True)
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
                for row in db.execute(f"SELECT * FROM {table}") if table != "login" else ():
                    digest.update(repr((table, row)).encode())
            db.close()
        return digest.hexdigest()

    def changes_nothing(self):
        before = self.data()
        self.addCleanup(lambda: self.assertEqual(self.data(), before, "what was refused has changed something"))

    def who_may(self, operation):
        roles = operation["x-roles"]
        return self.client() if "public" in roles else self.as_(roles[0])

    def target(self, path, query=None):
        names = {"session": self.session, "code": "HJ-001", "id": self.victim if "/users" in path else 1}
        query = query or {"/v1/import": {"kind": "item", "name": "x.jsonl"}, "/v1/search": {"q": "x"},
                          "/v1/corpus": {"kind": "item"}}.get(path)
        return path_of(path, names, query)

    def bodies(self):
        """(client, target, properties, a body that fits) of every operation with a JSON body."""
        fits = {"text": "x", "session": self.session, "record": 1, "verdict": "right", "name": "x", "password": "x",
                "role": "keeper", "display": "x", "department": "x", "disabled": True, "old": "x", "new": "x",
                "note": "x", "outcome": "answered", "records": [1], "contact": "x", "test": True,
                "region": "", "audience": "", "as_of": "2026-01-01", "source": "http://127.0.0.1:9", "class": "batch",
                "parent": 0, "expires": 0}
        of_type = {"integer": 1, "number": 1, "array": [], "object": {}, "string": "", "boolean": False}
        for (method, path), o in operations():
            schema = o.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if schema and schema.get("properties"):
                type_of = {k: s.get("type", "object") for k, s in schema["properties"].items()}  # object: by reference
                body = {k: fits[k] if k in fits and (k != "department" or t == "string") else of_type[t]
                        for k, t in type_of.items()}
                if path == "/v1/unanswered":
                    body["verdict"] = "out"
                yield self.who_may(o), self.target(path), schema["properties"], body

    # ------------------------------------------------------------------- bodies

    def test_bodies_over_their_limit(self):
        self.changes_nothing()
        limits = {"/v1/ask": 1 << 20, "/v1/import": 64 << 20, "/v1/ground": 4 << 20,
                  "/v1/reviews": 32 << 20, "/v1/reviews/{id}/decisions": 256 * 1024,
                  "/v1/drafts": 1 << 20, "/v1/drafts/docx": 1 << 20, "/v1/review-changes": 1 << 20}
        for (method, path), o in operations():
            limit = limits.get(path, 16 * 1024)
            client = self.who_may(o)
            told = {"Content-Length": str(limit + 1)}
            if method == "POST":
                self.refused(client.call(method, self.target(path), b"", headers=told), 413, "E_LIMIT")
                client.close()
            if method == "POST" and path != "/v1/import":  # not told beforehand
                chunks = iter([b"x" * 1024] * (limit // 1024) + [b"x"])
                self.refused(self.chunked(client, self.target(path), chunks), 413, "E_LIMIT")

    def chunked(self, client, target, chunks):
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=PATIENCE)
        headers = {"Transfer-Encoding": "chunked", "X-CSRF-Token": client.csrf}
        headers.update({"Cookie": "sunmao_login=" + client.cookie} if client.cookie else {})
        connection.request("POST", target, chunks, headers, encode_chunked=True)
        got = connection.getresponse()
        answer = server.Answer(got.status, got.getheaders(), got.read())
        connection.close()
        return answer

    def test_an_import_over_its_limit(self):
        self.changes_nothing()
        chunks = iter([b"\n" * (1 << 20)] * 64 + [b"x"])
        answer = self.chunked(self.as_("keeper"), "/v1/import?kind=item&name=x.jsonl", chunks)
        self.refused(answer, 413, "E_LIMIT")
        self.assertTrue(eventually(lambda: not self.uploads()), "an upload is left")

    def uploads(self):
        return [f for folder, _, files in os.walk(self.city.data + "/upload") for f in files]

    def test_a_question_of_any_length(self):
        for n in (1999, 2001, 200_000):
            self.assertEqual(self.client().post("/v1/ask", {"text": "户" * n, "test": True}).status, 200, n)
        self.changes_nothing()
        self.assertIn(self.client().post("/v1/ask", {"text": "户" * 200_001, "test": True}).status, (400, 413))

    def test_bodies_that_are_no_json_object(self):
        self.changes_nothing()
        deep = 10_000
        bad = [b"", b"{", b"[]", b"null", b'"text"', b"{'text':1}", b'{"text":"x"}x', b'{"text":"x"', b"\xff\xfe{}",
               b'\xef\xbb\xbf{"text":"x"}{', b'{"text":"\xff"}', b'{"text":"\xed\xa0\x80"}', b'{"text":"\\ud800"}',
               b'{"text":"a\\u0000b"}', b'{"text":"a\x00b"}', b'{"text\x00":"x"}', b'{"text":"\xc0\xaf"}',
               b'{"text":"x","text":"y"}', b'{"text":"x","z":1e999}', b'{"text":"x","z":' + b"9" * 400 + b"}",
               b'{"text":' * deep + b"1" + b"}" * deep, b'{"text":' + b"[" * deep + b"]" * deep + b"}",
               b"[" * 100_000]
        for client, target, _, _ in self.bodies():
            for body in bad:
                if len(body) > 16 * 1024 and target != "/v1/ask":
                    continue
                answer = client.post(target, body)
                self.assertIn(answer.status, (400, 413), (target, body[:60], answer))
                self.refused(answer, answer.status)

    def test_wrong_types_for_each_field(self):
        self.changes_nothing()
        values = {"string": "x", "integer": 7, "boolean": True, "array": [], "object": {}, "number": 1.5}
        for client, target, properties, fits in self.bodies():
            for name, schema in properties.items():
                for kind, value in values.items():
                    wanted = schema.get("type", "object")
                    if kind == wanted or (kind, wanted) == ("integer", "number"):
                        continue
                    answer = client.post(target, {**fits, name: value})
                    self.assertEqual(answer.status, 400, (target, name, kind, answer))
                    self.refused(answer, 400, "E_INVALID")
            for items in ([True], ["1"], [1.5], [[]], [None], [-1], [0]):
                if "records" in properties:
                    self.refused(client.post(target, {**fits, "records": items}), 400, "E_INVALID")

    def test_texts_of_any_length_and_kind(self):
        """Whatever a text is, the answer is no failure of the server's."""
        texts = ["", " ", "x" * 16_000, "户" * 5_000, "\u202e\u0007\r\n\t\u001b[31m", "%s%n", "' OR 1=1 --", "\ufffe😀",
                 "a" * 200, "2026-99-99", "-1", "../../etc/passwd"]
        for client, target, properties, fits in self.bodies():
            if "/login" in target or "/me/password" in target or "/v1/users" in target:
                texts_here = [t for t in texts if len(t) != 200]
            else:
                texts_here = texts
            for name, schema in properties.items():
                for text in texts_here if schema.get("type") == "string" else ():
                    body = {**fits, name: text, **({"test": True} if "test" in properties else {})}
                    answer = client.post(target, body)
                    self.assertLess(answer.status, 500, (target, name, text[:40], answer))
                    answer.json

    # ----------------------------------------------------------- targets, methods

    def test_queries_of_any_kind(self):
        self.changes_nothing()
        values = ["", "-1", "0", "1.5", "1e3", "99999999999999999999", "x", "%00", "%ff%fe", "a%00b", "%", "%zz", "+",
                  "%E2%80%A8", "x" * 2000, "%27%20OR%201=1", "%ed%a0%80", "..%2f..%2fetc%2fpasswd"]
        for (method, path), o in operations():
            if method != "GET" or path.endswith("/events"):
                continue
            client = self.who_may(o)
            for name in [p["name"] for p in o.get("parameters", []) if p["in"] == "query"] + ["nonsense"]:
                for value in values:
                    base = self.target(path)
                    base = re.sub(rf"([?&]){name}=[^&]*", r"\1", base)
                    target = f"{base}{'&' if '?' in base else '?'}{name}={value}"
                    answer = client.get(target)
                    self.assertIn(answer.status, (200, 400, 404), (target, answer))
                    if path != "/metrics":
                        answer.json
            for name in [p["name"] for p in o.get("parameters", []) if p["in"] == "path"]:
                for value in values[1:]:
                    target = path.replace("{%s}" % name, value) + "?q=x&kind=item"
                    answer = client.get(target)
                    self.assertIn(answer.status, (200, 400, 404), (target, answer))

    def test_paths_that_lead_elsewhere(self):
        web = self.city.folder + "/web"
        os.makedirs(web + "/assets/sub", exist_ok=True)
        os.makedirs(web + "/staff", exist_ok=True)
        for name, text in (("index.html", "页面"), ("assets/a.js", "1"), ("assets/.hidden.js", "HIDDEN"),
                           ("staff/index.html", "页面")):
            with open(f"{web}/{name}", "w", encoding="utf-8") as f:
                f.write(text)
        with open(self.city.folder + "/secret.txt", "w", encoding="utf-8") as f:
            f.write("SECRET")
        for link, to in (("/link.txt", "../secret.txt"), ("/assets/dir", "../..")):
            if not os.path.lexists(web + link):
                os.symlink(to, web + link)
        with Server(self.city, args=("--web", web)) as there:
            client = Client(there)
            self.addCleanup(client.close)
            page = client.get("/")
            self.assertEqual((page.status, page.body.decode()), (200, "页面"))
            self.assertEqual(client.get("/assets/a.js").status, 200)
            for header, part in (("Content-Security-Policy", "default-src 'self'"),
                                 ("X-Content-Type-Options", "nosniff")):
                self.assertIn(part, page.header(header))
            self.assertNotIn("unsafe", page.header("Content-Security-Policy"))
            self.assertIn("frame-ancestors 'none'", client.get("/staff/").header("Content-Security-Policy"))
            targets = ["/../secret.txt", "/../../../../../../etc/passwd", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
                       "/%2e%2e%2fsecret.txt", "/assets/../../secret.txt", "/assets/..%5c..%5csecret.txt",
                       "/%252e%252e/secret.txt", "/..%c0%afsecret.txt", "/%c0%ae%c0%ae/secret.txt",
                       "/secret.txt%00.js", "/index.html%00", "/%00", "//etc/passwd", "/./index.html", "/link.txt",
                       "/assets/dir/secret.txt", "/assets/.hidden.js", "/assets/", "/assets", "/" + "a" * 6000,
                       "/" + "%e6%88%b7" * 1500, "/" + "/" * 4000, "/%", "/%ff", "http://evil.example/secret.txt", "*",
                       "secret.txt", "/v1/documents/..%2f..%2fetc%2fpasswd", "/v1/items/%2e%2e", "/v1//health",
                       "/V1/HEALTH", "/v1/health;x=1"]
            self.server, kept = there, self.server
            try:
                for target in targets:
                    answer = self.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                    if answer is None:
                        continue  # the connection was closed: refused, too
                    self.assertIn(answer.status, (400, 404, 405, 413, 414, 431), (target, answer))
                    for word in (b"SECRET", b"root:", b"HIDDEN"):
                        self.assertNotIn(word, answer.body, target)
            finally:
                self.server = kept

    def test_unknown_methods(self):
        for method in ("BREW", "CONNECT", "TRACE", "PROPFIND", "get", "X" * 200):
            for path in ("/", "/v1/ask", "/v1/users", "/nothing"):
                answer = self.raw(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                if answer is not None:
                    self.assertIn(answer.status, (400, 404, 405, 501), (method, path, answer))
                    self.assertNotIn(b"Host: x", answer.body)

    def test_too_many_headers(self):
        for headers in ("".join(f"X-{i}: 1\r\n" for i in range(150)), "X-Long: " + "y" * 40_000 + "\r\n"):
            answer = self.raw(f"GET /v1/health HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n".encode())
            if answer is not None:
                self.assertIn(answer.status, (400, 413, 431), answer)
        self.assertEqual(self.client().get("/v1/health").status, 200)

    # ------------------------------------------------------------ script in texts

    def is_text(self, answer, text):
        """It comes back as JSON text and nothing else."""
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("Content-Type"), "application/json; charset=utf-8")
        self.assertEqual(answer.header("X-Content-Type-Options"), "nosniff")

        def strings(v):
            if isinstance(v, dict):
                v = list(v.values())
            return [v] if isinstance(v, str) else [s for one in v for s in strings(one)] if isinstance(v, list) else []

        self.assertTrue(any(text in s for s in strings(answer.json)), (text, answer))

    def test_script_is_text(self):
        citizen, operator, admin = self.client(), self.as_("operator"), self.as_("administrator")
        session = citizen.ask("怎么申请低保" + SCRIPT, test=True)["session"]
        called = citizen.post(f"/v1/conversations/{session}/handover", {"contact": SCRIPT[:50], "test": True})
        self.assertEqual(called.status, 200, called)
        citizen.post(f"/v1/conversations/{session}/messages", {"text": SCRIPT})
        self.is_text(citizen.get(f"/v1/conversations/{session}"), SCRIPT)
        rows = operator.get("/v1/desk?state=all&limit=200")
        number = next(h["id"] for h in rows.json["handovers"] if h["session_short"] == session[:6])
        self.is_text(rows, SCRIPT)
        self.is_text(rows, SCRIPT[:50])
        operator.post(f"/v1/desk/{number}/take")
        self.is_text(operator.post(f"/v1/desk/{number}/forward",
                                   {"department": SCRIPT[:30], "note": SCRIPT}), SCRIPT[:30])
        self.is_text(operator.get(f"/v1/desk/{number}"), SCRIPT)
        made = admin.post("/v1/users", {"name": "script", "display": SCRIPT[:50], "role": "keeper",
                                        "department": SCRIPT[:50]})
        self.is_text(made, SCRIPT[:50])
        self.is_text(admin.get("/v1/users"), SCRIPT[:50])
        self.is_text(self.as_("auditor").get("/v1/ledger?kind=ask&limit=1000"), SCRIPT)
        stream = Stream(self.server, f"/v1/conversations/{session}/events")
        self.assertTrue(stream.wait(lambda e: e[0] == "message" and e[2]["text"] == SCRIPT))
        stream.close()

    def test_lines_in_texts_make_no_events(self):
        citizen = self.client()
        session = citizen.ask("怎么申请低保", test=True)["session"]
        text = "一\r\nevent: state\ndata: {}\n\nid: 99999\n二"
        citizen.post(f"/v1/conversations/{session}/handover", {"test": True})
        citizen.post(f"/v1/conversations/{session}/messages", {"text": text})
        stream = Stream(self.server, f"/v1/conversations/{session}/events")
        event = stream.wait(lambda e: e[0] == "message")
        self.assertEqual((event[2]["text"], event[1]), (text, event[2]["id"]))
        self.assertEqual({e[0] for e in stream.events}, {"state", "message"})
        stream.close()

    # ------------------------------------------------------------------- imports

    def upload(self, name, data, kind="item", who="keeper"):
        client = self.as_(who)
        return client.job(client.post(path_of("/v1/import", None, {"kind": kind, "name": name}), data))

    def test_names_of_uploads(self):
        self.changes_nothing()
        client = self.as_("keeper")
        for name in ("", ".", "..", ".hidden", "../x.jsonl", "a/b.jsonl", "a\\b.jsonl", "/etc/passwd", "x\n.jsonl",
                     "x\r\nSet-Cookie: a=b", "x\x00.jsonl", "\x7f", "户" * 67, "\t"):
            answer = client.post(path_of("/v1/import", None, {"kind": "item", "name": name}), b"{}")
            self.assertEqual(answer.header("Set-Cookie"), "")
            self.refused(answer, 400, "E_INVALID")
        self.assertTrue(eventually(lambda: not self.uploads()), "an upload is left")

    def docx(self, document):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("[Content_Types].xml", "<Types/>")
            with z.open("word/document.xml", "w") as part:
                for piece in document:
                    part.write(piece)
        return out.getvalue()

    def test_uploads_that_are_no_documents(self):
        paragraph = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>' \
                    "<w:p><w:r><w:t>第一条 为了规范</w:t></w:r></w:p></w:body></w:document>"
        whole = self.docx([paragraph.encode()])
        bomb = self.docx([b"<a>"] + [b" " * (1 << 20)] * 64)
        cases = {"空.jsonl": b"", "x.jsonl": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "y.jsonl": b"{}\n[]\n1\n",
                 "deep.jsonl": b"[" * 100_000, "z.jsonl": b'{"code":"../../x","name":"\xff"}\n'}
        for name, data in cases.items():
            self.nothing_new(self.upload(name, data))
        for name, data in {"cut.docx": whole[:len(whole) // 2], "bomb.docx": bomb, "none.docx": b"", "x.docx": b"PK" * 50,
                           "p.md": b"", "x.pdf": b"%PDF-1.4", "noending": b"abc"}.items():
            self.nothing_new(self.upload(name, data, "policy"))
        self.assertTrue(eventually(lambda: not self.uploads()), "an upload is left")

    def nothing_new(self, job):
        self.assertIn(job["state"], ("done", "failed"), job)
        if job["state"] == "failed":
            self.assertRegex(job["error"]["message"], "[\u4e00-\u9fff]")
        else:
            self.assertEqual((job["report"]["new"], job["report"]["changed"]), (0, 0), job)
        self.assertNotIn(self.city.folder, json.dumps(job), "where the server keeps its files is not told")

    def test_what_is_secret_stays_out(self):
        text = "---\ntitle: 关于某事的通知\n---\n机密★10年\n\n# 关于某事的通知\n\n第一条 不得外传的内容。\n"
        job = self.upload("secret.md", text.encode(), "policy")
        self.nothing_new(job)
        self.assertIn("SECRET_MARK", [note["code"] for note in job["report"]["notes"]])
        self.assertNotIn("不得外传的内容", self.kept())
        # Put right and sent again under its name, it is no finding any more.
        self.upload("secret.md", text.replace("机密★10年\n", "").encode(), "policy")
        keeper = self.as_("keeper")
        keeper.job(keeper.post("/v1/checks"))
        open_ones = json.dumps(keeper.get("/v1/tasks").json["tasks"], ensure_ascii=False)
        self.assertNotIn("secret.md", open_ones)

    def test_two_imports_at_once(self):
        with open(SOURCE + "/demo/items.jsonl", encoding="utf-8") as f:
            like = json.loads(f.readline())
        jobs = []
        for who in ("keeper", "second"):
            lines = "\n".join(json.dumps({**like, "code": f"{who}-{i}", "name": SCRIPT[:20] + f"{who}{i}"})
                              for i in range(5))
            jobs.append((who, self.as_(who).post("/v1/import?kind=item&name=same.jsonl", lines.encode())))
        for who, answer in jobs:
            job = self.as_(who).job(answer)
            self.assertEqual((job["state"], job["report"] and job["report"]["new"]), ("done", 5), job)
        self.is_text(self.client().get("/v1/items?q=second-3"), SCRIPT[:20])
        self.assertTrue(eventually(lambda: not self.uploads()), "an upload is left")
        for number in ("0", "-1", "99999", "x", "1%20"):
            self.assertIn(self.as_("keeper").get("/v1/jobs/" + number).status, (400, 404), number)

    def test_leftovers_of_a_crash_go(self):
        folder = self.city.data + "/upload/import-zzzzzz"
        os.makedirs(folder)
        paths = [folder + "/items.jsonl", self.city.data + "/upload/upload-zzzzzz"]
        for path in paths:
            with open(path, "w", encoding="utf-8") as f:
                f.write("x")
        young = self.city.data + "/upload/upload-yyyyyy"
        with open(young, "w", encoding="utf-8") as f:
            f.write("x")
        for path in (*paths, folder):
            os.utime(path, (1, 1))
        with Server(self.city):
            self.assertEqual([os.path.exists(p) for p in (*paths, folder, young)], [False, False, False, True])
        os.unlink(young)

    # ---------------------------------------------------------- from elsewhere

    def test_requests_from_other_sites(self):
        self.changes_nothing()
        for site in ("cross-site", "same-site"):
            headers = {"Sec-Fetch-Site": site, "Origin": "https://evil.example"}
            for (method, path), o in operations():
                if method == "GET":
                    continue
                answer = self.who_may(o).call(method, self.target(path), {} if method == "POST" else None,
                                                 headers=headers)
                self.refused(answer, 403, "E_DENIED")
                self.no_cors(answer)
        for site in ("same-origin", "none"):
            answer = self.client().post("/v1/feedback", {}, headers={"Sec-Fetch-Site": site})
            self.assertEqual(answer.status, 400, answer)
        self.no_cors(self.client().get("/v1/site", headers={"Origin": "https://evil.example"}))
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "x-csrf-token"}
        for path in ("/v1/ask", "/v1/users", "/v1/login", "/"):
            answer = self.client().call("OPTIONS", path, headers=asked)
            self.assertGreaterEqual(answer.status, 400)
            self.no_cors(answer)

    def no_cors(self, answer):
        self.assertEqual([k for k, _ in answer.headers if k.lower().startswith("access-control")], [])

    # ------------------------------------------------------------ others' things

    def test_conversations_of_others(self):
        self.changes_nothing()
        client = self.client()
        names = ["A" * 22, "new", "", "x", self.session[:-1], self.session + "x", self.session.swapcase(), "%00" * 22,
                 "..%2f" + self.session, "' OR ''='" + "x" * 13, "户" * 22, "*" * 22, "%25" * 22, "_" * 22]
        for name in names:
            for method, path in (("GET", ""), ("GET", "/events"), ("DELETE", ""), ("POST", "/handover"),
                                 ("POST", "/messages")):
                target = "/v1/conversations/" + (name if "%" in name else server.quote(name, safe="")) + path
                answer = client.call(method, target, {"text": "x"} if method == "POST" else None)
                self.assertIn(answer.status, (400, 404, 405), (method, target, answer))
            if name not in ("new", "") and "%" not in name:
                answer = client.post("/v1/ask", {"text": "x", "session": name})
                self.assertIn(answer.status, (400, 404, 413), (name, answer))
        for body in ({"session": "", "record": 1}, {"session": "A" * 22, "record": 1}, {"record": 1},
                     {"session": self.session, "record": 99999}):
            self.refused(client.post("/v1/feedback", {**body, "verdict": "right"}), 403, "E_DENIED")

    def test_names_of_conversations_are_random(self):
        names = [self.client().ask("你好", test=True)["session"] for _ in range(20)]
        self.assertEqual(len(set(names)), 20)
        for name in names:
            self.assertRegex(name, r"^[A-Za-z0-9_-]{22}$")
        same = [sum(a == b for a, b in zip(x, y)) for x in names for y in names if x < y]
        self.assertLess(max(same), 8, "they begin alike")

    def test_deleted_words_are_nowhere(self):
        words = ["鹦鹉螺甲", "鹦鹉螺乙", "鹦鹉螺丙", "鹦鹉螺丁", "鹦鹉螺戊"]
        citizen, operator = self.client(), self.as_("operator")
        session = citizen.ask("怎么申请低保" + words[0])["session"]
        citizen.ask("新生儿上户口要带什么材料" + words[1], session)
        citizen.post(f"/v1/conversations/{session}/handover", {"contact": words[2]})
        citizen.post(f"/v1/conversations/{session}/messages", {"text": words[3]})
        rows = operator.get("/v1/desk?state=waiting&limit=200").json["handovers"]
        number = next(h["id"] for h in rows if h["session_short"] == session[:6])
        operator.post(f"/v1/desk/{number}/take")
        operator.post(f"/v1/desk/{number}/answer", {"text": "您说的" + words[4]})
        self.assertEqual({w for w in words if w in self.kept()}, set(words), "the test looks in the right place")
        page = Stream(self.server, f"/v1/conversations/{session}/events")
        self.assertEqual(citizen.delete(f"/v1/conversations/{session}").status, 200)
        kept = self.kept()
        self.assertEqual([w for w in words if w in kept], [])
        self.assertTrue(self.as_("auditor").post("/v1/ledger/verify").json["whole"])
        page.close()

    def kept(self):
        """All that lies in the data directory."""
        whole = []
        for name in glob.glob(self.city.data + "/**", recursive=True):
            if os.path.isfile(name):
                with open(name, "rb") as f:
                    whole.append(f.read())
        return b"".join(whole).decode("utf-8", "replace")

    # --------------------------------------------------------------- too often

    def test_allowances_are_per_address(self):
        def ask(client, forwarded):
            lines = f"X-Forwarded-For: {forwarded}\r\n"
            body = b'{"text":"","test":true}'
            self.server, kept = client.server, self.server
            try:
                return self.raw(f"POST /v1/ask HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n"
                                "Connection: close\r\n\r\n".encode() + body).status
            finally:
                self.server = kept

        few = (("limits.rate", "yes"), ("limits.asks_per_minute", "2"))
        with Server(self.city, *few, ("server.trust_proxy", "yes")) as behind:
            client = Client(behind)
            for address in ("203.0.113.1", "203.0.113.2", "2001:db8::1"):
                self.assertEqual([ask(client, address) for _ in range(3)], [200, 200, 429], address)
            self.assertEqual(ask(client, "198.51.100.9, 203.0.113.1"), 429, "the last one is what our proxy saw")
            self.assertEqual(ask(client, "2001:db8::2"), 429, "a home's other address")
            self.assertEqual([ask(client, x) for x in ("nonsense", "", "203.0.113.1.5", "unknown")],
                             [200, 200, 429, 429], "else the proxy's own")
        with Server(self.city, *few) as alone:
            client = Client(alone)
            self.assertEqual([ask(client, f"203.0.113.{i}") for i in range(4)], [200, 200, 429, 429])

    def test_streams_of_one_conversation(self):
        session = self.client().ask("怎么申请低保", test=True)["session"]
        streams = [Stream(self.server, f"/v1/conversations/{session}/events") for _ in range(MANY)]
        try:
            self.assertTrue(eventually(lambda: sum(s.over for s in streams) >= MANY - 4))
            self.assertEqual(sum(not s.over for s in streams), 4)
            self.client().post(f"/v1/conversations/{session}/messages", {"text": "还在"})
            self.assertEqual(self.client().get("/v1/health").status, 200)
            heard = [s for s in streams if not s.over and s.wait(lambda e: e[0] == "message")]
            self.assertEqual(len(heard), 4)
            heard[0].close()
            again = Stream(self.server, f"/v1/conversations/{session}/events")
            streams.append(again)
            self.assertTrue(again.wait(lambda e: e[0] == "message"))
            self.assertFalse(again.over)
            self.client().post(f"/v1/conversations/{session}/messages", {"text": "第二句"})
            self.assertTrue(again.wait(lambda e: e[0] == "message" and e[2]["text"] == "第二句"),
                            "one that has gone makes room")
        finally:
            for stream in streams:
                stream.close()

    def test_head_of_a_stream(self):
        for _ in range(8):
            answer = self.client().call("HEAD", f"/v1/conversations/{self.session}/events")
            self.assertEqual((answer.status, answer.body), (200, b""))

    def test_zz_nothing_failed_inside(self):
        inside = [entry for entry in self.server.log() if entry.get("status", 0) >= 500]
        self.assertEqual(inside, [])
        self.assertTrue(self.as_("auditor").post("/v1/ledger/verify").json["whole"])


if __name__ == "__main__":
    server.main()
