#!/usr/bin/env python3
"""kill -9 in the middle of writing: what was acknowledged is there afterwards, and the ledger holds.

SUNMAO_CRASHES is how often (10).
"""
import hashlib
import http.client
import os
import random
import sqlite3
import threading
import time

import server
from server import Client, cli

ROUNDS = int(os.environ.get("SUNMAO_CRASHES", "10"))
WRITERS = 8
LONGEST = 0.4  # seconds from the first question to the end
QUESTIONS = ("新生儿上户口要带什么材料", "收费吗", "怎么申请低保", "注销户口", "你好", "人才引进落户的条件")


class CrashTest(server.ServerTest):
    def setUp(self):
        super().setUp()
        self.acknowledged = {}  # record: question
        self.messages = []
        self.refused_ones = []
        self.lock = threading.Lock()

    def write(self, name, round_, session):
        """Asks on one connection until the server is gone; every other one also writes to a person."""
        client = Client(self.server)
        try:
            for i in range(10 ** 6):
                text = f"{random.choice(QUESTIONS)}，第{round_}轮{name}之{i}"
                if name % 2 and i % 2:
                    answer = client.exchange("POST", f"/v1/conversations/{session}/messages",
                                             server.json.dumps({"text": text}).encode(), {})
                    with self.lock:
                        self.messages.append(text)
                else:
                    answer = client.exchange("POST", "/v1/ask", server.json.dumps({"text": text}).encode(), {})
                    with self.lock:
                        self.acknowledged[answer.json.get("record", 0)] = text
                if answer.status != 200:
                    self.refused_ones.append(answer)
                    return
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed
        finally:
            client.close()

    def test_what_was_acknowledged_is_there(self):
        random.seed(23)
        asked = self.anyone.ask("怎么申请低保")
        session = asked["session"]
        self.acknowledged[asked["record"]] = "怎么申请低保"
        for round_ in range(ROUNDS):
            writers = [threading.Thread(target=self.write, args=(n, round_, session)) for n in range(WRITERS)]
            before = len(self.acknowledged)
            for writer in writers:
                writer.start()
            server.eventually(lambda: len(self.acknowledged) > before)
            time.sleep(random.random() * LONGEST)
            self.server.kill()
            for writer in writers:
                writer.join()
            self.server.start()
            self.assertEqual(self.refused_ones, [])
            self.everything_is_there(session, round_)
        self.assertGreaterEqual(len(self.acknowledged), ROUNDS)

    def everything_is_there(self, session, round_):
        status, _, error = cli("ledger", "verify", "--data", self.city.data, ok=False)
        self.assertEqual(status, 0, f"round {round_}: {error}")
        db = sqlite3.connect(f"file:{self.city.data}/record.db?mode=ro", uri=True)
        rows = {row[0]: row[1:] for row in db.execute(
            "SELECT l.id, t.question, t.salt, l.question FROM ledger l JOIN ledger_text t ON t.id = l.id"
            " WHERE l.kind = 'ask'")}
        said = [row[0] for row in db.execute("SELECT text FROM message WHERE session = ?", (session,))]
        turns = db.execute("SELECT count(*) FROM turn").fetchone()[0]
        db.close()
        for record, text in self.acknowledged.items():
            self.assertIn(record, rows, f"round {round_}: record {record} is gone")
            question, salt, digest = rows[record]
            self.assertEqual(question, text)
            if "sm3" in hashlib.algorithms_available:
                self.assertEqual(hashlib.new("sm3", (salt + question).encode()).hexdigest(), digest)
        self.assertEqual(len(rows), turns, "an answer is recorded with its turn, or not at all")
        self.assertEqual(set(self.messages) - set(said), set(), f"round {round_}: a message is gone")
        self.assertEqual(len(said), len(set(said)), f"round {round_}: a message is there twice")


if __name__ == "__main__":
    server.main()
