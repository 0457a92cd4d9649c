// An answer that a model words: it comes sentence by sentence and stays, every sentence shows where it comes from,
// what does not hold is never on the page; and how it came about, as the auditor sees it.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { answered, ask, axe, fit, focused, openPage, openStaff, overflows, smallTargets, startBrowser, startServer, tabTo, until } from "./support.mjs";
import { register, startWriter, steps } from "./writer.mjs";

const QUESTION = "居民身份证补领";
const TRUE = "承诺办结时限：15个工作日"; // as it is stored, a clause of one sentence
const PART = "补领居民身份证，要带居民身份证申领登记表，还要交200元。";
const LIE = "补领居民身份证需要缴纳200元手续费。";
const WORDS = "居民身份证申领登记表（必要，原件，纸质或电子，1份，来源：申请人自备）。要点：勾选丢失补领并签字";
const OTHER = "居民户口簿（容缺后补，原件，纸质或电子，1份，来源：政府部门核发、公安机关）。要点：指纹、人像比对一致的可免交；户口状态正常";
const GUIDE = "办事指南《居民身份证补领》", MATERIAL = "办事指南《居民身份证补领》 材料之一";
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const WRITING = "正在逐句核对出处…";

let server, browser, writer;
let n = 0;

before(async () => {
    server = await startServer(["limits.rate=no", "guide.wording=all", "guide.first_s=60", "guide.deadline_s=120"]);
    server.user("shen", "auditor", "沈清");
    server.user("cai", "keeper", "蔡云");
    writer = await startWriter();
    register(server.data, writer.url);
    browser = await startBrowser();
    await until(async () => (await reply("<1.1>")).claims.some((c) => c.by === "model"), "a model words answers");
});
after(async () => {
    await browser?.close();
    await server?.stop();
    await writer?.stop();
});

/** The same question in words that nobody used: no answer is kept for it. */
const fresh = (question = QUESTION) => `${question}，第${++n}次问`;

/** What the API answers when so much is written. */
async function reply(...pieces) {
    writer.script = () => pieces;
    const answer = await fetch(`${server.url}/v1/ask`, { method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text: fresh(), session: "new" }) });
    return answer.json();
}

