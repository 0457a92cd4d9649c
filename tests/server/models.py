"""What the tests of the gateway share: back ends that stand for model servers, a registry, an application's client.

    SUNMAO_BACKEND    the back end (bench/peers/backend.c; found beside the program when not given)
"""
import hashlib
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import time

import server

BACKEND = os.path.abspath(os.environ.get("SUNMAO_BACKEND", os.path.join(os.path.dirname(server.BIN), "bench_backend")))
EVERYTHING = "chat,completions,embed,rerank,json_schema,grammar,tools,reasoning,logprobs"


class Backend:
    """A process that answers as a model server would, or misbehaves as its model's name says."""

    def __init__(self, listen="0", gap_us=0):
        self.listen, self.gap_us = listen, gap_us
        self.start()

    def start(self):
        self.process = subprocess.Popen([BACKEND, "--listen", str(self.listen), "--gap-us", str(self.gap_us)],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def again(self):
        """At the same port."""
        self.listen = self.port
        self.start()

    def stats(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=server.PATIENCE)
        connection.request("GET", "/stats")
        got = json.loads(connection.getresponse().read())
        connection.close()
        return got


class Registry:
    """Rows of record.db, as `sunmao model` would have written them for models in production."""

    def __init__(self, city):
        self.path = city.data + "/record.db"
        self.n_keys = 0

    def write(self, sql, *values):
        return self.write_all((sql, values))

    def write_all(self, *statements):
        """In one transaction; the last one's row."""
        db = sqlite3.connect(self.path, timeout=30)
        with db:
            for sql, values in statements:
                number = db.execute(sql, values).lastrowid
            db.execute("INSERT INTO setting(name, value) VALUES('model_revision', '1')"
                       " ON CONFLICT(name) DO UPDATE SET value = CAST(value AS INTEGER) + 1")
        db.close()
        return number

    def rows(self, sql, *values):
        db = sqlite3.connect(self.path, timeout=30)
        got = db.execute(sql, values).fetchall()
        db.close()
        return got

    def model(self, name, source, kind="server", remote="", can=EVERYTHING, context=0, slots=0, key_from="",
              engine="{}", state="production"):
        return self.write(
            "INSERT INTO model(name, kind, state, source, key_from, remote_name, sm3, sha256, bytes, architecture,"
            " quantisation, template, licence, registration_no, context, n_embd, can, probed, slots, engine, price_in,"
            " price_out, watts, created) VALUES(?, ?, ?, ?, ?, ?, '', '', 0, '', '', '', '', '', ?, 0, ?, 1, ?, ?, 0,"
            " 0, 0, 1700000000000)", name, kind, state, source, key_from, remote, context, can, slots, engine)

    def alias(self, name, *targets, scope=""):
        """targets: (model id, weight, tier)"""
        insert = "INSERT INTO alias(name, scope, model, weight, tier) VALUES(?, ?, ?, ?, ?)"
        self.write_all(("DELETE FROM alias WHERE name = ? AND scope = ?", (name, scope)),
                       *((insert, (name, scope, *target)) for target in targets))

    def department(self, name, parent=0, weight=100, minute=0, day=0, month=0, concurrency=0):
        return self.write(
            "INSERT INTO department(name, parent, weight, per_minute, per_day, per_month, concurrency)"
            " VALUES(?, ?, ?, ?, ?, ?, ?)", name, parent, weight, minute, day, month, concurrency)

    def key(self, department, name="app", highest="citizen", models="", addresses="", expires=0):
        self.n_keys += 1
        secret = f"sk-{self.n_keys:043d}"
        digest = hashlib.new("sm3", secret.encode()).hexdigest()
        number = self.write(
            "INSERT INTO app_key(name, department, digest, hint, class, models, addresses, created, expires)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, 1, ?)", name, department, digest, secret[:9], highest, models, addresses,
            expires)
        return secret, number


class Application:
    """A client with a key; streams are read event by event."""

    def __init__(self, running, key, **headers):
        self.running, self.key, self.headers = running, key, headers

    def call(self, method, path, body=None, headers=None, wait=server.PATIENCE):
        connection = http.client.HTTPConnection(self.running.host, self.running.port, timeout=wait)
        send = {"Content-Type": "application/json", **self.headers, **(headers or {})}
        if self.key:
            send["Authorization"] = "Bearer " + self.key
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body, ensure_ascii=False).encode()
        try:
            connection.request(method, path, data, send)
            got = connection.getresponse()
            return server.Answer(got.status, got.getheaders(), got.read())
        finally:
            connection.close()

    def chat(self, model="chat-default", headers=None, wait=server.PATIENCE, **more):
        body = {"model": model, "messages": [{"role": "user", "content": "新生儿怎么上户口"}], **more}
        return self.call("POST", "/v1/chat/completions", body, headers, wait)

    def stream(self, model="chat-default", **more):
        return Streaming(self, {"model": model, "stream": True,
                                "messages": [{"role": "user", "content": "新生儿怎么上户口"}], **more})


class Streaming:
    """The events of one answer: data as text; `broken` when the connection ended before the body did."""

    def __init__(self, application, body, path="/v1/chat/completions", wait=server.PATIENCE):
        running, data = application.running, json.dumps(body, ensure_ascii=False).encode()
        self.socket = socket.create_connection((running.host, running.port), timeout=wait)
        head = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {application.key}",
                "Content-Type: application/json", f"Content-Length: {len(data)}"]
        self.socket.sendall("\r\n".join(head + ["", ""]).encode() + data)
        self.response = http.client.HTTPResponse(self.socket)
        self.response.begin()
        self.status, self.broken = self.response.status, False

    def events(self):
        try:
            for line in self.response:
                if line.startswith(b"data: "):
                    yield line[6:].rstrip(b"\r\n").decode()
        except (OSError, http.client.HTTPException):
            self.broken = True

    def all(self):
        got = list(self.events()) if self.status == 200 else self.response.read()
        self.close()
        return got

    def close(self):
        self.socket.close()


def sleep_until(what, wait=server.PATIENCE):
    end = time.monotonic() + wait
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
