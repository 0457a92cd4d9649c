#!/usr/bin/env python3
"""A conversation that goes to a person and back, on both sides; restarts, deletion, tests, figures."""
import threading

import server
from server import QUESTION, Client, Stream, cli, eventually

ASKED = "怎么申请低保"  # nothing in the city answers it


class TalkTest(server.ServerTest):
    more_accounts = (("second", "operator"),)
    settings = (("site.departments", "市公安局；市民政局;市人社局"),)

    # ------------------------------------------------------------------- helpers

    def handed_over(self, **more):
        """A conversation in the queue: the citizen's client, its name, the hand-over's number."""
        citizen = self.client()
        reply = citizen.ask(ASKED, **more)
        self.assertEqual((reply["act"], reply["state"]), ("handoff", "waiting"))
        return citizen, reply["session"], self.of_session(reply["session"])["id"]

    def of_session(self, session, state="all"):
        rows = self.as_("operator").get(f"/v1/desk?state={state}&limit=200").json["handovers"]
        return next((h for h in rows if h["session_short"] == session[:6]), None)

    def talk(self, session, after=0):
        answer = self.anyone.get(f"/v1/conversations/{session}?after={after}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def said(self, session, after=0):
        return [(m["sender"], m["text"]) for m in self.talk(session, after)["messages"]]

    def do(self, who, number, act, status=200, **body):
        answer = who.post(f"/v1/desk/{number}/{act}", body)
        self.assertEqual(answer.status, status, answer)
        return answer.json.get("handover")

    def stream(self, session, **more):
        stream = Stream(self.server, f"/v1/conversations/{session}/events", **more)
        self.addCleanup(stream.close)
        return stream

    def close_all(self):
        operators = {u: self.as_(u) for u in ("operator", "second")}
        ids = {u: c.get("/v1/me").json["user"]["id"] for u, c in operators.items()}
        for h in operators["operator"].get("/v1/desk?state=all&limit=200").json["handovers"]:
            holder = next((u for u in operators if ids[u] == h["taken_by"]), "operator")
            if h["state"] == "waiting":
                self.do(operators[holder], h["id"], "take")
            if h["state"] != "closed":
                self.do(operators[holder], h["id"], "close", outcome="answered")

    # ---------------------------------------------------------------- the whole way

    def test_from_the_machine_to_a_person_and_back(self):
        self.close_all()
        first = self.handed_over()[1]  # so that the next one is second
        citizen, li, wang = self.client(), self.as_("operator"), self.as_("second")
        reply = citizen.ask(QUESTION)
        session = reply["session"]
        self.assertEqual(reply["state"], "machine")
        asked_back = citizen.ask("你好", session)
        self.assertEqual(asked_back["act"], "clarify")
        citizen.ask("收费吗", session)
        unknown = citizen.ask(ASKED, session)
        self.assertEqual((unknown["act"], unknown["state"], unknown["queue"]), ("handoff", "waiting", 2))
        called = citizen.post(f"/v1/conversations/{session}/handover", {"contact": " 13800000000 "}).json
        self.assertEqual((called["state"], called["queue"]), ("waiting", 2))
        self.assertEqual(citizen.post(f"/v1/conversations/{session}/messages", {"text": "我在等"}).status, 200)

        # The operator sees the queue in order, and all that was said.
        queue = li.get("/v1/desk?state=waiting").json
        self.assertEqual([h["session_short"] for h in queue["handovers"]], [first[:6], session[:6]])
        self.assertEqual((queue["waiting"], queue["departments"]), (2, ["市公安局", "市民政局", "市人社局"]))
        mine = queue["handovers"][1]
        self.assertEqual((mine["question"], mine["reason"], mine["contact"], mine["place"], mine["last"]),
                         (ASKED, "unknown", "13800000000", 2, "我在等"))
        number = mine["id"]
        shown = li.get(f"/v1/desk/{number}").json
        said = [(line["sender"], line["text"]) for line in shown["lines"]]
        self.assertEqual([text for sender, text in said if sender == "citizen"],
                         [QUESTION, "你好", "收费吗", ASKED, "我在等"])
        self.assertEqual([text for sender, text in said if sender == "machine"][0], reply["answer"])
        self.assertTrue(shown["items"])

        # One takes it, the other cannot.
        page, desk = self.stream(session), Stream(self.server, "/v1/desk/events", cookie=li.cookie)
        self.addCleanup(desk.close)
        self.assertTrue(page.wait(lambda e: e[0] == "state" and e[2]["queue"] == 2))
        taken = self.do(li, number, "take")
        self.assertEqual((taken["state"], taken["place"]), ("taken", 0))
        self.do(wang, number, "take", 409)
        self.do(wang, number, "answer", 409, text="我来")
        self.assertTrue(page.wait(lambda e: e[0] == "state" and e[2]["state"] == "person"))
        self.assertEqual(self.talk(session)["person"], taken["taker"])

        # What the citizen asks now goes to the person, once, and the person is told.
        direct = citizen.ask("我家三口人", session)
        self.assertEqual((direct["act"], direct["state"], direct["claims"], direct["record"], direct["queue"]),
                         ("person", "person", [], 0, 0))
        self.assertTrue(desk.wait(lambda e: e == ("line", None, {"handover": number})), "the operator is told")
        citizen.post(f"/v1/conversations/{session}/messages", {"text": "还有两个老人"})
        self.do(li, number, "answer", text="请带户口簿到街道")
        self.assertTrue(page.wait(lambda e: e[0] == "message" and e[2]["sender"] == "staff"))
        heard = [(sender, text) for _, sender, text in page.messages()]
        self.assertEqual([h for h in heard if h[0] != "system"],
                         [("citizen", "我在等"), ("citizen", "我家三口人"), ("citizen", "还有两个老人"),
                          ("staff", "请带户口簿到街道")])
        self.assertEqual(self.said(session), heard)

        # To another department: its note is for the staff only.
        self.do(li, number, "forward", department="市民政局", note="低保归他们")
        self.assertEqual(self.talk(session)["state"], "waiting")
        self.assertNotIn("低保归他们", str(self.said(session)))
        self.assertIn(number, [h["id"] for h in wang.get(
            "/v1/desk?state=waiting&department=%E5%B8%82%E6%B0%91%E6%94%BF%E5%B1%80").json["handovers"]])
        self.assertNotIn(number, [h["id"] for h in wang.get(
            "/v1/desk?state=waiting&department=%E5%B8%82%E5%85%AC%E5%AE%89%E5%B1%80").json["handovers"]])
        self.do(wang, number, "take")
        self.assertIn("低保归他们", [line["text"] for line in wang.get(f"/v1/desk/{number}").json["lines"]])
        self.do(li, number, "answer", 409, text="还是我来")
        self.do(wang, number, "answer", text="可以网上申请")
        closed = self.do(wang, number, "close", outcome="answered")
        self.assertEqual((closed["state"], closed["outcome"]), ("closed", "answered"))
        self.do(wang, number, "answer", 409, text="再说一句")

        # Back to the machine.
        self.assertTrue(page.wait(lambda e: e[0] == "state" and e[2]["state"] == "machine"))
        again = citizen.ask(QUESTION, session)
        self.assertEqual((again["act"], again["state"]), ("answer", "machine"))
        self.assertEqual(citizen.post(f"/v1/conversations/{session}/messages", {"text": "谢谢"}).status, 409)
        messages = page.messages()
        self.assertEqual([n for n, _, _ in messages], sorted({n for n, _, _ in messages}), "in order, none twice")
        self.assertEqual([(s, t) for _, s, t in messages], self.said(session))
        acts = [r["act"] for r in self.as_("auditor").get("/v1/ledger?kind=act&limit=50").json["records"]
                if r["reason"] == str(number)]
        self.assertEqual(acts[::-1], ["desk.take", "desk.answer", "desk.forward", "desk.take", "desk.answer",
                                      "desk.close"])

    # --------------------------------------------------------------- nothing is lost

    def test_many_messages_at_once(self):
        citizen, session, number = self.handed_over()
        operator = self.as_("operator")
        self.do(operator, number, "take")
        pages = [self.stream(session) for _ in range(3)]
        for page in pages:
            self.assertTrue(page.wait(lambda e: e[0] == "state"))
        rounds, errors = 12, []

        def talk(client, call):
            for i in range(rounds):
                answer = call(client, i)
                if answer.status != 200:
                    errors.append(answer)

        def write(client, i):
            return client.post(f"/v1/conversations/{session}/messages", {"text": f"问{i}"})

        def ask(client, i):
            return client.post("/v1/ask", {"text": f"提问{i}", "session": session})

        def reply(client, i):
            return client.post(f"/v1/desk/{number}/answer", {"text": f"答{i}"})

        threads = [threading.Thread(target=talk, args=a) for a in
                   ((citizen, write), (self.client(), ask), (operator, reply))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        wanted = [(m["id"], m["sender"], m["text"]) for m in self.talk(session)["messages"]]
        self.assertEqual(len(wanted), 3 * rounds + 1)
        for page in pages:
            eventually(lambda page=page: len(page.messages()) >= len(wanted), 20)
            self.assertEqual(page.messages(), wanted)
        # One that has lost its connection gets the rest, no more.
        late = self.stream(session, headers={"Last-Event-ID": str(wanted[9][0])})
        self.assertTrue(late.wait(lambda e: e[0] == "message" and e[1] == wanted[-1][0]))
        self.assertEqual(late.messages(), wanted[10:])
        self.assertEqual(self.said(session, wanted[9][0]), [m[1:] for m in wanted[10:]])

    def test_more_than_a_thousand_messages(self):
        citizen, session, number = self.handed_over()
        self.server_db("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1005)"
                       " INSERT INTO message(session, time_ms, handover, sender, name, text)"
                       " SELECT ?, 1, ?, 'citizen', '', 'x' || i FROM n", session, number)
        whole = self.talk(session)["messages"]
        last = self.talk(session, whole[-1]["id"])["messages"][-1]["id"]
        page = self.stream(session, headers={"Last-Event-ID": str(last)})
        self.assertTrue(page.wait(lambda e: e[0] == "state"))
        citizen.post(f"/v1/conversations/{session}/messages", {"text": "第一千零六句"})
        self.assertTrue(page.wait(lambda e: e[0] == "message", 20))
        self.assertEqual([m[2] for m in page.messages()], ["第一千零六句"])

    def server_db(self, sql, *values):
        import sqlite3
        db = sqlite3.connect(self.city.data + "/record.db", timeout=server.PATIENCE)
        db.execute(sql, values)
        db.commit()
        db.close()

    def test_taking_and_closing_while_the_citizen_asks(self):
        """Each text is answered by the machine or lies with the person; none by both, none by nobody."""
        citizen, session, _ = self.handed_over()
        operator, asked, stop = self.as_("operator"), [], threading.Event()

        def take_and_close():
            while not stop.is_set():
                h = self.of_session(session)
                if h["state"] == "waiting":
                    operator.post(f"/v1/desk/{h['id']}/take", {})
                elif h["state"] == "taken":
                    operator.post(f"/v1/desk/{h['id']}/close", {"outcome": "answered"})

        thread = threading.Thread(target=take_and_close)
        thread.start()
        try:
            for i in range(60):
                text = f"第{i}次问：{ASKED}"
                answer = citizen.post("/v1/ask", {"text": text, "session": session})
                self.assertEqual(answer.status, 200, answer)
                asked.append((text, answer.json["act"]))
        finally:
            stop.set()
            thread.join()
        by_person = [text for text, act in asked if act == "person"]
        self.assertEqual([t for s, t in self.said(session) if s == "citizen"], by_person)
        lines = operator.get(f"/v1/desk/{self.of_session(session)['id']}").json["lines"]
        texts = [line["text"] for line in lines if line["sender"] == "citizen"]
        self.assertEqual(sorted(texts), sorted([ASKED] + [text for text, _ in asked]))
        self.assertTrue(0 < len(by_person) < len(asked), f"{len(by_person)} of {len(asked)} went to the person")

    def test_restarts(self):
        citizen, session, number = self.handed_over()
        operator = self.as_("operator")
        self.do(operator, number, "take")
        citizen.ask("我家三口人", session)
        for end in (self.server.stop, self.server.kill):
            page = self.stream(session)
            self.do(operator, number, "answer", text=f"答：{end.__name__}")
            before = self.talk(session)
            self.assertTrue(page.wait(lambda e, n=before["messages"][-1]["id"]: e[1] == n))
            end()
            self.assertTrue(eventually(lambda page=page: page.over), "the stream ends with the server")
            self.server.start()
            self.assertEqual(self.talk(session), before)
            self.assertEqual(operator.get("/v1/me").status, 200, "a login outlives the server")
            self.assertEqual(self.of_session(session)["state"], "taken")
            self.assertEqual(citizen.ask("还在吗", session)["act"], "person")
        self.do(operator, number, "close", outcome="no_reply")
        self.assertEqual(citizen.ask(QUESTION, session)["act"], "answer")
        verified = self.as_("auditor").post("/v1/ledger/verify").json
        self.assertTrue(verified["whole"], verified)
        self.assertEqual(cli("ledger", "verify", "--data", self.city.data, ok=False)[0], 0)

    # -------------------------------------------------------------- deleting, tests

    def test_deleting_takes_it_out_of_the_queue(self):
        for act in (None, "take"):
            citizen, session, number = self.handed_over()
            operator = self.as_("operator")
            if act:
                self.do(operator, number, act)
            waiting = operator.get("/v1/desk").json["waiting"]
            self.assertEqual(citizen.delete(f"/v1/conversations/{session}").status, 200)
            gone = operator.get(f"/v1/desk/{number}").json
            self.assertEqual((gone["handover"]["state"], gone["handover"]["question"], gone["handover"]["last"]),
                             ("closed", "", ""))
            self.assertEqual(gone["lines"], [])
            self.assertEqual(operator.get("/v1/desk").json["waiting"], waiting - (act is None))
            self.do(operator, number, "answer", 409, text="您好")
            self.do(operator, number, "take", 409)
            for answer in (citizen.post("/v1/ask", {"text": "在吗", "session": session}),
                           citizen.get(f"/v1/conversations/{session}"),
                           citizen.post(f"/v1/conversations/{session}/handover"),
                           citizen.post(f"/v1/conversations/{session}/messages", {"text": "在吗"})):
                self.refused(answer, 404, "E_NOTFOUND")

    def test_tests_are_kept_apart(self):
        auditor, operator = self.as_("auditor"), self.as_("operator")
        before = auditor.get("/v1/figures?days=1").json
        waiting = operator.get("/v1/desk").json["waiting"]
        unanswered = self.as_("keeper").get("/v1/unanswered").json
        citizen, session, number = self.handed_over(test=True)
        self.assertEqual(citizen.ask(QUESTION, test=True)["act"], "answer")
        real = self.client().ask(ASKED)
        queue = operator.get("/v1/desk?state=waiting&limit=200").json
        self.assertEqual(queue["waiting"], waiting + 1, "a test is not waiting for anybody")
        order = [h["id"] for h in queue["handovers"]]
        self.assertLess(order.index(self.of_session(real["session"])["id"]), order.index(number))
        self.do(operator, number, "take")
        self.do(operator, number, "close", outcome="answered")
        after = auditor.get("/v1/figures?days=1").json
        self.assertEqual(after["tests"], before["tests"] + 2)
        self.assertEqual(after["acts"]["total"], before["acts"]["total"] + 1)
        self.assertEqual(after["handovers"]["closed"], before["handovers"]["closed"])
        self.assertEqual(after["unanswered"], before["unanswered"] + 1)
        self.assertEqual(sum(g["n"] for g in self.as_("keeper").get("/v1/unanswered").json["groups"]),
                         sum(g["n"] for g in unanswered["groups"]) + 1)

    def test_judged_questions_disappear(self):
        keeper = self.as_("keeper")
        records = [self.anyone.ask(text)["record"] for text in ("宠物狗怎么办证", ASKED)]

        def open_ones():
            groups = keeper.get("/v1/unanswered").json["groups"]
            return [r["record"] for g in groups for r in g["records"]]

        n = keeper.get("/v1/figures").json["unanswered"]
        self.assertLessEqual(set(records), set(open_ones()))
        self.assertEqual(keeper.post("/v1/unanswered", {"records": [records[0], 99999], "verdict": "out"}).status, 404)
        self.assertLessEqual(set(records), set(open_ones()), "all of them or none")
        self.assertEqual(keeper.post("/v1/unanswered", {"records": records, "verdict": "out"}).status, 200)
        self.assertEqual(set(records) & set(open_ones()), set())
        self.assertEqual(keeper.get("/v1/figures").json["unanswered"], n - 2)

    def test_figures_count_what_happened(self):
        before = self.as_("auditor").get("/v1/figures?days=1").json
        citizen = self.client()
        reply = citizen.ask(QUESTION)
        for verdict in ("wrong", "right", "right"):
            body = {"session": reply["session"], "record": reply["record"], "verdict": verdict}
            self.assertEqual(citizen.post("/v1/feedback", body).status, 200)
        self.assertEqual(citizen.ask("帮我写一首关于春天的诗")["act"], "refuse")
        self.assertEqual(citizen.ask("我不想活了")["act"], "crisis")
        after = self.as_("auditor").get("/v1/figures?days=1").json
        gained = {act: after["acts"][act] - before["acts"][act] for act in after["acts"]}
        self.assertEqual(gained, {"answer": 1, "clarify": 0, "handoff": 0, "refuse": 1, "crisis": 1, "total": 3})
        self.assertEqual(after["days"][-1]["total"], after["acts"]["total"])
        self.assertEqual([after["feedback"][k] - before["feedback"][k] for k in ("right", "wrong")], [1, 0],
                         "the last word counts")

    def test_zz_the_ledger_holds(self):
        verified = self.as_("auditor").post("/v1/ledger/verify").json
        self.assertTrue(verified["whole"], verified)
        self.assertEqual(verified["records"], self.as_("auditor").get("/v1/ledger?limit=1").json["total"])


if __name__ == "__main__":
    server.main()