async function open(t, path = "/", options = {}) {
    const page = await openPage(browser, server.url + path, options);
    t.after(() => page.context().close());
    const box = page.getByRole("textbox", { name: /您想办什么事|还想问什么/ });
    await box.waitFor();
    // Every text that is ever on the page, and what was taken away again of an answer.
    await page.evaluate(() => {
        window.seen = new Set();
        window.gone = [];
        const texts = (node) => node.nodeType === 3 ? [node.data] : [...node.childNodes].flatMap(texts);
        new MutationObserver((all) => {
            for (const { type, target, addedNodes, removedNodes } of all) {
                if (type === "characterData") window.seen.add(target.data);
                for (const node of addedNodes) texts(node).forEach((text) => window.seen.add(text));
                const answer = (target.closest ? target : target.parentElement)?.closest("article");
                for (const node of removedNodes)
                    if (answer || node.querySelector?.("article") || node.matches?.("article")) window.gone.push(...texts(node).filter((text) => text.trim()));
            }
        }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    return page;
}
const everSeen = (page) => page.evaluate(() => [...window.seen].join("\n"));
const gone = (page) => page.evaluate(() => window.gone.filter((text) => !/^正在/.test(text)));

/** Asks, and does not wait for the answer; its article. */
async function begin(page, text = fresh()) {
    const before = await page.getByRole("article").count();
    const box = page.getByRole("textbox", { name: /您想办什么事|还想问什么/ });
    await box.fill(text);
    await box.press("Enter");
    const article = page.getByRole("article").nth(before);
    await article.waitFor();
    return article;
}

const short = (article) => article.locator("section").filter({ has: article.page().getByRole("heading", { name: "简要回答" }) });
const lines = (article) => short(article).getByRole("listitem");
const bare = (text) => text.replace(/\s+/g, "");
const lineOf = async (article) => (await lines(article).allTextContents()).map(bare);
// What the composed answer begins with comes first, whatever the model chooses.
const ASKED = "您要办的是“居民身份证补领”，由云澜市公安局办理。", FIRST = `${GUIDE}${TRUE}2`;

/** Lets the sentences go one at a time, looking at the page after each. */
function script() {
    const s = steps(`${TRUE}[1]\n`, `${LIE}[1]\n`, "<3.1>\n", `${PART}[1]\n`, "");
    writer.script = s.script;
    return s;
}

test("sentences come one by one and stay; a lie among them is never on the page", async (t) => {
    const page = await open(t);
    const s = script();
    const article = await begin(page);
    await article.getByRole("status").getByText("正在查办事指南和政策…").waitFor();
    assert.equal(await article.getByRole("heading", { level: 3 }).count(), 0, "nothing is shown before anything was checked");
    await fit(page, "worded-waiting");

    s.go();
    await lines(article).nth(1).getByText(TRUE).waitFor();
    await article.getByText(WRITING).waitFor();
    await article.getByText("居民身份证补领", { exact: true }).waitFor();
    await article.getByText(/由人工智能（AI）生成.*由大模型写成，每一句都同来源核对过/).waitFor();
    assert.equal(await lines(article).count(), 2);
    await fit(page, "worded-first");
    const top = (locator) => locator.evaluate((el) => el.getBoundingClientRect().top);
    const place = await top(lines(article).nth(0));
    const first = await lines(article).nth(0).elementHandle();

    s.go();
    s.go();
    await lines(article).nth(2).getByText(OTHER).waitFor();
    assert.equal(await article.getByText(WRITING).count(), 1);
    await fit(page, "worded-second");

    s.go();
    await lines(article).nth(3).getByText(WORDS).waitFor();
    const soFar = await lineOf(article);
    s.go();
    await answered(page, 1);
    await article.getByRole("heading", { name: "需要什么" }).waitFor();
    await article.getByRole("button", { name: "复制" }).waitFor();
    const whole = await lineOf(article);
    assert.deepEqual(whole.slice(0, soFar.length), soFar, "the same sentences in the same order");
    assert.match(whole.at(-1), /^依据云澜市公安局办事指南《居民身份证补领》/);
    assert.equal(await top(lines(article).nth(0)), place, "the first sentence stands where it stood");
    assert.ok(await first.evaluate((el) => el.isConnected), "and it is the same element");
    assert.deepEqual(await gone(page), [], "nothing was taken away");
    assert.doesNotMatch(await everSeen(page), /200|手续费/, "the lie was never there");
    await fit(page, "worded-whole");
    await page.reload();
    await lines(page.getByRole("article").first()).nth(3).getByText(WORDS).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("the source's own words look and read like a quotation", async (t) => {
    const page = await open(t);
    script().all();
    const article = await begin(page);
    await answered(page, 1);
    const said = await lineOf(article);
    assert.equal(said[0], `${ASKED}1`);
    assert.equal(said[1], FIRST, "a sentence of the model is no quotation");
    // Whole, and behind the name of what it is of where that changes.
    for (const [i, words] of [OTHER, WORDS].entries()) {
        assert.equal(said[i + 2], `${i ? "" : bare(MATERIAL)}原文“${words}”${i + 3}`);
        await lines(article).nth(i + 2).getByText("原文", { exact: true }).waitFor();
        assert.equal(await lines(article).nth(i + 2).locator("q").textContent(), words);
    }
});

test("a mark opens the clause at the words that its sentence rests on", async (t) => {
    const page = await open(t);
    // Two sentences of one clause: the clause, once.
    writer.script = () => ["<2.2>\n", "<3.1>\n", "<2.1>\n"];
    const article = await begin(page);
    await answered(page, 1);
    const marked = [WORDS, OTHER];
    assert.equal(await lines(article).count(), marked.length + 2, "behind what the answer begins with");
    const numbers = [];
    for (const [i, words] of marked.entries()) {
        const mark = lines(article).nth(i + 1).getByRole("button", { name: /^来源 \d+：/ });
        numbers.push((await mark.textContent()).trim());
        await mark.click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText("现行有效").waitFor();
        assert.equal((await dialog.locator("mark").allTextContents()).join(""), words);
        if (i === 1) await fit(page, "worded-source");
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
        assert.ok(await focused(mark), "the focus goes back");
    }
    assert.deepEqual(numbers, ["2", "3"]);
    // What names the sources opens what the sentences rest on.
    await lines(article).last().getByRole("button", { name: /^来源 1：/ }).click();
    await page.getByRole("dialog").locator("mark").first().waitFor();
    assert.deepEqual(page.trouble, []);
});

test("who listens hears that it is being checked, and the whole answer once", async (t) => {
    const page = await open(t);
    const s = script();
    const article = await begin(page);
    const spoken = page.locator("[aria-live=polite] p");
    s.go();
    await lines(article).nth(0).waitFor();
    await until(async () => (await spoken.last().textContent()) === "正在逐句核对出处。", "it is told");
    s.go();
    s.go();
    await lines(article).nth(1).waitFor();
    assert.equal(await spoken.count(), 1, "no sentence is told by itself");
    s.all();
    await answered(page, 1);
    const heard = (await spoken.allTextContents()).join("\n");
    assert.equal(heard.split(TRUE).length, 2, "the answer is told once");
    assert.match(heard, new RegExp(`简要回答。${ASKED}${GUIDE}：${TRUE}。${MATERIAL}：原文：“${OTHER}”`));
    assert.match(heard, /每一句都同来源核对过/);
    const live = await lines(article).nth(0).evaluate((el) => el.closest("[aria-live], [role=status], [role=alert], [role=log]") !== null);
    assert.equal(live, false, "what is seen is no live region");
});

test("with the keyboard alone", async (t) => {
    const page = await open(t);
    script().all();
    const article = await begin(page);
    await answered(page, 1);
    await lines(article).nth(1).getByText(TRUE).waitFor();
    const mark = lines(article).nth(1).getByRole("button", { name: /^来源/ });
    await tabTo(page, mark, "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").locator("mark").first().waitFor();
    await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "看全文" }));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.ok(await focused(mark));
    assert.deepEqual(page.trouble, []);
});

for (const [name, path, large] of [["standard", "/", ""], ["large", "/", "特大"], ["elder", "/?elder=1", ""]])
    test(`on a phone, as it comes and whole: ${name}`, async (t) => {
        const page = await open(t, path, PHONE);
        if (large) await page.getByRole("radio", { name: large }).or(page.getByRole("button", { name: large })).first().click();
        const fits = async (what) => {
            assert.equal(await overflows(page), false, `${what}: sideways`);
            assert.deepEqual(await smallTargets(page, 44), [], `${what}: targets`);
            await fit(page, what);
        };
        const s = script();
        const article = await begin(page);
        s.go();
        s.go();
        s.go();
        await lines(article).nth(1).waitFor();
        await fits(`worded-phone-${name}-coming`);
        s.all();
        await answered(page, 1);
        await fits(`worded-phone-${name}-whole`);
        await lines(article).nth(1).getByRole("button", { name: /^来源/ }).tap();
        await page.getByRole("dialog").locator("mark").waitFor();
        await fits(`worded-phone-${name}-source`);
    });

test("elder mode on a wide screen", async (t) => {
    const page = await open(t, "/?elder=1", { viewport: { width: 1280, height: 720 } });
    const s = script();
    const article = await begin(page);
    s.go();
    await lines(article).nth(0).waitFor();
    await fit(page, "worded-elder-coming");
    s.all();
    await answered(page, 1);
    await fit(page, "worded-elder-whole");
    assert.deepEqual(await gone(page), []);
});

test("nothing is taken back when the model breaks off", async (t) => {
    const page = await open(t);
    writer.script = () => [`${TRUE}[1]\n`, "补领居民身份证", null];
    const article = await begin(page);
    await answered(page, 1);
    await article.getByRole("heading", { name: "需要什么" }).waitFor();
    assert.equal((await lineOf(article))[1], FIRST);
    assert.deepEqual(await gone(page), []);
    assert.deepEqual(page.trouble, []);
});

test("a stream that ends early keeps what was checked, and can be asked again", async (t) => {
    const page = await open(t);
    writer.script = () => [`${TRUE}[1]\n`];
    const got = await (await fetch(`${server.url}/v1/ask`, { method: "POST", headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ text: fresh(), session: "new" }) })).text();
    const upTo = got.split("\n\n").slice(0, 3).join("\n\n");
    assert.match(upTo, /event: start[\s\S]*event: claim[\s\S]*event: claim/);
    await page.route("**/v1/ask", (route) => route.fulfill({ status: 200, contentType: "text/event-stream", body: `${upTo}\n\n` }));
    const article = await begin(page);
    await article.getByRole("button", { name: "再试一次" }).waitFor();
    assert.equal((await lineOf(article))[1], FIRST);
    await fit(page, "worded-broken-off");
    await page.unroute("**/v1/ask");
    await article.getByRole("button", { name: "再试一次" }).click();
    await article.getByRole("heading", { name: "需要什么" }).waitFor();
    assert.equal((await lineOf(article))[1], FIRST);
    assert.deepEqual(page.trouble, []);
});

