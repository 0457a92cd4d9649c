// A model server that writes what a test tells it, when it tells it to, and the registry that knows it.
import { execFileSync } from "node:child_process";
import http from "node:http";
import path from "node:path";
import { root } from "./support.mjs";

/**
 * Speaks OpenAI's API.  `any(prompt)`, where a test gives it, answers whatever is asked.  Else `script(evidence)`, an async generator or a list, gives the pieces that are written, null to
 * break off; evidence: [passage][sentence], as the prompt numbers them from 1.
 */
export async function startWriter() {
    const self = { script: () => [], any: null, asked: 0, url: "", stop: () => new Promise((done) => { web.closeAllConnections(); web.close(done); }) };
    const web = http.createServer(async (request, response) => {
        if (request.method !== "POST") return response.end(JSON.stringify({ data: [{ id: "scripted" }] }));
        let body = "";
        for await (const data of request) body += data;
        self.asked++;
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        const chunk = (text, finish = null) => new Promise((sent) => response.write(
            `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: finish }] })}\n\n`, sent));
        const prompt = JSON.parse(body).messages[1].content;
        const evidence = evidenceOf(prompt);
        const pieces = self.any ? self.any(prompt) : evidence.length ? self.script(evidence) : []; // else it is asked for other words
        for await (const piece of pieces) {
            if (piece === null) return response.destroy();
            await chunk(piece);
        }
        await chunk("", "stop");
        response.end("data: [DONE]\n\n");
    });
    await new Promise((ready) => web.listen(0, "127.0.0.1", ready));
    self.url = `http://127.0.0.1:${web.address().port}`;
    return self;
}

function evidenceOf(prompt) {
    const found = [];
    for (const [, passage, sentence, text] of prompt.matchAll(/^<(\d+)\.(\d+)> (.*)$/gm)) (found[passage] ??= [])[sentence] = text;
    return found;
}

/** As `sunmao model` would have brought it into production, behind the alias that answers ask for, or another. */
export function register(data, url, alias = "chat-default") {
    execFileSync("python3", ["-c", "import sys; sys.path.insert(0, sys.argv[1]); from types import SimpleNamespace; from models import Registry; "
        + "r = Registry(SimpleNamespace(data=sys.argv[2])); r.alias(sys.argv[4], (r.model('scripted', sys.argv[3]), 100, 0))",
        path.join(root, "tests/server"), data, url, alias], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Pieces held back until the test lets the next one go. */
export function steps(...pieces) {
    const doors = pieces.map(() => {
        let open;
        const opened = new Promise((resolve) => { open = resolve; });
        return { open, opened };
    });
    let next = 0;
    return {
        async *script(evidence) {
            for (const [i, piece] of pieces.entries()) {
                await doors[i].opened;
                yield typeof piece === "function" ? piece(evidence) : piece;
            }
        },
        go() { doors[next++].open(); },
        all() { for (const d of doors) d.open(); },
    };
}
