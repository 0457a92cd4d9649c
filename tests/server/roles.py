#!/usr/bin/env python3
"""Every route as every role, by x-roles of share/openapi.json; and what a login is worth.

Those without the right are called with requests that would change something: the data is compared afterwards.  Those
with the right are called with requests that find nothing: neither 401 nor 403 is enough.
"""
import hashlib
import http.client
import re
import sqlite3

import server
from schema import Api
from server import PASSWORD, PATIENCE, QUESTION, ROLES, Client, Server, Stream, eventually, path_of

OPERATIONS = dict(Api().operations())
STREAMS = {"/v1/conversations/{session}/events", "/v1/desk/events"}
BEFORE_CHANGE = {"/v1/me", "/v1/me/password", "/v1/logout"}  # these go while the password must be changed
HOUR = 3600 * 1000


def staff_operations():
    return [(key, set(o["x-roles"])) for key, o in OPERATIONS.items() if "public" not in o["x-roles"]]


class RolesTest(server.ServerTest):
    more_accounts = (("second", "operator"), ("goes", "keeper"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        citizen = Client(cls.server)
        cls.session = citizen.ask("怎么申请低保")["session"]
        cls.handover = 1
        cls.record = citizen.ask("宠物狗怎么办证")["record"]
        citizen.close()
        cls.users = {u["name"]: u["id"] for u in cls.login_of("administrator").get("/v1/users").json["users"]}
        for role in ROLES:  # before anything is compared: a login is recorded
            cls.login_of(role)
        admin = cls.login_of("administrator")
        admin.post("/v1/admin/models", {"name": "far", "source": "http://127.0.0.1:9"})
        admin.post("/v1/admin/departments", {"name": "市民政局"})
        admin.post("/v1/admin/keys", {"name": "平台", "department": 1})
        keeper = cls.login_of("keeper")
        keeper.job(keeper.post("/v1/checks"))
        cls.task = keeper.get("/v1/tasks").json["tasks"][0]["id"]

    @classmethod
    def login_of(cls, name):
        if name not in cls.logins:
            cls.logins[name] = Client(cls.server).login(name)
        return cls.logins[name]

    @classmethod
    def tearDownClass(cls):
        for client in cls.logins.values():
            client.close()
        super().tearDownClass()

    # -------------------------------------------------------------------- calls

    def real(self, path):
        """What would change or show something, were it let through."""
        names = {"session": self.session, "code": "HJ-001", "id": {
            "/v1/tasks/{id}/settle": self.task, "/v1/documents/{id}": "HJ-001", "/v1/corpus/{id}": "HJ-001",
            "/v1/users/{id}": self.users["goes"], "/v1/users/{id}/reset": self.users["goes"]}.get(path, 1)}
        query = {"/v1/corpus": {"kind": "item"}, "/v1/import": {"kind": "item", "name": "x.jsonl"},
                 "/v1/search": {"q": "户口"}}.get(path)
        body = {"/v1/desk/{id}/answer": {"text": "好"}, "/v1/desk/{id}/forward": {"department": "市民政局"},
                "/v1/desk/{id}/close": {"outcome": "answered"}, "/v1/tasks/{id}/settle": {"note": "好"},
                "/v1/users": {"name": "newone", "role": "administrator"}, "/v1/users/{id}": {"role": "administrator"},
                "/v1/unanswered": {"records": [self.record], "verdict": "out"},
                "/v1/me/password": {"old": PASSWORD, "new": PASSWORD + "9"},
                "/v1/admin/models": {"name": "newone", "source": "http://127.0.0.1:9"},
                "/v1/admin/models/{id}": {"watts": 7}, "/v1/admin/departments": {"name": "市水务局"},
                "/v1/admin/departments/{id}": {"weight": 7}, "/v1/admin/keys": {"name": "新", "department": 1},
                "/v1/admin/aliases": {"name": "chat", "targets": [{"model": 1}]},
                "/v1/admin/aliases/rollback": {"name": "chat"}}.get(path, {})
        return path_of(path, names, query), body

    def harmless(self, path):
        """What passes and finds nothing."""
        names = {"session": "A" * 22, "code": "none", "id": 99999}
        query = {"/v1/corpus": {"kind": "law"}, "/v1/import": {"kind": "none", "name": "x.jsonl"}}.get(path)
        body = {"/v1/me/password": {"old": "x", "new": "x"}, "/v1/users/{id}": {"display": "x"},
                "/v1/desk/{id}/close": {"outcome": "answered"}, "/v1/desk/{id}/answer": {"text": "x"},
                "/v1/desk/{id}/forward": {"department": "x"}}.get(path, {})
        return path_of(path, names, query), body

    def status(self, client, method, path, request, **more):
        """Of a stream: without reading it."""
        target, body = request
        if path not in STREAMS:
            return client.call(method, target, None if method == "GET" else body, **more).status
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=PATIENCE)
        headers = {"Cookie": "sunmao_login=" + more.get("cookie", client.cookie)}
        connection.request(method, target, None, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    def data(self):
        """A digest of everything kept, but for when logins were used."""
        digest = hashlib.sha256()
        for name in ("record.db", "corpus.db"):
            db = sqlite3.connect(f"file:{self.city.data}/{name}?mode=ro", uri=True)
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
                for row in db.execute(f"SELECT * FROM {table}") if table != "login" else ():
                    digest.update(repr((table, row)).encode())
            digest.update(repr(db.execute("SELECT 1").fetchall()).encode())
            db.close()
        return digest.hexdigest()

    def all_refused(self, status, client, but=(), **more):
        before = self.data()
        for (method, path), _ in staff_operations():
            if path not in but:
                self.assertEqual(self.status(client, method, path, self.real(path), **more), status, (method, path))
        self.assertEqual(self.data(), before, "what was refused has changed something")

    def set_login(self, client, **values):
        """Writes into the row of this login."""
        db = sqlite3.connect(self.city.data + "/record.db", timeout=PATIENCE)
        for name, value in values.items():
            db.execute(f"UPDATE login SET {name} = ? WHERE csrf = ?", (value, client.csrf))
        db.commit()
        db.close()

    def times_of(self, client):
        db = sqlite3.connect(f"file:{self.city.data}/record.db?mode=ro", uri=True)
        row = db.execute("SELECT created, used FROM login WHERE csrf = ?", (client.csrf,)).fetchone()
        db.close()
        return row

    def test_the_digest_sees_a_change(self):
        before = self.data()
        self.assertEqual(self.data(), before)
        self.anyone.ask("你好", test=True)
        self.assertNotEqual(self.data(), before)

    # --------------------------------------------------------- every route, every role

    def test_public_routes_are_for_all(self):
        clients = [self.client(), self.as_("keeper"), self.as_("administrator"), self.client()]
        clients[-1].cookie = "x" * 43
        for (method, path), o in OPERATIONS.items():
            for client in clients if o["x-roles"] == ["public"] else ():
                if path != "/v1/login" and "security" not in o:  # those want an application's key
                    self.assertNotIn(self.status(client, method, path, self.harmless(path), csrf=""), (401, 403),
                                     (method, path))

    def test_no_login_is_an_applications_key(self):
        for (method, path), o in OPERATIONS.items():
            for client in (self.client(), self.as_("administrator")) if "security" in o else ():
                self.assertEqual(self.status(client, method, path, self.harmless(path)), 401, (method, path))

    def test_nobody(self):
        self.all_refused(401, self.client())

    def test_each_role(self):
        for role in ROLES:
            client = self.as_(role)
            before = self.data()
            for (method, path), roles in staff_operations():
                if role not in roles:
                    self.assertEqual(self.status(client, method, path, self.real(path)), 403, (role, method, path))
            self.assertEqual(self.data(), before, "what was refused has changed something")
            for (method, path), roles in staff_operations():
                if role in roles and path == "/v1/checks":  # to its end, or it would change things later
                    self.assertEqual(client.job(client.post(path))["state"], "done")
                elif role in roles and path != "/v1/logout":
                    self.assertNotIn(self.status(client, method, path, self.harmless(path)), (401, 403),
                                     (role, method, path))

    def test_head_is_no_way_around(self):
        for (method, path), _ in staff_operations():
            if method == "GET":
                self.assertEqual(self.client().call("HEAD", self.real(path)[0]).status, 401, path)

    def test_other_methods_do_nothing(self):
        client = self.as_("administrator")
        before = self.data()
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            for path in ("/v1/users/{id}", "/v1/users/{id}/reset", "/v1/me"):
                answer = client.call(method, self.real(path)[0], {})
                self.assertEqual(answer.status, 405, (method, path))
                self.assertIn(answer.header("Allow"), ("POST", "GET, HEAD"))
        self.assertEqual(self.data(), before)

    def test_no_or_another_csrf_token(self):
        others = {"keeper": "operator", "operator": "auditor", "auditor": "administrator", "administrator": "keeper"}
        before = self.data()
        for role in ROLES:
            client = self.as_(role)
            for token in ("", self.login_of(others[role]).csrf, client.csrf[:-1], client.cookie):
                for (method, path), roles in staff_operations():
                    if role in roles and method != "GET":
                        self.assertEqual(self.status(client, method, path, self.real(path), csrf=token), 403,
                                         (role, path, token))
        self.assertEqual(self.data(), before)

    def test_forged_cookies(self):
        real = self.login_of("administrator").cookie
        for cookie in ("x" * 43, "x", "x" * 5000, real[:-1], real + "x", real.swapcase(), '"' + real + '"',
                       "' OR 1=1 --".ljust(43, "x")):
            self.assertEqual(self.client().get("/v1/users", cookie=cookie).status, 401, cookie)
        self.all_refused(401, self.client(), cookie="A" * 43, csrf=self.login_of("administrator").csrf)

    def test_first_password_must_be_changed(self):
        admin = self.as_("administrator")
        made = admin.post("/v1/users", {"name": "fresh", "role": "administrator"}).json
        fresh = self.client().login("fresh", made["password"])
        self.assertTrue(fresh.get("/v1/me").json["user"]["must_change"])
        self.all_refused(403, fresh, but=BEFORE_CHANGE)
        self.assertEqual(self.refused(fresh.get("/v1/users"), 403, "E_DENIED"), "请先修改密码")
        self.assertEqual(fresh.post("/v1/me/password", {"old": made["password"], "new": PASSWORD}).status, 200)
        self.assertEqual(fresh.get("/v1/users").status, 200)
        self.assertEqual(fresh.post("/v1/logout").status, 200)
        self.assertEqual(fresh.get("/v1/me").status, 401)
        self.disable("fresh", made["user"]["id"])

    def disable(self, name, user=None):
        answer = self.as_("administrator").post(f"/v1/users/{user or self.users[name]}", {"disabled": True})
        self.assertEqual(answer.status, 200, answer)

    def test_disabled(self):
        made = self.as_("administrator").post("/v1/users", {"name": "gone", "role": "administrator"}).json
        gone = self.client().login("gone", made["password"])
        self.disable("gone", made["user"]["id"])
        self.all_refused(401, gone)
        answer = self.anyone.post("/v1/login", {"name": "gone", "password": made["password"]})
        unknown = self.anyone.post("/v1/login", {"name": "nobody", "password": "x"})
        self.assertEqual(self.refused(answer, 401, "E_DENIED"), self.refused(unknown, 401, "E_DENIED"))

    def test_a_login_ends_by_itself(self):
        for name, age in (("used", 31 * 60 * 1000), ("created", 12 * HOUR + 1000)):
            client = self.client().login("keeper")
            now = self.times_of(client)[0]
            self.set_login(client, **{name: now - age + 2 * 60 * 1000})
            self.assertEqual(client.get("/v1/me").status, 200, f"{name}: too early")
            self.set_login(client, **{name: now - age})
            self.all_refused(401, client)
        client = self.client().login("keeper")
        now = self.times_of(client)[1]
        self.set_login(client, used=now - 29 * 60 * 1000)
        client.get("/v1/me")
        self.assertGreater(self.times_of(client)[1], now - 60 * 1000, "a use is written down")

    # ---------------------------------------------------------------------- logins

    def test_the_cookie(self):
        fixed = "A" * 43
        answer = self.anyone.post("/v1/login", {"name": "second", "password": PASSWORD}, cookie=fixed)
        set_cookie = answer.header("Set-Cookie")
        token = re.fullmatch(r"sunmao_login=([\w-]{43}); Path=/v1; HttpOnly; SameSite=Strict", set_cookie)
        self.assertTrue(token, set_cookie)
        self.assertNotEqual(token[1], fixed, "a cookie from before the login is not taken over")
        self.assertEqual(self.anyone.get("/v1/me", cookie=fixed).status, 401)
        self.assertNotIn(token[1], answer.body.decode(), "what scripts can read")
        with open(self.city.data + "/record.db", "rb") as f, open(self.city.data + "/record.db-wal", "rb") as wal:
            self.assertNotIn(token[1].encode(), f.read() + wal.read(), "only its digest is kept")
        again = self.anyone.post("/v1/login", {"name": "second", "password": PASSWORD}, cookie=token[1])
        self.assertNotIn(token[1], again.header("Set-Cookie"))
        self.assertNotEqual(again.json["csrf"], answer.json["csrf"])

    def test_the_cookie_behind_tls(self):
        said = {"X-Forwarded-Proto": "https"}
        body = {"name": "second", "password": PASSWORD}
        self.assertNotIn("Secure", self.anyone.post("/v1/login", body, headers=said).header("Set-Cookie"))
        with Server(self.city, ("server.trust_proxy", "yes")) as behind:
            who = Client(behind)
            self.addCleanup(who.close)
            self.assertIn("; Secure", who.post("/v1/login", body, headers=said).header("Set-Cookie"))
            self.assertNotIn("Secure", who.post("/v1/login", body).header("Set-Cookie"))

    def test_logout_ends_one_login(self):
        one, other = self.client().login("second"), self.client().login("second")
        answer = one.post("/v1/logout")
        self.assertIn("Max-Age=0", answer.header("Set-Cookie"))
        self.assertEqual([one.get("/v1/me").status, other.get("/v1/me").status], [401, 200])

    def account(self, name, role="operator"):
        """A new account with a chosen password; its id."""
        self.city.add_user(name, role)
        users = self.as_("administrator").get("/v1/users").json["users"]
        return next(u["id"] for u in users if u["name"] == name)

    def test_a_new_password_ends_the_other_logins(self):
        self.account("changer")
        one, other = self.client().login("changer"), self.client().login("changer")
        new = "Another-Horse-8"
        self.refused(one.post("/v1/me/password", {"old": "wrong", "new": new}), 403, "E_DENIED")
        self.assertEqual(other.get("/v1/me").status, 200)
        self.assertEqual(one.post("/v1/me/password", {"old": PASSWORD, "new": new}).status, 200)
        self.assertEqual([one.get("/v1/me").status, other.get("/v1/me").status], [200, 401])
        self.assertEqual(self.anyone.post("/v1/login", {"name": "changer", "password": PASSWORD}).status, 401)
        self.client().login("changer", new)

    def test_role_and_reset_end_logins(self):
        user = self.account("mover")
        admin, client = self.as_("administrator"), self.client().login("mover")
        self.assertEqual(admin.post(f"/v1/users/{user}", {"display": "新名"}).status, 200)
        self.assertEqual(client.get("/v1/desk").status, 200, "a name is no right")
        self.assertEqual(admin.post(f"/v1/users/{user}", {"role": "auditor"}).status, 200)
        self.assertEqual(client.get("/v1/desk").status, 401)
        client.login("mover")
        self.assertEqual([client.get("/v1/desk").status, client.get("/v1/ledger").status], [403, 200])
        password = admin.post(f"/v1/users/{user}/reset").json["password"]
        self.assertEqual(client.get("/v1/ledger").status, 401)
        self.assertEqual(self.anyone.post("/v1/login", {"name": "mover", "password": PASSWORD}).status, 401)
        client.login("mover", password)
        self.refused(client.get("/v1/ledger"), 403)

    def test_a_stream_ends_with_its_login(self):
        user = self.account("listener")
        admin = self.as_("administrator")
        other = Stream(self.server, "/v1/desk/events", cookie=self.login_of("operator").cookie)
        ends = (lambda c: c.post("/v1/logout"), lambda c: admin.post(f"/v1/users/{user}", {"disabled": True}))
        for end in ends:
            client = self.client().login("listener")
            stream = Stream(self.server, "/v1/desk/events", cookie=client.cookie)
            self.assertTrue(stream.wait(lambda e: e[0] == "desk"))
            self.assertEqual(end(client).status, 200)
            self.assertTrue(eventually(lambda s=stream: s.over))
            stream.close()
        self.assertFalse(other.over)
        other.close()

    def test_five_wrong_passwords_lock(self):
        user = self.account("guessed")
        admin = self.as_("administrator")
        for _ in range(5):
            self.refused(self.anyone.post("/v1/login", {"name": "guessed", "password": "wrong"}), 401)
        said = self.refused(self.anyone.post("/v1/login", {"name": "guessed", "password": PASSWORD}), 429, "E_LIMIT")
        self.assertRegex(said, r"1[45] ?分钟")
        locked = {u["name"]: u["locked"] for u in admin.get("/v1/users").json["users"]}
        self.assertEqual((locked["guessed"], locked["second"]), (True, False))
        password = admin.post(f"/v1/users/{user}/reset").json["password"]
        self.client().login("guessed", password)

    def test_logins_have_an_allowance(self):
        with Server(self.city, ("limits.rate", "yes"), ("limits.logins_per_minute", "3")) as slow:
            who = Client(slow)
            self.addCleanup(who.close)
            for _ in range(3):
                self.refused(who.post("/v1/login", {"name": "nobody", "password": "x"}), 401)
            answer = who.post("/v1/login", {"name": "second", "password": PASSWORD})
            self.refused(answer, 429, "E_LIMIT")
            self.assertTrue(0 < int(answer.header("Retry-After")) <= 60)
            self.assertEqual(who.get("/v1/health").status, 200)

    def test_nothing_of_a_person_is_in_the_log(self):
        self.anyone.ask(QUESTION, self.session)
        self.refused(self.anyone.post("/v1/login", {"name": "guessed-name", "password": PASSWORD}), 401)
        self.refused(self.anyone.post(f"/v1/conversations/{self.session}/messages", {"text": " "}), 400)
        text = "".join(self.server.lines)
        for word in (PASSWORD, "guessed-name", QUESTION, self.session, self.login_of("keeper").cookie):
            self.assertNotIn(word, text)
        line = next(entry for entry in self.server.log() if entry.get("status") == 401)
        self.assertLessEqual({"time", "trace", "method", "route", "status", "code", "ms"}, set(line))


if __name__ == "__main__":
    server.main()