test("a model that cannot be used, or only lies, changes nothing", async (t) => {
    const page = await open(t);
    for (const pieces of [[null], [`${LIE}\n`, `${LIE.replace("200", "300")}\n`], ["ß".repeat(400)]]) {
        writer.script = () => pieces;
        const article = await ask(page, fresh());
        await article.getByRole("heading", { name: "需要什么" }).waitFor();
        assert.equal(await short(article).count(), 0);
        assert.doesNotMatch(await article.textContent(), /大模型/);
    }
    assert.doesNotMatch(await everSeen(page), /200|300|手续费/);
    await fit(page, "worded-none");
});

test("what the question has wrong is corrected in the first line", async (t) => {
    const page = await open(t);
    writer.script = () => ["<1.1>\n"];
    const article = await ask(page, "听说结婚登记要收200元，在哪交？");
    const first = await article.locator("section").first().getByRole("listitem").or(article.locator("section").first().locator("p")).first().textContent();
    assert.match(first, /不收费|免费|不收取/);
    await article.locator("section").first().getByRole("button", { name: /^来源 1：/ }).first().click();
    await page.getByRole("dialog").locator("mark").first().waitFor();
    await page.keyboard.press("Escape");
    await fit(page, "worded-corrected");
});

/* ------------------------------------------------------------------ the auditor */

