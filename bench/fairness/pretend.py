#!/usr/bin/env python3
"""A back end that takes a model's time and computes nothing, so that what is measured is the gateway's order and not a
machine's two cores: it reads a prompt at --prefill tokens a second, then writes --decode tokens a second to every
caller at once, as a card with room in its batch does.  Prints its port.  GET /stats: the most callers it had at once."""
import argparse
import asyncio
import json


class Engine:
    def __init__(self, prefill, decode):
        self.prefill, self.decode = prefill, decode
        self.now = self.most = 0

    async def read(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        method, path = head[0].split()[:2]
        return method, path, json.loads(body) if body else {}

    def whole(self, writer, value):
        data = json.dumps(value).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data)

    def send(self, writer, value):
        data = b"data: " + (json.dumps(value).encode() if value else b"[DONE]") + b"\n\n"
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    def chunk(self, **more):
        return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "tiny", "choices": [], **more}

    async def chat(self, writer, body):
        prompt = sum(len(m["content"]) for m in body["messages"])
        generated = int(body.get("max_tokens") or 32)
        usage = {"prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": prompt + generated}
        await asyncio.sleep(prompt / self.prefill)
        if not body.get("stream"):
            await asyncio.sleep(generated / self.decode)
            self.whole(writer, {"id": "x", "object": "chat.completion", "created": 1, "model": "tiny", "usage": usage, "choices": [
                {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "好" * generated}}]})
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for i in range(generated):
            delta = {"role": "assistant", "content": "好"} if i == 0 else {"content": "好"}
            self.send(writer, self.chunk(choices=[{"index": 0, "delta": delta, "finish_reason": None}]))
            await writer.drain()
            await asyncio.sleep(1 / self.decode)
        self.send(writer, self.chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "length"}]))
        self.send(writer, self.chunk(usage=usage))
        self.send(writer, None)
        writer.write(b"0\r\n\r\n")

    async def serve(self, reader, writer):
        try:
            while True:
                _, path, body = await self.read(reader)
                if path == "/stats":
                    self.whole(writer, {"most": self.most})
                elif path.endswith("/models"):
                    self.whole(writer, {"object": "list", "data": [{"id": "tiny", "object": "model"}]})
                elif path.endswith("/chat/completions"):
                    self.now += 1
                    self.most = max(self.most, self.now)
                    try:
                        await self.chat(writer, body)
                    finally:
                        self.now -= 1
                else:
                    self.whole(writer, {"status": "ok"})
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--prefill", type=float, default=3000)
    p.add_argument("--decode", type=float, default=40)
    o = p.parse_args()
    server = await asyncio.start_server(Engine(o.prefill, o.decode).serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
