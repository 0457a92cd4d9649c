// The official client against `sunmao serve` with its own engine on tiny random models: whatever calls DeepSeek today
// changes one address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { DEPARTMENT, openOffice } from "./office.mjs";

const QUESTION = [{ role: "system", content: "你是政务服务助手。" }, { role: "user", content: "身份证丢了怎么补办？" }];
const PLACE = {
    type: "function",
    function: {
        name: "find_place",
        description: "查办理地点",
        parameters: {
            type: "object",
            properties: { region: { type: "string", enum: ["云澜市", "青溪区"] }, floor: { type: "integer", minimum: 1, maximum: 9 } },
            required: ["region", "floor"],
            additionalProperties: false,
        },
    },
};
const SCHEMA = {
    type: "object",
    properties: {
        act: { type: "string", enum: ["answer", "clarify", "handoff"] },
        known: { type: "boolean" },
        cited: { type: "array", items: { type: "integer", minimum: 1, maximum: 8 }, minItems: 1, maxItems: 3 },
    },
    required: ["act", "known", "cited"],
    additionalProperties: false,
};

let office, client;

const caller = (apiKey, options = {}) =>
    new OpenAI({ apiKey, baseURL: `${office.url}/v1`, maxRetries: 0, timeout: 60_000, ...options });
const chat = (more = {}, options = {}) =>
    client.chat.completions.create({ model: "tiny-chat", messages: QUESTION, max_tokens: 24, temperature: 0, ...more }, options);

/** The error of a promise that must fail. */
async function failure(promise) {
    try {
        await promise;
    } catch (e) {
        return e;
    }
    assert.fail("went well");
}

before(async () => {
    office = await openOffice("limits.rate=no"); // asking whether a key is taken up yet is no guessing
    client = caller((await office.key("app", "--models", "tiny-chat,tiny-embed,tiny-rerank")).secret);
});
after(() => office?.stop());

test("models are listed, and looked at one by one", async () => {
    const ids = [];
    for await (const m of client.models.list()) {
        assert.equal(m.object, "model");
        assert.equal(typeof m.created, "number");
        ids.push(m.id);
    }
    assert.deepEqual(ids.sort(), ["tiny-chat", "tiny-embed", "tiny-rerank"]);
    assert.equal((await client.models.retrieve("tiny-chat")).id, "tiny-chat");
    const e = await failure(client.models.retrieve("nothing"));
    assert.ok(e instanceof OpenAI.NotFoundError);
    assert.equal(e.code, "model_not_found");
});

test("a whole answer has the client's shape, and its figures add up", async () => {
    const a = await chat();
    assert.equal(a.object, "chat.completion");
    assert.match(a.id, /^chatcmpl-/);
    assert.equal(a.choices.length, 1);
    assert.equal(a.choices[0].message.role, "assistant");
    assert.equal(typeof a.choices[0].message.content, "string");
    assert.ok(["stop", "length"].includes(a.choices[0].finish_reason));
    assert.ok(a.usage.prompt_tokens > 10);
    assert.ok(a.usage.completion_tokens > 0 && a.usage.completion_tokens <= 24);
    assert.equal(a.usage.total_tokens, a.usage.prompt_tokens + a.usage.completion_tokens);
});

test("streamed or whole, the same question has the same answer", async () => {
    const whole = await chat();
    let text = "", finish = null, last = null, n = 0;
    for await (const chunk of await chat({ stream: true })) {
        assert.equal(chunk.object, "chat.completion.chunk");
        assert.ok(chunk.choices.length > 0, "no chunk of figures unless it was asked for");
        text += chunk.choices[0].delta.content ?? "";
        finish = chunk.choices[0].finish_reason ?? finish;
        n++;
    }
    assert.ok(n > 2, `${n} chunks`);
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(finish, whole.choices[0].finish_reason);
    for await (const chunk of await chat({ stream: true, stream_options: { include_usage: true } })) last = chunk;
    assert.deepEqual(last.choices, []);
    assert.deepEqual(last.usage.total_tokens, whole.usage.total_tokens);
});

test("the client's own stream reader collects it", async () => {
    const runner = client.chat.completions.stream({ model: "tiny-chat", messages: QUESTION, max_tokens: 16, temperature: 0 });
    const message = await runner.finalMessage();
    assert.equal(message.content, (await chat({ max_tokens: 16 })).choices[0].message.content);
});

test("a JSON schema holds whatever the model would like", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
        const a = await chat({
            temperature: 1,
            seed,
            max_tokens: 200,
            response_format: { type: "json_schema", json_schema: { name: "decision", strict: true, schema: SCHEMA } },
        });
        const v = JSON.parse(a.choices[0].message.content);
        assert.deepEqual(Object.keys(v), ["act", "known", "cited"]);
        assert.ok(SCHEMA.properties.act.enum.includes(v.act));
        assert.equal(typeof v.known, "boolean");
        assert.ok(v.cited.length >= 1 && v.cited.length <= 3 && v.cited.every((n) => Number.isInteger(n) && n >= 1 && n <= 8));
    }
});

test("a tool that must be called is called with arguments that fit, whole and streamed", async () => {
    const ask = { tools: [PLACE], tool_choice: "required", max_tokens: 200 };
    const whole = (await chat(ask)).choices[0];
    assert.equal(whole.finish_reason, "tool_calls");
    const [call] = whole.message.tool_calls;
    assert.equal(call.type, "function");
    assert.equal(call.function.name, "find_place");
    const args = JSON.parse(call.function.arguments);
    assert.ok(["云澜市", "青溪区"].includes(args.region) && args.floor >= 1 && args.floor <= 9);

    const message = await client.chat.completions.stream({ model: "tiny-chat", messages: QUESTION, temperature: 0, ...ask })
        .finalMessage();
    assert.equal(message.tool_calls[0].function.name, "find_place");
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), args);

    const next = await chat({
        tools: [PLACE],
        messages: [...QUESTION, whole.message, { role: "tool", tool_call_id: call.id, content: "一楼三号窗口" }],
    });
    assert.equal(typeof next.choices[0].message.content, "string");
});