async function ledger(t, name = "shen") {
    const page = await openStaff(browser, server.url, name);
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "台账" }).click();
    await page.getByRole("heading", { level: 1, name: "台账" }).waitFor();
    return page;
}
async function openTrace(page, record) {
    await page.getByRole("button", { name: `第 ${record} 号的经过`, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: `第 ${record} 号问答的经过` });
    await dialog.waitFor();
    return dialog;
}

test("the auditor sees how an answer came about", async (t) => {
    const { record } = await reply(`${TRUE}[1]\n`, `${LIE}[1]\n`, "<3.1>\n", `${PART}[1]\n`);
    const page = await ledger(t);
    await page.getByRole("button", { name: "问答", exact: true }).click();
    const dialog = await openTrace(page, record);
    const part = (name) => dialog.getByRole("region", { name });
    await part("用时").getByText("模型起草，逐句核对").waitFor();
    assert.equal(await part("用时").getByText(/^[\d.]+ (毫秒|秒)$/).count(), 3);
    await dialog.getByText(new RegExp(`^${QUESTION}，第`)).waitFor();

    const wrote = part("模型写了什么");
    await wrote.getByText("scripted").waitFor();
    await wrote.getByText(/short-\d+|steps-\d+|compare-\d+/).waitFor();
    const became = await wrote.getByRole("listitem").allTextContents();
    assert.equal(became.length, 4, became.join("\n"));
    assert.match(became[0], new RegExp(`照样显示.*${TRUE}`));
    assert.match(became[1], new RegExp(`没有显示.*${LIE}.*因为：.*200元`));
    assert.match(became[2], new RegExp(`显示原文.*${OTHER}`));
    assert.match(became[3], new RegExp(`换成原文.*200元.*因为：.*换成：“${WORDS}`));
    await part("对上了什么").getByRole("row", { name: /居民身份证补领/ }).getByText(/^0\.\d{3}$/).first().waitFor();

    const passages = part("依据的原文");
    await fit(page, "worded-trace");
    const first = passages.getByRole("listitem").first();
    await first.getByText(/用在回答的第 .*句/).waitFor();
    await first.getByText(/办事指南《居民身份证补领》/).click();
    assert.match(await first.locator("p.text").textContent(), /居民身份证补领/);
    await fit(page, "worded-trace-passage");
    await dialog.getByText("原始记录（JSON）").click();
    await dialog.getByText(`"record": ${record}`).waitFor();
    assert.equal(await overflows(page), false);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.ok(await focused(page.getByRole("button", { name: `第 ${record} 号的经过`, exact: true })), "the focus goes back");
});

