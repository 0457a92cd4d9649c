#!/usr/bin/env python3
"""What airgap.py shows, for what needs no engine: registering, testing and judging models, the operator's calls.

The kernel counts what could not be sent for want of a route (OutNoRoutes, of IPv4 and IPv6, in /proc/net/snmp and snmp6
of the namespace; name servers' addresses among it).  The count stays as it was through everything: import, questions, a
model's test, evaluation and use, figures, the doctor.  At the end one attempt to leave shows that the count counts.
Skipped (77) where no namespace can be made.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

SKIPPED = 77


def enter():
    """This script again, in namespaces of its own."""
    for flags in (["-n"], ["-rn"]):
        if subprocess.run(["unshare", *flags, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            os.environ["SUNMAO_NOROUTE"] = "yes"
            os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])
    print("no network namespace can be made here")
    sys.exit(SKIPPED)


if os.environ.get("SUNMAO_NOROUTE") != "yes":
    enter()

import server  # noqa: E402
from model import ModelServer  # noqa: E402
from server import QUESTION, SOURCE, City, Client, Server, cli, eventually  # noqa: E402


def loopback_up():
    SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        name = b"lo".ljust(16, b"\0")
        flags = struct.unpack("16sh", fcntl.ioctl(s, SIOCGIFFLAGS, name + bytes(16))[:18])[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, name + struct.pack("h", flags | IFF_UP) + bytes(14))


def lost():
    """Packets without a route so far."""
    with open("/proc/self/net/snmp", encoding="ascii") as f:
        names, values = [line.split()[1:] for line in f if line.startswith("Ip:")]
    total = int(values[names.index("OutNoRoutes")])
    if os.path.exists("/proc/self/net/snmp6"):
        with open("/proc/self/net/snmp6", encoding="ascii") as f:
            total += sum(int(line.split()[1]) for line in f if line.startswith("Ip6OutNoRoutes"))
    return total


class NoRouteTest(server.unittest.TestCase):
    def test_the_whole_system(self):
        loopback_up()
        before = lost()
        city = City()
        self.addCleanup(city.remove)
        far = ModelServer(prompts=SOURCE + "/share/model-eval.jsonl")
        self.addCleanup(far.close)
        cli("model", "add", far.url, "--name", "large", "--remote-name", "good", "--data", city.data)
        for command in (("model", "test", "large"), ("eval", "model", "large"), ("model", "promote", "large"),
                        ("model", "alias", "chat-default", "large"), ("department", "add", "市数据局")):
            cli(*command, "--data", city.data)
        secret = server.json.loads(cli("key", "add", "平台", "--department", "市数据局", "--data", city.data, "--json"))["secret"]
        with Server(city) as running:
            who = Client(running)
            self.addCleanup(who.close)
            self.assertEqual(who.ask(QUESTION)["act"], "answer")
            chat = {"model": "chat-default", "messages": [{"role": "user", "content": "你好"}]}
            for stream in (False, True):
                answer = who.post("/v1/chat/completions", {**chat, "stream": stream},
                                  headers={"Authorization": "Bearer " + secret})
                self.assertEqual(answer.status, 200, answer)
            admin = Client(running).login("administrator")
            self.addCleanup(admin.close)
            # Two by the application; the citizen's answer may have been worded, too.
            self.assertTrue(eventually(lambda: admin.get("/v1/admin/usage").json["total"]["calls"] >= 2))
            self.assertEqual(who.get("/metrics").status, 200)
        told = cli("doctor", "--air-gap", "--data", city.data)
        self.assertIn("地址\t" + far.url, told)
        self.assertNotIn("问题", told)
        self.assertEqual(lost(), before, "something tried to leave")
        self.one_attempt_counts(before, city)

    def one_attempt_counts(self, before, city):
        """A model outside, which nobody can reach: the attempt is seen, and the doctor has said so."""
        cli("model", "add", "https://8.8.8.8", "--name", "outside", "--data", city.data)
        status, _, error = cli("model", "test", "outside", "--data", city.data, ok=False)
        self.assertEqual(status, 9, error)
        self.assertGreater(lost(), before)
        status, told, _ = cli("doctor", "--air-gap", "--data", city.data, ok=False)
        self.assertEqual(status, 9)
        self.assertIn("问题\t地址\t模型 outside 在公网地址上", told)


if __name__ == "__main__":
    server.main()