test("log-probabilities are those of the tokens written", async () => {
    const a = await chat({ max_tokens: 6, logprobs: true, top_logprobs: 3 });
    const { content } = a.choices[0].logprobs;
    assert.equal(content.length, a.usage.completion_tokens);
    for (const t of content) {
        assert.ok(t.logprob <= 0);
        assert.equal(t.top_logprobs.length, 3);
        assert.equal(t.top_logprobs[0].token, t.token, "the likeliest is what temperature 0 writes");
    }
});

test("completions, embeddings", async () => {
    const text = await client.completions.create({ model: "tiny-chat", prompt: "办理居民身份证", max_tokens: 8, temperature: 0 });
    assert.equal(text.object, "text_completion");
    assert.equal(typeof text.choices[0].text, "string");

    const vectors = await client.embeddings.create({ model: "tiny-embed", input: ["补办身份证", "身份证丢了"], encoding_format: "float" });
    assert.equal(vectors.data.length, 2);
    const v = vectors.data[1];
    assert.equal(v.index, 1);
    assert.ok(Math.abs(v.embedding.reduce((s, x) => s + x * x, 0) - 1) < 1e-3, "of length one");
    // The client asks for base64 on its own when nothing is said.
    const packed = await client.embeddings.create({ model: "tiny-embed", input: "身份证丢了" });
    assert.ok(packed.data[0].embedding.every((x, i) => Math.abs(x - v.embedding[i]) < 1e-3));
});

test("rerank gives each document its place", async () => {
    const documents = ["身份证补领须知", "公积金提取", "户口登记"];
    const a = await client.post("/rerank", { body: { model: "tiny-rerank", query: "身份证丢了", documents } });
    assert.equal(a.results.length, 3);
    assert.deepEqual(a.results.map((r) => r.index).sort(), [0, 1, 2]);
    assert.deepEqual(a.results.map((r) => r.relevance_score), a.results.map((r) => r.relevance_score).sort((x, y) => y - x));
});

test("errors are of the classes the client knows", async () => {
    const wrong = await failure(caller("sk-0000000000000000000000000000000000000000000").models.list());
    assert.ok(wrong instanceof OpenAI.AuthenticationError);
    assert.equal(wrong.code, "invalid_api_key");

    const missing = await failure(chat({ model: "no-such-model" }));
    assert.ok(missing instanceof OpenAI.NotFoundError);
    assert.equal(missing.code, "model_not_found");

    const long = await failure(chat({ messages: [{ role: "user", content: "补办身份证要带什么材料。".repeat(4000) }] }));
    assert.ok(long instanceof OpenAI.BadRequestError);
    assert.equal(long.code, "context_length_exceeded");

    const odd = await failure(chat({ messages: [{ role: "wizard", content: "?" }] }));
    assert.ok(odd instanceof OpenAI.BadRequestError);
    assert.equal(odd.type, "invalid_request_error");

    const late = await failure(chat({ temperature: "warm" }));
    assert.ok(late instanceof OpenAI.BadRequestError);
    assert.equal(late.param, "temperature");
});

test("a key calls what it may, until it is taken back", async () => {
    const key = await office.key("narrow", "--models", "tiny-embed");
    const narrow = caller(key.secret);
    const denied = await failure(narrow.chat.completions.create({ model: "tiny-chat", messages: QUESTION }));
    assert.ok(denied instanceof OpenAI.PermissionDeniedError || denied instanceof OpenAI.NotFoundError, `${denied.status}`);
    const far = caller((await office.key("far", "--models", "tiny-chat", "--addresses", "10.9.0.0/16")).secret);
    assert.ok((await failure(far.models.list())) instanceof OpenAI.PermissionDeniedError);
    office.sunmao("key revoke", `${key.id}`);
    for (let i = 0; ; i++) {
        try {
            await narrow.models.list();
        } catch (e) {
            assert.ok(e instanceof OpenAI.AuthenticationError);
            break;
        }
        assert.ok(i < 200, "a key taken back does not go on for long");
        await new Promise((again) => setTimeout(again, 50));
    }
});

test("a department over its budget is told when to come again; others go on", async () => {
    office.sunmao("department add", "小部门", "--parent", DEPARTMENT, "--per-minute", "60");
    const small = caller((await office.key("small", "--department", "小部门", "--models", "tiny-chat")).secret);
    let refused;
    for (let i = 0; i < 200 && !refused; i++) {
        try {
            await small.chat.completions.create({ model: "tiny-chat", messages: QUESTION, max_tokens: 24, temperature: 0 });
        } catch (e) {
            refused = e;
        }
    }
    assert.ok(refused instanceof OpenAI.RateLimitError, `${refused}`);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal((await chat()).choices.length, 1);
});

test("a caller who leaves frees the model", async () => {
    const controller = new AbortController();
    const stream = await chat({ stream: true, max_tokens: 4000, temperature: 1, seed: 7 }, { signal: controller.signal });
    for await (const chunk of stream) {
        if (chunk.choices[0].delta.content) break;
    }
    controller.abort();
    assert.equal((await chat({ max_tokens: 4 })).choices.length, 1);
});