test("an answer of no model, one from the cache, and one without a trace say so", async (t) => {
    const text = fresh();
    writer.script = () => ["<1.1>\n"];
    const asked = async (text) => (await fetch(`${server.url}/v1/ask`, { method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text, session: "new" }) })).json();
    await asked(text);
    const cached = await asked(text);
    const plain = await asked("今天天气怎么样");
    const forgotten = await asked(fresh());
    await fetch(`${server.url}/v1/conversations/${forgotten.session}`, { method: "DELETE" });

    const page = await ledger(t);
    let dialog = await openTrace(page, cached.record);
    await dialog.getByText(/^取自缓存/).waitFor();
    const close = async () => {
        await dialog.getByRole("button", { name: /关闭|Close/ }).click();
        await dialog.waitFor({ state: "hidden" });
    };
    await fit(page, "worded-trace-cached");
    await close();
    dialog = await openTrace(page, plain.record);
    await dialog.getByText("没有用模型：回答是按原文组织的。").waitFor();
    await close();
    dialog = await openTrace(page, forgotten.record);
    await dialog.getByText(/^这一条没有留下经过/).waitFor();
    await dialog.getByText("（文字已删除）").waitFor();
    await fit(page, "worded-trace-none");
});

test("the trace is opened and read with the keyboard, on a small window, too", async (t) => {
    const { record } = await reply(`${TRUE}[1]\n`, `${LIE}[1]\n`);
    const page = await ledger(t);
    await page.setViewportSize({ width: 1024, height: 700 });
    await page.getByRole("checkbox", { name: "包括测试" }).focus();
    await tabTo(page, page.getByRole("button", { name: `第 ${record} 号的经过`, exact: true }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: `第 ${record} 号问答的经过` });
    await dialog.getByText("模型写了什么").waitFor();
    await tabTo(page, dialog.locator("summary").last());
    await page.keyboard.press("Enter");
    await dialog.locator("pre").waitFor();
    assert.equal(await overflows(page), false);
    assert.deepEqual(page.trouble, []);
});

test("nobody else is offered it", async (t) => {
    const page = await openStaff(browser, server.url, "cai");
    t.after(() => page.context().close());
    assert.equal(await page.getByRole("link", { name: "台账" }).count(), 0);
    const refused = await page.evaluate(async () => (await fetch("/v1/traces/1")).status);
    assert.equal(refused, 403);
});
