"""What the tests of the server share: a small city, a running `sunmao serve`, a client, event streams.

    SUNMAO_BIN    the program; SUNMAO_SHARE its shared files (found beside the tests when not given)

A city is the demo's first items (twelve unless said otherwise) and three policies, imported by the command line, with
one account of each role.  Every server listens on a port that the system chooses.  One that ends with a sanitizer's
report, or not with status 0, fails the test.
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from urllib.parse import quote, urlencode

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.path.abspath(os.environ.get("SUNMAO_BIN", os.path.join(SOURCE, "build/bin/sunmao")))
ROLES = ("keeper", "operator", "auditor", "administrator")
PASSWORD = "Correct-horse-7"
PATIENCE = 60  # seconds until a test gives up: far more than anything takes
QUESTION = "新生儿上户口要带什么材料"  # the city answers it


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith("SUNMAO_")}
    env.update(SUNMAO_SHARE=SOURCE + "/share", SUNMAO_TODAY="2026-11-23", LC_ALL="C.UTF-8")
    return env


def cli(*args, given=None, ok=True):
    """Runs the program; its standard output, or (status, output, error) unless it must go well."""
    done = subprocess.run([BIN, *args], env=environment(), input=given, capture_output=True, text=True,
                          timeout=PATIENCE * 2)
    if not ok:
        return done.returncode, done.stdout, done.stderr
    if done.returncode != 0:
        raise AssertionError(f"sunmao {' '.join(args)}: {done.returncode}\n{done.stderr}")
    return done.stdout


def eventually(what, wait=PATIENCE):
    """Calls it until it gives something true."""
    end = time.monotonic() + wait
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.02)


class City:
    """A folder with a data directory in it."""

    def __init__(self, accounts=ROLES, more_accounts=(), n_items=12):
        self.folder = tempfile.mkdtemp(prefix="sunmao-server-")
        self.data = self.folder + "/data"
        items = self.folder + "/items.jsonl"
        with open(SOURCE + "/demo/items.jsonl", encoding="utf-8") as f, open(items, "w", encoding="utf-8") as g:
            g.writelines(f.readline() for _ in range(n_items))
        cli("init", "--data", self.data, "--regions", SOURCE + "/demo/regions.tsv")
        cli("import", "--data", self.data, "--kind", "item", items)
        cli("import", "--data", self.data, "--kind", "policy",
            *(f"{SOURCE}/demo/policies/{p}.md" for p in ("p01", "p02", "p20")))
        for role in accounts:
            self.add_user(role, role)
        for name, role in more_accounts:
            self.add_user(name, role)

    def add_user(self, name, role):
        cli("user", "add", name, "--role", role, "--password-stdin", "--data", self.data, given=PASSWORD + "\n")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """`sunmao serve` over a city; settings as --set takes them, e.g. ("limits.rate", "yes")."""

    def __init__(self, city, *settings, args=()):
        self.city, self.settings, self.args = city, dict((("limits.rate", "no"), *settings)), args
        self.start()

    def command(self):
        given = ",".join(f"{k}={v}" for k, v in self.settings.items())
        return [BIN, "serve", "--data", self.city.data, "--listen", "127.0.0.1:0", "--set", given, *self.args]

    def start(self):
        self.process = subprocess.Popen(self.command(), env=environment(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.lines, self.host, self.port = [], "127.0.0.1", None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if not eventually(lambda: self.port or self.process.poll() is not None) or not self.port:
            raise AssertionError("the server does not start:\n" + "".join(self.lines))

    def read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            self.port = self.port or self.address_in(line)

    def address_in(self, line):
        found = re.search(r"http://127\.0\.0\.1:(\d+)/$", line)
        return int(found[1]) if found else None

    def log(self):
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.read_to_the_end()

    def read_to_the_end(self):
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        if any("Sanitizer" in line or "runtime error:" in line for line in self.lines):
            raise AssertionError("".join(self.lines[-200:]))

    def stop(self):
        """Ends it as an administrator would; it must end in order."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server does not stop\n" + "".join(self.lines[-20:]))
        self.read_to_the_end()
        if status != 0:
            raise AssertionError(f"the server ended with {status}\n" + "".join(self.lines[-200:]))

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stop()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        values = [v for k, v in self.headers if k.lower() == name.lower()]
        return values[0] if values else ""

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """Of an error: its code."""
        try:
            return self.json["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None

    def __repr__(self):
        return f"{self.status} {self.body[:300].decode('utf-8', 'replace')}"


def path_of(pattern, names=None, query=None):
    for name, value in (names or {}).items():
        pattern = pattern.replace("{%s}" % name, quote(str(value), safe=""))
    return pattern + ("?" + urlencode(query) if query else "")


class Client:
    """One browser: a connection of its own to a server, perhaps with a login."""

    def __init__(self, server, **headers):
        self.server, self.headers, self.cookie, self.csrf = server, headers, "", ""
        self.connection = None

    def call(self, method, path, body=None, headers=None, cookie=None, csrf=None):
        """body: bytes as they are, anything else as JSON.  cookie, csrf: others than this client's."""
        send = dict(self.headers)
        send.update(headers or {})
        cookie = self.cookie if cookie is None else cookie
        csrf = self.csrf if csrf is None else csrf
        if cookie:
            send["Cookie"] = "sunmao_login=" + cookie
        if csrf and method not in ("GET", "HEAD"):
            send["X-CSRF-Token"] = csrf
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            send.setdefault("Content-Type", "application/json")
        for again in (False, True):
            try:
                return self.exchange(method, path, body, send)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                if again:
                    raise
        raise AssertionError

    def exchange(self, method, path, body, headers):
        key = (self.server.host, self.server.port)
        if self.connection is None or self.connection_of != key:
            self.close()
            self.connection, self.connection_of = http.client.HTTPConnection(*key, timeout=PATIENCE), key
        try:
            self.connection.request(method, path, body, headers)
        except (ConnectionResetError, BrokenPipeError):  # answered before all was sent
            if not body:
                raise
        got = self.connection.getresponse()
        answer = Answer(got.status, got.getheaders(), got.read())
        if got.will_close:
            self.close()
        return answer

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def ask(self, text, session=None, **more):
        body = {"text": text, **more}
        if session:
            body["session"] = session
        answer = self.post("/v1/ask", body)
        if answer.status != 200:
            raise AssertionError(f"ask {text}: {answer}")
        return answer.json

    def login(self, name, password=PASSWORD):
        answer = self.post("/v1/login", {"name": name, "password": password})
        if answer.status != 200:
            raise AssertionError(f"login {name}: {answer}")
        self.cookie = re.match(r"sunmao_login=([^;]*)", answer.header("Set-Cookie"))[1]
        self.csrf = answer.json["csrf"]
        return self

    def job(self, answer):
        """Waits for what a 202 began."""
        if answer.status != 202:
            raise AssertionError(str(answer))
        number = answer.json["job"]
        return eventually(lambda: (j := self.get("/v1/jobs/" + number).json)["state"] != "running" and j)


class Stream:
    """An event stream, read as it comes: a list of (event, id, data)."""

    def __init__(self, server, path, cookie="", headers=None, body=None):
        self.socket = socket.create_connection((server.host, server.port), timeout=PATIENCE)
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: x", "Accept: text/event-stream"]
        lines += [f"Cookie: sunmao_login={cookie}"] if cookie else []
        lines += [f"{k}: {v}" for k, v in (headers or {}).items()]
        lines += [f"Content-Length: {len(body)}"] if body is not None else []
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode() + (body or b""))
        self.response = http.client.HTTPResponse(self.socket)
        self.response.begin()
        self.status = self.response.status
        self.events, self.over = [], False
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        event, number, data = None, None, []
        try:
            for line in self.response:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "id":
                    number = int(value)
                elif name == "data":
                    data.append(value)
                elif name == "" and (event or data):
                    self.events.append((event, number, json.loads("\n".join(data))))
                    event, number, data = None, None, []
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.over = True

    def wait(self, fits, wait=PATIENCE):
        """Until an event fits; it, or None."""
        return eventually(lambda: next((e for e in list(self.events) if fits(e)), None), wait)

    def messages(self):
        return [(number, data["sender"], data["text"]) for event, number, data in list(self.events)
                if event == "message"]

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.reader.join(PATIENCE)
        self.socket.close()


