#!/usr/bin/env python3
"""The settings and the start of `sunmao serve`: what is wrong is told with file and line, and stops the start."""
import os
import socket
import unittest

import server
from server import City, Client, Server, cli

CHINESE = "[\u4e00-\u9fff]"


class SettingsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.city = City(accounts=())
        cls.file = cls.city.folder + "/sunmao.conf"

    @classmethod
    def tearDownClass(cls):
        cls.city.remove()

    def write(self, text):
        with open(self.file, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return self.file

    def fails(self, *args):
        """The start fails; its message."""
        status, out, error = cli("serve", *args, ok=False)
        self.assertNotEqual(status, 0, out)
        self.assertLess(status, 126, error)
        self.assertNotIn("Sanitizer", error)
        self.assertRegex(error, CHINESE)
        return error

    def printed(self, *args):
        return cli("serve", "--print-config", *args)

    def values(self, printed):
        lines = [line for line in printed.splitlines() if line and not line.startswith((";", "["))]
        return dict(line.split(" = ", 1) if " = " in line else (line.split(" =", 1)[0], "") for line in lines)

    # -------------------------------------------------------------------- the file

    def test_a_wrong_line_is_named(self):
        cases = {"[server]\nlisten = 127.0.0.1:0\nnonsense = 1\n": (3, "nonsense"),
                 "[nonsense]\nlisten = x\n": (2, "nonsense"),
                 "listen = x\n": (1, "listen"),
                 "[limits]\nasks_per_minute = many\n": (2, "many"),
                 "[limits]\n\n; a comment\nasks_per_minute = -1\n": (4, "-1"),
                 "[limits]\nasks_per_minute = 1000001\n": (2, "1000001"),
                 "[limits]\nasks_per_minute = 3.5\n": (2, "3.5"),
                 "[limits]\nasks_per_minute =\n": (2, "asks_per_minute"),
                 "[limits]\nrate = perhaps\n": (2, "perhaps"),
                 "[limits]\nrate\n": (2, ""),
                 "[limits\nrate = yes\n": (1, ""),
                 "[site]\ntitle = 一\ntitle\n": (3, ""),
                 "[server]\ntrust_proxy = yes\n[limits]\nrate = no\nrate = nein\n": (5, "nein"),
                 "[server]\n" + "x" * 5000 + "\n": (2, ""),
                 "[site]\ntitle: 一\n": (2, ""),
                 "[limits]\nrate = no ; a comment\n": (2, "no ; a comment"),
                 "[site]\ntitle = a\0b\n": (2, "")}
        for text, (line, word) in cases.items():
            error = self.fails("--config", self.write(text), "--print-config")
            self.assertIn(f"{self.file} 第 {line} 行", error, text)
            self.assertIn(word, error)

    def test_a_file_that_is_none(self):
        self.assertIn("none.conf", self.fails("--config", self.city.folder + "/none.conf"))
        self.assertRegex(self.fails("--config", self.city.folder), CHINESE)
        self.fails("--config", self.write(b"\xff\xfe\x00[server]\n"), "--print-config")

    def test_what_is_printed_can_be_read(self):
        every = self.printed()
        self.assertEqual(self.printed("--config", self.write(every)), every)
        texts = {"title": "云澜市 政务服务", "sponsor": "a ; b", "operator": "#1 = 2", "hotline": '"12345"', "contact": "；；",
                 "departments": "市公安局 ; 市民政局；市人社局", "phone": "0571-1 # 内线", "icp": "[server]",
                 "examples": "身份证丢了怎么补；" * 40,
                 "office_hours": "1-5 9:00-12:00 13:30-17:00; " + " ".join(f"2026-10-{d:02}" for d in range(1, 31))}
        text = "[site]\n" + "".join(f"{k} = {v}\n" for k, v in texts.items()) + "demo = on\n[limits]\nrate=0\n"
        once = self.printed("--config", self.write(text))
        values = self.values(once)
        self.assertEqual({k: values[k] for k in texts}, texts)
        self.assertEqual((values["demo"], values["rate"]), ("yes", "no"))
        self.assertEqual(self.printed("--config", self.write(once)), once)

    def test_lines_as_other_editors_write_them(self):
        for text in ("\ufeff[site]\r\ntitle = 一\r\n", "[site]\ntitle=一", "  [site]  \n  title   =  一  \n",
                     "# 说明\n; 说明\n[site]\n\ttitle = 一\n", "[site]\ncity =\n  title = 一\n",
                     "[site]\ntitle = 一"):
            values = self.values(self.printed("--config", self.write(text)))
            self.assertEqual((values["title"], values["city"]), ("一", ""), repr(text))

    def test_the_command_line_comes_last(self):
        self.write("[server]\nlisten = 127.0.0.1:1\ndata = /nowhere\n[site]\ntitle = 一\ncity = 甲\n")
        values = self.values(self.printed("--config", self.file, "--listen", "127.0.0.1:2", "--data", "here", "--set",
                                          "site.title=二,limits.rate=no"))
        self.assertEqual([values[k] for k in ("listen", "data", "title", "city", "rate")],
                         ["127.0.0.1:2", "here", "二", "甲", "no"])
        for wrong in ("title=x", "site.title", "=", "site.nothing=1", "nothing.title=1", "limits.rate=x", "."):
            self.fails("--print-config", "--set", wrong)
        self.assertIn("=", self.fails("--print-config", "--set", "site.title"))

    # ------------------------------------------------------------------- the start

    def start_fails(self, *args):
        return self.fails("--data", self.city.data, *args)

    def test_addresses(self):
        for wrong in ("nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "127.0.0.1:-1", "300.1.1.1:80",
                      "[::1]", "[::1:80", "unix:", "unix:" + "x" * 200, "unix:/nowhere/at/all", "", "tcp:1"):
            self.assertIn("E_", self.start_fails("--listen", wrong), wrong)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            error = self.start_fails("--listen", "127.0.0.1:%d" % taken.getsockname()[1])
            self.assertRegex(error, "占用|in use|已")
            self.assertIn("E_UNAVAILABLE", error)

    def test_a_unix_socket(self):
        path = self.city.folder + "/s"
        UnixServer(self.city, path).kill()  # leaves its socket
        with UnixServer(self.city, path):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertTrue(s.recv(4096).startswith(b"HTTP/1.1 200"))
        with open(path + ".file", "w", encoding="utf-8") as f:
            f.write("x")
        self.start_fails("--listen", f"unix:{path}.file")
        self.assertTrue(os.path.exists(path + ".file"), "a file that is no socket stays")

    def test_data(self):
        self.assertIn("E_NOTFOUND", self.fails("--data", self.city.folder + "/none", "--listen", "127.0.0.1:0"))
        self.assertFalse(os.path.exists(self.city.folder + "/none"), "a mistyped folder is not made")
        os.makedirs(self.city.folder + "/empty", exist_ok=True)
        self.assertIn("E_NOTFOUND", self.fails("--data", self.city.folder + "/empty", "--listen", "127.0.0.1:0"))

    def test_wrong_hours(self):
        for hours in ("nonsense", "1-8 9:00-17:00", "1-5 9:00-25:00", "1-5 17:00-9:00", "1-5 9:00-17:00; 2026-13-01"):
            self.assertIn("E_INVALID", self.start_fails("--listen", "127.0.0.1:0", "--set", "site.office_hours=" + hours),
                          hours)

    def test_1_the_first_start_makes_an_administrator(self):
        with Server(self.city) as first:
            text = "".join(first.lines)
            password = text.split("密码 ")[1].split()[0]
            who = Client(first).login("admin", password)
            self.assertEqual(who.get("/v1/me").json["user"]["must_change"], True)
            who.close()
        with Server(self.city) as second:
            self.assertNotIn("密码", "".join(second.lines))
        self.assertNotIn(password.encode(), open_all(self.city.data))


def open_all(folder):
    whole = []
    for name in ("record.db", "record.db-wal"):
        if os.path.exists(f"{folder}/{name}"):
            with open(f"{folder}/{name}", "rb") as f:
                whole.append(f.read())
    return b"".join(whole)


class UnixServer(Server):
    def __init__(self, city, path):
        self.path = path
        super().__init__(city)

    def command(self):
        return [*super().command(), "--listen", "unix:" + self.path]

    def address_in(self, line):
        return 1 if "unix:" in line else None


if __name__ == "__main__":
    server.main()
