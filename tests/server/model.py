#!/usr/bin/env python3
"""A model server for tests, in the words of OpenAI's API: it answers as it is told, by the model's name.

    good    does all that a probe asks for, and right
    plain   chats and completes, no more
    embed   vectors only
    wrong   obeys no schema, repeats nothing, says yes to everything

What was asked of it, and with which key, is kept.

    model.py serve ADDRESS_FILE PROMPTS [KEY]   for transcripts: a server until standard input ends, two minutes at most
    model.py gguf FILE                          a GGUF file with nothing but what a model must say
"""
import hashlib
import json
import os
import select
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = ("good", "plain", "embed", "wrong")
CONTEXT = 4096


def value_of(schema):
    """Something that fits."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {k: value_of(v) for k, v in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [value_of(schema["items"])] * schema.get("minItems", 1)
    return {"boolean": True, "integer": 1, "number": 1.5, "string": "一"}[schema["type"]]


def vector_of(text):
    """The same for the same text, otherwise unlike any other."""
    return [b - 127.5 for b in hashlib.sha512(text.encode()).digest()]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet

    def log_message(self, *args):
        pass

    def send(self, status, value, kind="application/json"):
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, message):
        self.send(status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}})

    def admitted(self):
        key = self.server.key
        if key and self.headers.get("Authorization") != "Bearer " + key:
            self.refuse(401, "no such key")
            return False
        return True

    def do_GET(self):
        self.server.asked.append((self.path, None, self.headers.get("Authorization")))
        if not self.admitted():
            return
        if self.path == "/v1/models":
            self.send(200, {"object": "list", "data": [{"id": n, "object": "model", "max_model_len": CONTEXT}
                                                       for n in NAMES]})
        else:
            self.refuse(404, "no such path")

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw)
        self.server.asked.append((self.path, body, self.headers.get("Authorization")))
        if not self.admitted():
            return
        model = body.get("model")
        paths = {"/v1/chat/completions": self.chat, "/v1/completions": self.complete, "/v1/embeddings": self.embed,
                 "/v1/rerank": self.rerank}
        serves = {"good": set(paths), "plain": {"/v1/chat/completions", "/v1/completions"},
                  "embed": {"/v1/embeddings"}, "wrong": {"/v1/chat/completions"}}
        if model not in serves or self.path not in serves[model]:
            return self.refuse(404, "not served")
        paths[self.path](model, body)

    def text_for(self, model, body):
        asked = body["messages"][-1]["content"]
        if model == "wrong":
            self.server.n += 1
            return f"好的，第 {self.server.n} 次。"
        if model == "good" and "response_format" in body:
            return json.dumps(value_of(body["response_format"]["json_schema"]["schema"]), ensure_ascii=False)
        if model == "good" and "grammar" in body:
            grammar = body["grammar"]
            return "第一级" if "level" in grammar else grammar.split('"')[1]
        if model == "good" and asked.startswith("材料"):
            return self.server.facts.get(asked, "材料中没有")
        return "你好"

    def chat(self, model, body):
        asked = body["messages"][-1]["content"]
        if len(asked) > CONTEXT and model != "wrong":
            return self.refuse(400, "context length exceeded")
        text = self.text_for(model, body)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": len(asked), "completion_tokens": len(text), "total_tokens": len(asked) + len(text)}
        if model == "good" and "tools" in body:
            message["content"] = None
            message["tool_calls"] = [{"id": "c1", "type": "function", "function": {
                "name": body["tools"][0]["function"]["name"], "arguments": "{\"what\":\"甲\"}"}}]
        if model == "good" and body.get("logprobs"):
            choice["logprobs"] = {"content": [{"token": "你", "logprob": -0.1, "top_logprobs": []}]}
        if not body.get("stream"):
            return self.send(200, {"object": "chat.completion", "choices": [choice], "usage": usage})
        events = [{"choices": [{"index": 0, "delta": {"content": c}}]} for c in text]
        events += [{"choices": [], "usage": usage}]
        lines = "".join("data: " + json.dumps(e, ensure_ascii=False) + "\n\n" for e in events) + "data: [DONE]\n\n"
        self.send(200, lines.encode(), "text/event-stream")

    def complete(self, model, body):
        self.send(200, {"object": "text_completion", "choices": [{"index": 0, "text": "，有座山"}],
                        "usage": {"prompt_tokens": 1, "completion_tokens": 3}})

    def embed(self, model, body):
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        self.send(200, {"object": "list", "data": [{"index": i, "embedding": vector_of(self.server.like.get(t, t))}
                                                   for i, t in enumerate(texts)],
                        "usage": {"prompt_tokens": 1}})

    def rerank(self, model, body):
        best = self.server.best.get(body["query"], 0)
        self.send(200, {"results": [{"index": i, "relevance_score": 1.0 if i == best else 0.0}
                                    for i in range(len(body["documents"]))]})


class ModelServer:
    """Listening on a port of the system's choice, until closed.  With the prompts of the gate, "good" knows what they
    want to hear."""

    def __init__(self, key="", prompts=None):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.key, self.http.asked, self.http.n = key, [], 0
        self.http.facts, self.http.like, self.http.best = {}, {}, {}
        if prompts:
            self.learn(prompts)
        self.url = "http://127.0.0.1:%d" % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def learn(self, path):
        with open(path, encoding="utf-8") as f:
            for prompt in map(json.loads, f):
                if prompt["check"] == "facts":
                    self.http.facts[prompt["user"]] = "、".join(prompt["wanted"])
                elif prompt["check"] == "near":
                    self.http.like[prompt["near"]] = prompt["user"]
                elif prompt["check"] == "best":
                    self.http.best[prompt["user"]] = prompt["best"]

    @property
    def asked(self):
        return self.http.asked

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def write_gguf(path, name="tiny"):
    """One layer, one tensor: sound, and of no use."""
    def text(s):
        return struct.pack("<Q", len(s.encode())) + s.encode()

    def value(key, kind, packed):
        return text(key) + struct.pack("<I", kind) + packed
    texts = {"general.architecture": "qwen2", "general.name": name, "general.license": "apache-2.0"}
    numbers = {"general.file_type": 7, "qwen2.context_length": 4096, "qwen2.embedding_length": 32, "qwen2.block_count": 1}
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(texts) + len(numbers))
    head += b"".join(value(k, 8, text(v)) for k, v in texts.items())
    head += b"".join(value(k, 4, struct.pack("<I", v)) for k, v in numbers.items())
    head += text("token_embd.weight") + struct.pack("<IQIQ", 1, 32, 0, 0)
    with open(path, "wb") as f:
        f.write(head + bytes(-len(head) % 32) + bytes(32 * 4))


def serve(address_file, prompts, key=""):
    there = ModelServer(key, prompts)
    with open(address_file + ".new", "w", encoding="utf-8") as f:
        f.write(there.url + "\n")
    os.rename(address_file + ".new", address_file)
    while select.select([sys.stdin], [], [], 120)[0] and sys.stdin.buffer.read1(64):
        pass
    there.close()


if __name__ == "__main__":
    {"serve": serve, "gguf": write_gguf}[sys.argv[1]](*sys.argv[2:])
