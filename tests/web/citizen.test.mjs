// A citizen's journeys on the page, each as a person goes them: by what stands on the page.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { answered, ask, fit, openPage, openStaff, shot, startBrowser, startServer, until } from "./support.mjs";

const CLEAR = "居民身份证补领要带什么材料";
const UNCLEAR = "孩子上户口";
const HOSTILE = `<script>window.ran = 1</script><img src=x onerror="window.ran = 2">身份证丢了怎么补`;

let server, browser;

before(async () => {
    server = await startServer("limits.rate=no");
    server.user("li", "operator", "李晓");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function open(t, path = "/", options = {}) {
    const page = await openPage(browser, server.url + path, options);
    t.after(() => page.context().close());
    await page.getByRole("textbox", { name: /您想办什么事|还想问什么/ }).waitFor();
    return page;
}

const said = (page, text) => page.getByRole("region", { name: "对话" }).getByText(text, { exact: true });

/** What of the cited words can be seen: in the window, and with nothing before it. */
function markSeen(page) {
    return page.evaluate(() => {
        const mark = document.querySelector("dialog mark");
        const box = mark?.getClientRects()[0];
        if (!box || !mark.textContent.trim()) return "no marked words";
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return `marked words at ${x},${y}, outside of the window`;
        return mark.contains(document.elementFromPoint(x, y)) ? "" : "something covers the marked words";
    });
}

/** Opens a source and closes it again by Escape. */
async function look(page, button) {
    const name = (await button.getAttribute("aria-label")) ?? (await button.textContent());
    await button.click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("mark").first().waitFor();
    assert.equal(await markSeen(page), "", name);
    assert.ok((await dialog.getByRole("heading", { level: 2 }).textContent()).trim(), name);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.ok(await button.evaluate((b) => b === document.activeElement), `${name}: the focus goes back`);
}

test("the first page", async (t) => {
    const page = await open(t);
    await page.getByRole("heading", { name: "大家常问" }).waitFor();
    assert.match(await page.title(), /云澜市政务服务问答/);
    await fit(page, "citizen-first");
    await page.setViewportSize({ width: 1920, height: 1080 });
    await fit(page, "citizen-first-large");
    await page.getByRole("button", { name: "提问" }).click();
    await page.getByText("请先写几个字，再提问。").first().waitFor();
    await fit(page, "citizen-empty");
    for (const name of ["隐私说明", "无障碍说明"]) {
        const button = page.getByRole("button", { name });
        await button.click();
        await page.getByRole("dialog", { name }).waitFor();
        await fit(page, `citizen-${name}`);
        await page.getByRole("dialog").getByRole("button", { name: "关闭" }).click();
        await page.getByRole("dialog").waitFor({ state: "detached" });
        assert.ok(await button.evaluate((b) => b === document.activeElement), name);
    }
});

test("an example is asked by a click", async (t) => {
    const page = await open(t);
    const example = page.getByRole("button", { name: "租房怎么提取公积金" });
    await example.click();
    const answer = await answered(page, 1);
    await answer.getByRole("heading", { name: /租房怎么提取公积金/ }).waitFor();
    await answer.getByText("人工智能（AI）生成").first().waitFor();
    assert.deepEqual(page.trouble, []);
});

test("an answer comes in parts, and every source shows the words it was taken from", async (t) => {
    const page = await open(t);
    const answer = await ask(page, CLEAR);
    await answer.getByRole("heading", { name: "需要什么" }).waitFor();
    assert.ok((await answer.getByRole("heading", { level: 3 }).count()) >= 2, "parts under headings");
    await answer.getByText("人工智能（AI）生成").first().waitFor();
    await fit(page, "citizen-answer");
    await shot(page, "citizen-answer-whole", { fullPage: true });

    const marks = answer.getByRole("button", { name: /^来源 \d+：/ });
    const documents = answer.locator("section").filter({ has: page.getByRole("heading", { name: /^(依据|出处)$/ }) }).last().getByRole("button");
    const sources = [...(await marks.all()), ...(await documents.all())];
    assert.ok((await marks.count()) >= 2 && (await documents.count()) >= 1, `${sources.length} sources`);
    for (const source of sources) await look(page, source);

    await marks.first().click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("mark").waitFor();
    await fit(page, "citizen-source");
    await dialog.getByRole("button", { name: "看全文" }).click();
    await dialog.getByRole("heading", { name: "全文" }).waitFor();
    await until(async () => (await markSeen(page)) === "", "the mark is in sight in the whole text");
    await fit(page, "citizen-source-whole");
    await dialog.getByRole("button", { name: "关闭" }).click();
    await dialog.waitFor({ state: "detached" });

    await answer.getByRole("button", { name: "看完整办事指南" }).click();
    await dialog.getByRole("heading", { name: "全文" }).waitFor();
    await fit(page, "citizen-guide");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
});

test("a policy's answer opens the clause it quotes", async (t) => {
    const page = await open(t);
    const answer = await ask(page, "硕士毕业买房有补贴吗");
    const marks = answer.getByRole("button", { name: /^来源 \d+：/ });
    assert.ok(await marks.count());
    for (const source of await marks.all()) await look(page, source);
    assert.deepEqual(page.trouble, []);
});

test("asked back, one chooses by button; then a facet; then whether it helped", async (t) => {
    const page = await open(t);
    const first = await ask(page, UNCLEAR);
    const choice = first.getByRole("group").getByRole("button", { name: "从未登记" });
    await choice.waitFor();
    await fit(page, "citizen-asked-back");
    await choice.click();
    const second = await answered(page, 2);
    await second.getByText("出生登记（新生儿入户）").first().waitFor();
    assert.equal(await first.getByRole("group").getByRole("button", { name: "从未登记" }).count(), 0, "an old choice is text only");
    assert.ok(await page.evaluate(() => document.activeElement?.textContent.includes("从未登记")), "the focus is at the new question");

    const more = second.getByRole("group", { name: "接着问这件事" });
    await more.getByRole("button", { name: "收不收费" }).click();
    const third = await answered(page, 3);
    await third.getByText(/不收费|收费|免费/).first().waitFor();
    await fit(page, "citizen-facet");

    await third.getByRole("button", { name: "有用" }).click();
    await third.getByText("谢谢，已经记下。").waitFor();
    assert.equal(await third.getByRole("button", { name: "有用" }).getAttribute("aria-pressed"), "true");
    await second.getByRole("button", { name: "没用" }).click();
    await second.getByText("已经记下，抱歉没帮上忙。").waitFor();
    await fit(page, "citizen-judged");
});

test("when none of the choices fits, one is asked to say it again", async (t) => {
    const page = await open(t);
    const first = await ask(page, "换个身份证");
    await first.getByRole("button", { name: "都不是" }).click();
    const second = await answered(page, 2);
    await second.getByText("那请您换个说法").waitFor();
    assert.equal(await second.getByRole("button", { name: /^来源/ }).count(), 0, "nothing is guessed");
    await fit(page, "citizen-none-fits");
    await ask(page, "结婚证丢了怎么补");
    await page.getByText("补领结婚证").first().waitFor();
    assert.deepEqual(page.trouble, []);
});

test("place and audience go with the question", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: /我在哪、替谁办/ }).click();
    await page.getByRole("combobox", { name: "我在" }).selectOption("高新区");
    await page.getByRole("radio", { name: "个人" }).check();
    await fit(page, "citizen-scope");
    const sent = page.waitForRequest(/\/v1\/ask$/);
    await ask(page, "硕士买房能补多少");
    const body = (await sent).postDataJSON();
    assert.equal(body.region, "高新区");
    assert.equal(body.audience, "自然人");
    await page.getByRole("button", { name: /我在哪、替谁办：高新区、个人/ }).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("a person takes over, answers, and gives back", async (t) => {
    const page = await open(t);
    await ask(page, CLEAR);
    await page.getByRole("banner").getByRole("button", { name: "转人工" }).click();
    const dialog = page.getByRole("dialog", { name: "转人工" });
    await dialog.waitFor();
    const contact = dialog.getByLabel("您的电话（可以不填）");
    await contact.fill("不是号码");
    await dialog.getByRole("button", { name: "开始排队" }).click();
    await dialog.getByText("这不像电话号码").waitFor();
    await fit(page, "citizen-handover-wrong");
    await contact.fill("0571-88880000");
    await fit(page, "citizen-handover");
    await dialog.getByRole("button", { name: "开始排队" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText(/正在等人工接入，您排在第 \d+ 位。/).waitFor();
    await fit(page, "citizen-waiting");

    const staff = await openStaff(browser, server.url, "li");
    t.after(() => staff.context().close());
    await staff.getByRole("region", { name: "排队" }).getByRole("link", { name: CLEAR }).click();
    await staff.getByText("0571-88880000").waitFor();
    await staff.getByRole("button", { name: /^接手/ }).click();
    await page.getByRole("region", { name: "对话" }).getByText("工作人员李晓已接手，请在这里直接留言。").waitFor();
    await staff.getByRole("textbox", { name: "给市民的回复" }).fill("您好，带上户口本就行。<b>不用</b>别的。");
    await staff.getByRole("button", { name: /^发出/ }).click();
    await said(page, "您好，带上户口本就行。<b>不用</b>别的。").waitFor();
    await fit(page, "citizen-person");

    await page.getByRole("textbox", { name: "写给工作人员" }).fill("户口本在老家，怎么办？");
    await page.getByRole("button", { name: "发送" }).click();
    const log = staff.getByRole("log", { name: "对话内容" });
    await log.getByText("户口本在老家，怎么办？").waitFor();
    assert.equal(await log.getByText(CLEAR, { exact: true }).count(), 1, "what was asked before is there");
    await fit(staff, "citizen-desk-side");

    await staff.getByRole("button", { name: /^办结/ }).click();
    await staff.getByRole("dialog", { name: "办结这次对话" }).getByRole("button", { name: /^办结/ }).click();
    await page.getByText("人工服务已结束").first().waitFor();
    await fit(page, "citizen-given-back");
    const answers = await page.getByRole("article").count();
    await (await ask(page, CLEAR)).getByRole("heading", { name: "需要什么" }).waitFor();
    assert.equal(await page.getByRole("article").count(), answers + 1);

    await page.reload();
    await said(page, "您好，带上户口本就行。<b>不用</b>别的。").waitFor();
    await said(page, "户口本在老家，怎么办？").waitFor();
    assert.equal(await page.getByRole("article").count(), answers + 1, "a reload keeps the conversation");

    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem("sunmao.talk")).talk.session);
    const kept = async () => {
        const answer = await fetch(`${server.url}/v1/conversations/${session}?after=0`);
        return answer.ok ? JSON.stringify(await answer.json()) : "";
    };
    assert.match(await kept(), /户口本在老家/);
    await page.getByRole("button", { name: "清空并删除我的对话" }).click();
    await fit(page, "citizen-delete");
    await page.getByRole("dialog").getByRole("button", { name: "清空并删除" }).click();
    await page.getByRole("heading", { name: "您想办什么事？" }).waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.getItem("sunmao.talk")), null);
    assert.doesNotMatch(await kept(), /户口本/, "deleted on the server");
    assert.ok(await page.evaluate(() => document.activeElement?.id === "box"), "the focus is in the box");
    assert.deepEqual([...page.trouble, ...staff.trouble], []);
});

