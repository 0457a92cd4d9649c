#!/usr/bin/env python3
"""The gateway: OpenAI's words to the letter, keys, routing by alias, usage, hostile bodies."""
import json
import os
import threading
import time
from urllib.parse import quote

import models
import server
from models import Application, Backend, Registry
from server import eventually


class GatewayTest(server.ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend, cls.other = Backend(), Backend()
        r = cls.registry = Registry(cls.city)
        cls.ok = r.model("ok", cls.backend.url)
        cls.ok2 = r.model("other", cls.other.url, remote="ok")
        r.alias("chat-default", (cls.ok, 100, 0))
        cls.department = r.department("市公安局")
        cls.key, cls.key_id = r.key(cls.department)
        cls.app = Application(cls.server, cls.key)
        assert eventually(lambda: cls.app.chat().status == 200)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.backend.kill()
        cls.other.kill()

    def error(self, answer, status, code, param=None):
        self.assertEqual(answer.status, status, answer)
        error = answer.json["error"]
        self.assertEqual(set(error), {"message", "type", "param", "code"})
        self.assertEqual((error["code"], error["param"]), (code, param), answer)
        self.assertRegex(error["message"], "[\u4e00-\u9fff]")
        return error

    def sees(self, what):
        """The registry was changed from outside: it is taken up soon."""
        self.assertTrue(eventually(what))

    # ------------------------------------------------------------------ answers

    def test_a_whole_answer_is_the_back_ends(self):
        answer = self.app.chat(headers={"X-Request-Id": "caller-1"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["choices"][0]["finish_reason"], "stop")
        self.assertEqual(answer.header("X-Request-Id"), "caller-1")
        self.assertRegex(answer.header("X-Sunmao-Trace"), r"^[0-9a-f]{16}$")
        head = self.backend.stats()["head"]
        self.assertIn("X-Request-Id: caller-1", head)
        self.assertNotIn("Authorization", head, "the caller's key is nobody else's")

    def test_a_body_goes_as_it_came_but_for_the_models_name(self):
        body = '{ "messages" : [{"role":"user","content":"\\u4f60\\n好"}],"model"\t:"chat-default","x":1.50,"y":[1e3] }'
        self.registry.alias("by-other", (self.ok2, 1, 0))
        self.sees(lambda: self.app.chat("by-other").status == 200)
        answer = self.app.call("POST", "/v1/chat/completions", body.replace("chat-default", "by-other").encode())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.other.stats()["body"], json.loads(body.replace("chat-default", "ok")))

    def test_a_stream_is_the_back_ends_without_the_usage_nobody_asked_for(self):
        events = self.app.stream(max_tokens=5).all()
        self.assertEqual(events[-1], "[DONE]")
        chunks = [json.loads(e) for e in events[:-1]]
        self.assertEqual(len(chunks), 5)
        self.assertEqual("".join(c["choices"][0]["delta"]["content"] for c in chunks), "字0字1字2字3字4")
        self.assertFalse([c for c in chunks if "usage" in c])
        self.assertTrue(self.backend.stats()["body"]["stream_options"]["include_usage"])

    def test_usage_comes_when_asked_for(self):
        for options in ({"include_usage": True}, {"include_usage": True, "other": [1, {"a": None}]}):
            events = self.app.stream(max_tokens=3, stream_options=options).all()
            last = json.loads(events[-2])
            self.assertEqual((last["choices"], last["usage"]["completion_tokens"]), ([], 3))
            self.assertEqual(self.backend.stats()["body"]["stream_options"], options)
        for options in (None, {}, {"include_usage": False}, {"include_usage": None}):
            events = self.app.stream(max_tokens=3, stream_options=options).all()
            self.assertFalse([e for e in events if "usage" in e], options)
            self.assertTrue(self.backend.stats()["body"]["stream_options"]["include_usage"])

    def test_usage_in_every_chunk_is_taken_out(self):
        self.registry.alias("all", (self.registry.model("usage-all", self.backend.url), 1, 0))
        self.sees(lambda: self.app.chat("all").status == 200)
        events = self.app.stream("all", max_tokens=3).all()
        self.assertEqual((len(events), events[-1]), (4, "[DONE]"))
        self.assertFalse([e for e in events[:-1] if "usage" in json.loads(e)])
        events = self.app.stream("all", max_tokens=3, stream_options={"include_usage": True}).all()
        self.assertEqual(json.loads(events[2])["usage"]["completion_tokens"], 3)

    def test_a_long_stream_to_a_slow_reader_loses_nothing(self):
        stream = self.app.stream(max_tokens=20000)
        events = stream.events()
        self.assertIn("字0", next(events))
        time.sleep(0.5)
        rest = list(events)
        stream.close()
        self.assertEqual(len(rest), 20000)
        self.assertEqual(rest[-1], "[DONE]")

    def test_other_services(self):
        for path, more in (("completions", {"prompt": "好"}), ("embeddings", {"input": ["好"]}),
                           ("rerank", {"query": "好", "documents": ["a"]})):
            answer = self.app.call("POST", "/v1/" + path, {"model": "chat-default", **more})
            self.assertEqual(answer.status, 200, answer)

    def test_an_error_of_the_request_is_passed_on(self):
        self.registry.alias("bad", (self.registry.model("e400", self.backend.url), 1, 0))
        self.sees(lambda: self.app.chat("bad").status == 400)
        for answer in (self.app.chat("bad"), self.app.chat("bad", stream=True)):
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.json["error"]["message"], "the back end says 400")

    def test_an_error_that_is_no_json_is_readable(self):
        self.registry.alias("text", (self.registry.model("text-400", self.backend.url), 1, 0))
        self.sees(lambda: self.app.chat("text").status == 400)
        self.assertIn("字字", self.error(self.app.chat("text"), 400, "upstream_refused")["message"])
        for n in range(100, 140):  # cut to fit, and never in the middle of a character
            self.error(self.app.call("GET", "/v1/models/" + quote("长" * n)), 404, "model_not_found", "model")
            body = '{"model":"x","%s":1,"%s":1}' % ((("长" * n)[:n % 7 + 18] + "x" * (n % 3),) * 2)
            self.error(self.app.call("POST", "/v1/chat/completions", body.encode()), 400, "invalid_json")

    def test_an_event_of_a_megabyte(self):
        self.registry.alias("big", (self.registry.model("big-event", self.backend.url), 1, 0))
        self.sees(lambda: self.app.chat("big").status == 200)
        events = self.app.stream("big", max_tokens=4).all()
        self.assertEqual((len(events), events[-1]), (6, "[DONE]"))
        self.assertGreater(len(events[1]), 1 << 20)

    def test_done_is_the_end_whatever_the_back_end_does_then(self):
        self.registry.alias("linger", (self.registry.model("linger", self.backend.url), 1, 0))
        self.sees(lambda: self.app.chat("linger").status == 200)
        stream = self.app.stream("linger", max_tokens=3)
        self.assertEqual(stream.all()[-1], "[DONE]")
        self.assertFalse(stream.broken)
        status = lambda: self.as_("administrator").get("/v1/admin/status").json
        backend = lambda: next(b for b in status()["backends"] if b["name"] == "linger")
        self.assertTrue(eventually(lambda: backend()["running"] == 0))
        self.assertEqual(backend()["failed"], 0)

    def test_a_request_that_is_refused_in_its_stream_is_no_fault_of_the_back_end(self):
        self.registry.alias("refuse", (self.registry.model("refuse", self.backend.url), 1, 0))
        self.sees(lambda: self.app.chat("refuse").status == 200)
        for _ in range(8):
            answer = self.app.chat("refuse", stream=True)
            self.error(answer, 400, "upstream_refused")
        status = self.as_("administrator").get("/v1/admin/status").json
        backend = next(b for b in status["backends"] if b["name"] == "refuse")
        self.assertEqual((backend["health"], backend["breaker"]), ("up", "closed"))
        self.assertEqual(self.app.chat("refuse").status, 200)

    # --------------------------------------------------------------------- keys

    def test_keys(self):
        for key in ("", "sk-x", "sk-" + "9" * 43, "Bearer", "x" * 3000):
            self.error(Application(self.server, key).chat(), 401, "invalid_api_key")
        basic = Application(self.server, "").chat(headers={"Authorization": "Basic " + self.key})
        self.error(basic, 401, "invalid_api_key")

    def test_an_expired_key(self):
        old, _ = self.registry.key(self.department, expires=int(time.time() * 1000) - 1000)
        new, _ = self.registry.key(self.department, expires=int(time.time() * 1000) + 3600000)
        self.sees(lambda: Application(self.server, new).chat().status == 200)
        self.assertIn("过期", self.error(Application(self.server, old).chat(), 401, "invalid_api_key")["message"])

    def test_a_key_is_bound_to_addresses(self):
        there, _ = self.registry.key(self.department, addresses="10.0.0.0/8,2001:db8::/32")
        here, _ = self.registry.key(self.department, addresses="10.0.0.0/8,127.0.0.0/8")
        self.sees(lambda: Application(self.server, here).chat().status == 200)
        self.error(Application(self.server, there).chat(), 403, "address_not_allowed")

    def test_a_key_is_bound_to_models(self):
        self.registry.alias("second", (self.ok, 1, 0))
        key, _ = self.registry.key(self.department, models="second,other")
        app = Application(self.server, key)
        self.sees(lambda: app.chat("second").status == 200)
        self.error(app.chat(), 404, "model_not_found", "model")
        self.assertEqual(app.chat("other").status, 200, "a back end's own name, when the key lists it")
        self.error(self.app.chat("other"), 404, "model_not_found", "model")
        listed = app.call("GET", "/v1/models").json
        self.assertEqual(([m["id"] for m in listed["data"]], listed["object"]), (["second", "other"], "list"))
        one = app.call("GET", "/v1/models/other")
        self.assertEqual(one.json, {"id": "other", "object": "model", "created": 1700000000, "owned_by": "sunmao"})
        self.error(app.call("GET", "/v1/models/ok"), 404, "model_not_found", "model")

    def test_a_revoked_key_goes_at_once(self):
        key, number = self.registry.key(self.department)
        app, admin = Application(self.server, key), self.as_("administrator")
        self.sees(lambda: app.chat().status == 200)
        self.assertEqual(admin.post(f"/v1/admin/keys/{number}/revoke").status, 200)
        self.error(app.chat(), 401, "invalid_api_key")

    def test_scopes(self):
        sub = self.registry.department("派出所", parent=self.department)
        key, _ = self.registry.key(sub)
        app = Application(self.server, key)
        self.registry.alias("scoped", (self.ok, 1, 0))
        self.registry.alias("scoped", (self.ok2, 1, 0), scope=f"department:{self.department}")
        other, _ = self.registry.key(self.registry.department("市民政局"))
        self.sees(lambda: Application(self.server, other).chat("scoped").status == 200)
        before = self.other.stats()["requests"]
        self.assertEqual(app.chat("scoped").status, 200)
        self.assertEqual(self.other.stats()["requests"], before + 1, "the department's, for those below it too")
        self.assertEqual(Application(self.server, other).chat("scoped").status, 200)
        self.assertEqual(self.other.stats()["requests"], before + 1)

    def test_weights_and_tiers(self):
        self.registry.alias("shared", (self.ok, 300, 0), (self.ok2, 100, 0))
        self.sees(lambda: self.app.chat("shared").status == 200)
        before = self.backend.stats()["requests"], self.other.stats()["requests"]
        for _ in range(40):
            self.assertEqual(self.app.chat("shared").status, 200)
        share = self.other.stats()["requests"] - before[1]
        self.assertEqual(self.backend.stats()["requests"] - before[0] + share, 40)
        self.assertTrue(5 <= share <= 15, share)
        self.registry.alias("canary", (self.ok, 100, 0), (self.ok2, 0, 0))
        self.sees(lambda: self.app.chat("canary").status == 200)
        before = self.other.stats()["requests"]
        for _ in range(10):
            self.app.chat("canary")
        self.assertEqual(self.other.stats()["requests"], before, "a weight of 0 has no share")

    # ------------------------------------------------------------- what it needs

    def test_what_a_model_lacks_it_is_not_asked_for(self):
        plain = self.registry.model("plain-chat", self.backend.url, remote="ok", can="chat")
        able = self.registry.model("able", self.other.url, remote="ok", can="chat,tools,json_schema")
        self.registry.alias("plain-only", (plain, 1, 0))
        self.registry.alias("plain-first", (plain, 1, 0), (able, 1, 1))
        self.sees(lambda: self.app.chat("plain-first").status == 200)
        tools = {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}
        schema = {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}}
        self.error(self.app.chat("plain-only", **tools), 400, "unsupported_parameter", "tools")
        self.error(self.app.chat("plain-only", **schema), 400, "unsupported_parameter", "response_format")
        self.error(self.app.chat("plain-first", grammar="root ::= x"), 400, "unsupported_parameter", "grammar")
        self.error(self.app.call("POST", "/v1/embeddings", {"model": "plain-only", "input": "x"}), 400,
                   "unsupported_parameter", "model")
        for more in (tools, schema):
            before = self.other.stats()["requests"]
            answer = self.app.chat("plain-first", **more)
            self.assertEqual(answer.status, 200)
            self.assertEqual(self.other.stats()["requests"], before + 1)
            steps = self.trace(answer)["steps"]
            self.assertEqual(steps[0]["backend"], "plain-chat")
            self.assertIn("skipped: it lacks", steps[0]["note"])
        for nothing in ({"tools": []}, {"tools": None}, {"response_format": {"type": "text"}},
                        {"response_format": None}, {"logprobs": False}):
            self.assertEqual(self.app.chat("plain-only", **nothing).status, 200, nothing)

    def trace(self, answer):
        calls = self.as_("administrator").get("/v1/admin/status").json["calls"]
        return next(c for c in calls if c["trace"] == answer.header("X-Sunmao-Trace"))

    def test_a_context_that_is_too_small(self):
        small = self.registry.model("small", self.backend.url, remote="ok", context=1000)
        self.registry.alias("small", (small, 1, 0))
        self.registry.alias("small-first", (small, 1, 0), (self.ok2, 1, 1))
        self.sees(lambda: self.app.chat("small").status == 200)
        self.error(self.app.chat("small", max_tokens=2000), 400, "context_length_exceeded", "messages")
        self.error(self.app.chat("small", messages=[{"role": "user", "content": "长" * 9000}]), 400,
                   "context_length_exceeded", "messages")
        before = self.other.stats()["requests"]
        self.assertEqual(self.app.chat("small-first", max_tokens=2000).status, 200)
        self.assertEqual(self.other.stats()["requests"], before + 1)

    # ---------------------------------------------------------------- bad requests

    def test_bad_bodies(self):
        post = lambda data, path="chat/completions": self.app.call("POST", "/v1/" + path, data)
        for data in (b"", b" ", b"{", b"[]", b"null", b'"x"', b'{"model":"chat-default",}', b"\xff\xfe{}",
                     b'{"model":"chat-default"} x', b'{"a":"\xff"}', b"[" * 100000, b'{"a":' * 70 + b"1" + b"}" * 70,
                     b'{"a":01}', b'{"a":1.}', b'{"a":"\\x"}', b'{"a":"\\u12g4"}', b"{'a':1}", b'{"a":tru}',
                     b'{"model":"chat-default","model":"other","messages":[{"role":"user","content":"x"}]}',
                     b'{"mod\\u0065l":"chat-default","messages":[{"role":"user","content":"x"}]}'):
            self.error(post(data), 400, "invalid_json")
        message = [{"role": "user", "content": "x"}]
        for body, param in (({}, "model"), ({"model": 1}, "model"), ({"model": ""}, "model"),
                            ({"model": "x" * 300}, "model"), ({"model": "chat-default"}, "messages"),
                            ({"model": "chat-default", "messages": "x"}, "messages"),
                            ({"model": "chat-default", "messages": []}, "messages"),
                            ({"model": "chat-default", "messages": ["x"]}, "messages"),
                            ({"model": "chat-default", "messages": [{"content": "x"}]}, "messages"),
                            ({"model": "chat-default", "messages": message, "stream": "yes"}, "stream"),
                            ({"model": "chat-default", "messages": message, "max_tokens": -1}, "max_tokens"),
                            ({"model": "chat-default", "messages": message, "max_tokens": 1.5}, "max_tokens"),
                            ({"model": "chat-default", "messages": message, "max_tokens": 1 << 62}, "max_tokens"),
                            ({"model": "chat-default", "messages": message, "n": 1000}, "n"),
                            ({"model": "chat-default", "messages": message, "stream_options": 1}, "stream_options"),
                            (b'{"model":"chat-default","messages":[{"role":"user","content":"x"}],"stream":true,'
                             b'"stream_options":{"include\\u005fusage":false}}', "stream_options"),
                            ({"model": "chat-default", "messages": message, "response_format": "json"},
                             "response_format")):
            self.error(post(body), 400, "invalid_value", param)
        many = {"model": "chat-default", "messages": message, **{f"k{i}": 1 for i in range(100)}}
        self.error(post(many), 413, "invalid_json")
        self.error(post({"model": "chat-default"}, "completions"), 400, "invalid_value", "prompt")
        self.error(post({"model": "chat-default"}, "embeddings"), 400, "invalid_value", "input")
        self.error(post({"model": "chat-default"}, "rerank"), 400, "invalid_value", "query")

    def test_no_back_end_is_made_to_fetch_an_address(self):
        image = lambda url: [{"role": "user", "content": [{"type": "text", "text": "http://a.b 是什么：？"},
                                                          {"type": "image_url", "image_url": {"url": url}}]}]
        before = self.backend.stats()["requests"] + self.other.stats()["requests"]
        for url in ("http://127.0.0.1:1/x.png", "https://a.b/x.png", "file:///etc/passwd", "/etc/passwd"):
            for stream in (False, True):
                answer = self.app.chat("chat-default", messages=image(url), stream=stream)
                self.error(answer, 400, "unsupported_content", "messages")
                self.assertEqual(answer.json["error"]["type"], "invalid_request_error")
        hidden = (b'{"model":"chat-default","messages":[{"role":"user","content":[{"type":"image_url",'
                  b'"image\\u005furl":{"url":"\\u0068ttp\\u003a\\/\\/127.0.0.1:1"}}]}]}')
        self.error(self.app.call("POST", "/v1/chat/completions", hidden), 400, "unsupported_content", "messages")
        self.assertEqual(self.backend.stats()["requests"] + self.other.stats()["requests"], before)
        self.assertEqual(self.app.chat("chat-default", messages=image("data:image/png;base64,AA==")).status, 200)

    def test_bodies_of_some_megabytes(self):
        answer = self.app.chat(messages=[{"role": "user", "content": "大" * 2_000_000}])
        self.assertEqual(answer.status, 200, answer)
        answer = self.app.call("POST", "/v1/chat/completions", b"", {"Content-Length": str((8 << 20) + 1)})
        self.error(answer, 413, "request_too_large")

    def test_strange_names(self):
        for name in ("none", "../x", "a b", "名字", "x'; DROP TABLE model", "ok", "%s%n"):
            self.error(self.app.chat(name), 404, "model_not_found", "model")
        for number in ("a\tb", "x" * 200, "é"):
            answer = self.app.chat(headers={"X-Request-Id": number.encode()})
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.header("X-Request-Id"), answer.header("X-Sunmao-Trace"), "not taken")

    # ----------------------------------------------------------------- bookkeeping

    def test_usage_is_written(self):
        department = self.registry.department("市人社局")
        key, number = self.registry.key(department, highest="staff")
        app = Application(self.server, key)
        self.sees(lambda: app.chat().status == 200)
        app.stream(max_tokens=4).all()
        app.chat(headers={"X-Sunmao-Class": "batch"})
        app.chat(headers={"X-Sunmao-Class": "citizen"})  # not above what the key may
        rows = lambda: self.registry.rows("SELECT class, calls, prompt, generated FROM usage WHERE department = ?"
                                          " ORDER BY class", department)
        self.assertTrue(eventually(lambda: rows() == [(1, 3, 60, 36), (2, 1, 20, 16)]), rows())
        used = lambda: self.registry.rows("SELECT used FROM app_key WHERE id = ?", number)[0][0]
        self.assertTrue(eventually(lambda: abs(used() - time.time() * 1000) < 60000))

    def test_what_a_caller_that_left_has_used_is_written(self):
        slow = Backend(gap_us=50000)
        self.addCleanup(slow.kill)
        self.registry.alias("left", (self.registry.model("left", slow.url, remote="ok"), 1, 0))
        department = self.registry.department("走了")
        app = Application(self.server, self.registry.key(department)[0])
        self.sees(lambda: app.call("GET", "/v1/models/left").status == 200)
        stream = app.stream("left", max_tokens=10000)
        events = stream.events()
        for _ in range(5):
            next(events)
        stream.response.close()
        stream.close()
        rows = lambda: self.registry.rows("SELECT calls, failed, prompt > 0, generated >= 5, model > 0 FROM usage"
                                          " WHERE department = ?", department)
        self.assertTrue(eventually(rows))
        self.assertEqual(rows(), [(1, 0, 1, 1, 1)])

    def test_tools_are_part_of_the_prompt(self):
        small = self.registry.model("small-tools", self.backend.url, remote="ok", context=1000)
        self.registry.alias("small-tools", (small, 1, 0))
        self.sees(lambda: self.app.chat("small-tools").status == 200)
        tools = [{"type": "function", "function": {"name": "f", "description": "长" * 9000, "parameters": {}}}]
        self.error(self.app.chat("small-tools", tools=tools), 400, "context_length_exceeded", "messages")

    def test_a_budget(self):
        key, _ = self.registry.key(self.registry.department("预算", minute=100))
        app = Application(self.server, key)
        self.sees(lambda: app.chat(max_tokens=16).status != 401)
        eventually(lambda: app.chat(max_tokens=16).status == 429)
        answer = app.chat(max_tokens=16)
        self.error(answer, 429, "rate_limit_exceeded")
        self.assertRegex(answer.header("Retry-After"), r"^[1-9]\d*$")
        self.assertEqual(self.app.chat().status, 200, "the others are not concerned")

    def test_the_status(self):
        self.app.chat()
        status = self.as_("auditor").get("/v1/admin/status").json
        backend = next(b for b in status["backends"] if b["name"] == "ok")
        self.assertEqual((backend["health"], backend["breaker"], backend["kind"]), ("up", "closed", "server"))
        self.assertGreater(backend["calls"], 0)
        self.assertEqual([c["class"] for c in status["classes"]], ["citizen", "staff", "batch"])

    def test_a_batch_call_yields_to_a_citizens(self):
        slow = Backend()
        self.addCleanup(slow.kill)
        self.registry.alias("one-slot", (self.registry.model("one-slot", slow.url, remote="slow", slots=1), 1, 0))
        self.sees(lambda: self.app.chat("one-slot").status == 200)
        before, got = slow.stats()["requests"], []
        batch = threading.Thread(target=lambda: got.append(("batch", self.app.chat(
            "one-slot", headers={"X-Sunmao-Class": "batch"}))))
        batch.start()
        self.assertTrue(eventually(lambda: slow.stats()["requests"] == before + 1))
        got.append(("citizen", self.app.chat("one-slot")))
        batch.join()
        self.assertEqual([(who, answer.status) for who, answer in got], [("citizen", 200), ("batch", 200)])
        steps = self.trace(got[1][1])["steps"]
        self.assertIn("put back for a live call", [step["note"] for step in steps])
        self.assertEqual(slow.stats()["requests"], before + 3, "the batch call was asked twice")

    def test_removed_models_and_aliases(self):
        gone = self.registry.model("gone", self.other.url, remote="ok")
        self.registry.alias("gone", (gone, 1, 0))
        self.sees(lambda: self.app.chat("gone").status == 200)
        self.registry.alias("gone", (self.ok, 1, 0))
        self.registry.write("UPDATE model SET state = 'retired' WHERE id = ?", gone)
        before = self.other.stats()["requests"]
        self.sees(lambda: "gone" not in [b["name"] for b in self.as_("auditor").get("/v1/admin/status")
                                         .json["backends"]])
        self.assertEqual(self.app.chat("gone").status, 200)
        self.assertEqual(self.other.stats()["requests"], before)