class ServerTest(unittest.TestCase):
    """A city and a server for all tests of a class."""

    more_accounts, settings, args = (), (), ()
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.city = City(more_accounts=cls.more_accounts)
        cls.server = Server(cls.city, *cls.settings, args=cls.args)
        cls.logins = {}

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.city.remove()

    def setUp(self):
        began = time.monotonic()
        if "-v" in sys.argv:
            self.addCleanup(lambda: print(f"{time.monotonic() - began:.1f} s", file=sys.stderr))

    def client(self, **headers):
        client = Client(self.server, **headers)
        self.addCleanup(client.close)
        return client

    @property
    def anyone(self):
        return self.client()

    def as_(self, name):
        """A client logged in as that person: once, since a login costs a password hash."""
        if name not in self.logins:
            self.logins[name] = self.client().login(name)
        known = self.logins[name]
        client = self.client()
        client.cookie, client.csrf = known.cookie, known.csrf
        return client

    def refused(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.header("Content-Type"), "application/json; charset=utf-8")
        error = answer.json["error"]
        self.assertEqual(set(error), {"code", "message"})
        if code:
            self.assertEqual(error["code"], code)
        self.assertRegex(error["message"], "[\u4e00-\u9fff]", "a message is Chinese")
        return error["message"]


def main():
    unittest.main(module="__main__")