test("in need, the numbers to call are links", async (t) => {
    const page = await open(t);
    const answer = await ask(page, "我想自杀");
    for (const number of ["12356", "120", "110"])
        assert.equal(await answer.getByRole("link", { name: new RegExp(`拨打 ${number}`) }).getAttribute("href"), `tel:${number}`);
    await answer.getByRole("button", { name: "转人工" }).waitFor();
    await fit(page, "citizen-crisis");
});

test("what is not its business is refused, and what it does not know goes to a person", async (t) => {
    const page = await open(t);
    await (await ask(page, "今天天气怎么样")).getByText("这件事不属于政务服务").waitFor();
    await fit(page, "citizen-refused");
    const unknown = await ask(page, "区块链挖矿许可证怎么办");
    assert.equal(await unknown.getByRole("link", { name: "12345" }).getAttribute("href"), "tel:12345");
    await page.getByText(/正在等人工接入，您排在第 \d+ 位。/).waitFor();
    await fit(page, "citizen-unknown");
});

test("markup in a question is text and runs nothing", async (t) => {
    const page = await open(t);
    const answer = await ask(page, HOSTILE);
    await answer.getByText(HOSTILE).waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
    await page.reload();
    await page.getByText(HOSTILE).waitFor();
    await page.getByRole("banner").getByRole("button", { name: /转人工|人工服务/ }).click();
    const begin = page.getByRole("dialog").getByRole("button", { name: /开始排队|保存电话/ });
    await begin.click();
    await page.getByText(/正在等人工接入/).waitFor();
    const staff = await openStaff(browser, server.url, "li");
    t.after(() => staff.context().close());
    await staff.getByRole("region", { name: "排队" }).getByRole("link", { name: HOSTILE }).click();
    await staff.getByRole("log").getByText(HOSTILE).waitFor();
    for (const p of [page, staff]) assert.equal(await p.evaluate(() => window.ran), undefined);
    assert.deepEqual([...page.trouble, ...staff.trouble], []);
});