class QueueTest(server.ServerTest):
    """One slot, and a queue of the settings' making."""

    settings = (("models.citizen_queue", "1"), ("models.staff_wait_s", "1"), ("models.batch_yields", "no"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(cls.city)

    def setUp(self):
        self.backend = Backend()
        self.addCleanup(self.backend.kill)
        name = self.id().rsplit(".", 1)[-1][:60]
        self.one = self.registry.model(name, self.backend.url, remote="stall", slots=1)
        self.registry.alias(name, (self.one, 1, 0))
        self.app, self.name = Application(self.server, self.registry.key(self.registry.department(name))[0]), name
        self.assertTrue(eventually(lambda: name.encode() in self.app.call("GET", "/v1/models").body))

    def waits(self, **headers):
        """A call that stays, in the slot or in the queue, until the caller leaves."""
        running = threading.Thread(target=self.stay, args=(headers,), daemon=True)
        running.start()
        return running

    def stay(self, headers):
        try:
            self.app.chat(self.name, headers=headers, wait=8)
        except TimeoutError:
            pass

    def live(self):
        return {c["class"]: (c["waiting"], c["running"]) for c in self.as_("auditor").get("/v1/admin/status").json["classes"]}

    def test_a_full_queue_is_told_with_the_position_and_when_to_come_again(self):
        first = self.waits()
        self.assertTrue(eventually(lambda: self.live()["citizen"] == (0, 1)))
        second = self.waits()
        self.assertTrue(eventually(lambda: self.live()["citizen"] == (1, 1)))
        third = self.app.chat(self.name)
        self.assertEqual((third.status, third.json["error"]["code"]), (429, "rate_limit_exceeded"), third)
        self.assertRegex(third.header("Retry-After"), r"^[1-9]\d*$")
        self.assertEqual(third.header("X-Sunmao-Position"), "2")
        self.assertIn("第 2 位", third.json["error"]["message"])
        first.join()
        second.join()
        self.assertTrue(eventually(lambda: self.live()["citizen"] == (0, 0)), "who left has gone from slot and queue")

    def test_who_waits_too_long_is_told_and_batch_stays_where_the_settings_say_so(self):
        batch = self.waits(**{"X-Sunmao-Class": "batch"})
        self.assertTrue(eventually(lambda: self.live()["batch"] == (0, 1)))
        answer = self.app.chat(self.name, headers={"X-Sunmao-Class": "staff"})
        self.assertEqual((answer.status, answer.json["error"]["code"]), (429, "rate_limit_exceeded"), answer)
        self.assertEqual(self.live()["batch"], (0, 1))
        batch.join()


class MidnightTest(server.ServerTest):
    """The day ends some seconds after the server's start, by a time zone of its own."""

    @classmethod
    def setUpClass(cls):
        ahead = 86400 - int(time.time()) % 86400 - 25
        os.environ["TZ"] = "XXX%s%d:%02d:%02d" % ("-" if ahead > 0 else "+", abs(ahead) // 3600,
                                                  abs(ahead) // 60 % 60, abs(ahead) % 60)
        cls.addClassCleanup(os.environ.pop, "TZ")
        super().setUpClass()

    def test_calls_go_on_and_the_days_budget_begins_anew(self):
        backend, registry = Backend(), Registry(self.city)
        self.addCleanup(backend.kill)
        registry.alias("chat-default", (registry.model("ok", backend.url), 1, 0))
        app = Application(self.server, registry.key(registry.department("x", day=60))[0])
        self.assertTrue(eventually(lambda: app.chat(max_tokens=16).status == 200))
        answer = app.chat(max_tokens=16)
        self.assertEqual((answer.status, answer.json["error"]["code"]), (429, "insufficient_quota"))
        self.assertTrue(eventually(lambda: app.chat(max_tokens=16).status == 200), "after midnight")


class BruteForceTest(server.ServerTest):
    settings = (("limits.rate", "yes"), ("limits.logins_per_minute", "3"), ("limits.asks_per_minute", "1"))

    def test_wrong_keys_draw_on_the_allowance_and_right_ones_on_none(self):
        backend, registry = Backend(), Registry(self.city)
        self.addCleanup(backend.kill)
        registry.alias("chat-default", (registry.model("ok", backend.url), 1, 0))
        key, _ = registry.key(registry.department("x"))
        right, wrong = Application(self.server, key), Application(self.server, "sk-" + "8" * 43)
        self.assertTrue(eventually(lambda: right.call("GET", "/v1/models").status != 401 or time.sleep(21)))
        statuses = [wrong.chat().status for _ in range(6)]
        self.assertEqual(statuses[-1], 429)
        self.assertRegex(wrong.chat().header("Retry-After"), r"^[1-9]\d*$")
        self.assertEqual({right.chat().status for _ in range(20)}, {200})


class EmptyTest(server.ServerTest):
    def test_without_a_model_there_is_no_thread(self):
        tasks = lambda: len(__import__("os").listdir(f"/proc/{self.server.process.pid}/task"))
        before = tasks()
        self.assertEqual(Application(self.server, "sk-" + "7" * 43).chat().status, 401)
        status = self.as_("auditor").get("/v1/admin/status").json
        self.assertEqual((status["running"], status["backends"]), (False, []))
        self.assertEqual(tasks(), before)


if __name__ == "__main__":
    server.main()
