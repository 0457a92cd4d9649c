"""A model that writes what a test wants: it is asked as any model server is, and a function answers for it.

`write(system, user)` gives what to write: pieces of text, sent as so many events of a stream, or at once to who asks
for no stream.  What was asked is kept.
"""
import json
import threading
import unicodedata
from http.server import ThreadingHTTPServer

import model
from models import Registry

NAME = "scripted"


class Handler(model.Handler):
    def do_GET(self):
        self.send(200, {"object": "list", "data": [{"id": NAME, "object": "model"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        told = {"system": "", "user": ""}
        for message in body["messages"]:
            if message["role"] in told:
                told[message["role"]] += message["content"]
        self.server.asked.append((told["system"], told["user"], body))
        pieces = self.server.write(told["system"], told["user"])
        usage = {"prompt_tokens": 1, "completion_tokens": len(pieces), "total_tokens": 1 + len(pieces)}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join(pieces)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return self.send(200, {"object": "chat.completion", "choices": [choice], "usage": usage})
        events = [{"choices": [{"index": 0, "delta": {"content": p}}]} for p in pieces]
        events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
        lines = [json.dumps(e, ensure_ascii=False) for e in events] + ["[DONE]"]
        self.send(200, "".join(f"data: {line}\n\n" for line in lines).encode(), "text/event-stream")


class Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass  # who asked has heard enough


class Scripted:
    """Listening until closed; `write` may be changed between questions."""

    def __init__(self, write):
        self.http = Listening(("127.0.0.1", 0), Handler)
        self.http.asked, self.http.write = [], write
        self.url = "http://127.0.0.1:%d" % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def asked(self):
        return self.http.asked

    settings = (("guide.wording", "all"),)

    def words_answers_of(self, city):
        """With the settings above, every answer of the city's server is worded by it."""
        registry = Registry(city)
        registry.alias("chat-default", (registry.model(NAME, self.url), 100, 0))

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def pieces_of(text, size):
    return [text[i:i + size] for i in range(0, len(text), size)]


# ------------------------------------------------------------------ what it was given to read

class Prompt:
    """The user's part of a prompt: passages as (title, sentences), numbered from 1 as they are cited, and the
    question."""

    def __init__(self, user):
        data, _, rest = user.partition("【资料完】")
        self.passages, self.question = [], rest.partition("【问题】\n")[2].rpartition("\n【问题完】")[0]
        for line in data.splitlines():
            mark, _, text = line.partition(" ")
            if line.startswith("["):
                self.passages.append((text, []))
            elif line.startswith("<"):
                self.passages[-1][1].append(text)

    def sentences(self):
        """(passage, number in it, text), numbers from 1."""
        return [(i, k, s) for i, (_, all_) in enumerate(self.passages, 1) for k, s in enumerate(all_, 1)]

    def text(self):
        return "\n".join(part for title, all_ in self.passages for part in (title, *all_))


def bare(text):
    """For comparing: what a reader takes for the same, without blanks and what shows nothing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc", "Mn"))