test("without a network the question stays, and a further try brings the answer", async (t) => {
    const page = await open(t);
    await page.context().setOffline(true);
    const failed = await ask(page, CLEAR);
    await failed.getByText("网络没有连上。请看看网络，再试一次。").waitFor();
    await failed.getByRole("heading", { name: CLEAR }).waitFor();
    await fit(page, "citizen-offline");
    await page.context().setOffline(false);
    await failed.getByRole("button", { name: "再试一次" }).click();
    await failed.getByRole("heading", { name: "需要什么" }).waitFor();

    await page.route("**/v1/ask", (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }));
    const down = await ask(page, "收不收费");
    await down.getByText("系统暂时出了问题。").waitFor();
    await down.getByRole("link", { name: /打电话/ }).waitFor();
    await page.unroute("**/v1/ask");
    await down.getByRole("button", { name: "改一改再问" }).click();
    const box = page.getByRole("textbox", { name: "还想问什么？" });
    assert.equal(await box.inputValue(), "收不收费");
    await until(() => box.evaluate((b) => b === document.activeElement), "the focus is in the box");
    assert.deepEqual(page.trouble, []);
});

test("whoever asks too often is told how long to wait", async (t) => {
    const strict = await startServer("limits.asks_per_minute=12");
    const page = await openPage(browser, strict.url);
    t.after(async () => {
        await page.context().close();
        await strict.stop();
    });
    const box = page.getByRole("textbox", { name: "您想办什么事？" });
    await box.fill(CLEAR);
    const body = JSON.stringify({ text: "你好", session: "new" });
    await until(async () => {
        const asked = Array.from({ length: 12 }, () => fetch(`${strict.url}/v1/ask`, { method: "POST", body, headers: { "Content-Type": "application/json" } }));
        return (await Promise.all(asked)).some((r) => r.status === 429);
    }, "the allowance is used up");
    await box.press("Enter");
    const refused = await answered(page, 1);
    await refused.getByText("现在问的人多，请稍等一会儿再试。").waitFor();
    const retry = refused.getByRole("button", { name: /\d+ 秒后可以再试/ });
    assert.equal(await retry.getAttribute("aria-disabled"), "true");
    await fit(page, "citizen-too-often");
    await refused.getByRole("button", { name: "再试一次" }).click({ timeout: 60_000 });
    await refused.getByRole("heading", { level: 3 }).first().waitFor();
    assert.deepEqual(page.trouble, []);
});
