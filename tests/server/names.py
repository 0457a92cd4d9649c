#!/usr/bin/env python3
"""A name server that never answers: nobody waits for it but who asked for the name.

Namespaces of its own have a resolv.conf that names a server of this test, which counts what it is asked and is silent.
Skipped (77) where none can be made.
"""
import os
import socket
import subprocess
import sys
import tempfile
import threading

SKIPPED = 77


def enter():
    """This script again, in namespaces of its own."""
    for flags in (["-mn"], ["-rmn"]):
        if subprocess.run(["unshare", *flags, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            os.environ["SUNMAO_NAMES"] = "yes"
            os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])
    print("no namespaces can be made here")
    sys.exit(SKIPPED)


def only_our_name_server():
    with tempfile.NamedTemporaryFile("w", delete=False) as f:
        f.write("nameserver 127.0.0.1\noptions timeout:30 attempts:2\n")
    bound = [subprocess.run(["mount", "--bind", f.name, path]).returncode for path in ("/etc/resolv.conf",)]
    os.unlink(f.name)
    if any(bound):
        print("no resolv.conf of our own can be had here")
        sys.exit(SKIPPED)


os.environ["SUNMAO_NOROUTE"] = "yes"  # there is none here
if os.environ.get("SUNMAO_NAMES") != "yes":
    enter()
only_our_name_server()

import server  # noqa: E402
from models import Application, Backend, Registry  # noqa: E402
from noroute import loopback_up  # noqa: E402
from server import City, Server, eventually  # noqa: E402


class NamesTest(server.unittest.TestCase):
    def setUp(self):
        loopback_up()
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            self.asked.append(self.socket.recvfrom(999)[0])

    def test_who_gives_up_waits_for_no_name_server(self):
        city, backend = City(), Backend()
        self.addCleanup(city.remove)
        self.addCleanup(backend.kill)
        registry = Registry(city)
        key, _ = registry.key(registry.department("x"))
        with Server(city) as running:
            app = Application(running, key)
            registry.alias("good", (registry.model("good", backend.url, remote="ok"), 1, 0))
            self.assertTrue(eventually(lambda: app.chat("good").status == 200))
            registry.alias("lost", (registry.model("lost", "http://models.example:1", remote="ok"), 1, 0))
            self.assertTrue(eventually(lambda: self.asked))
            self.assertTrue(eventually(lambda: app.chat("lost").status in (502, 503, 504)))
            first = self.asked[0]
            self.assertEqual(app.chat("good").status, 200)
            self.assertEqual(self.asked.count(first), 1, "answered before the name server was asked once more")


if __name__ == "__main__":
    server.main()
