// A model reads a document after its review is shown: what it finds comes between the others, marked as the model's, while
// a person works; what it may not say is never on the page.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { fit, openStaff, overflows, startBrowser, startServer, until } from "./support.mjs";
import { register, startWriter } from "./writer.mjs";

const LINES = ["云澜市民政局关于做好低温救助工作的通知", "各区县民政局：", "现将有关事项通知如下，，请遵照执行。",
    "违者由社区没收取暖设备。各单位要抓紧。", "云澜市民政局", "2026年2月30日"];
let server, browser, writer;

before(async () => {
    server = await startServer(["limits.rate=no", "site.sponsor=云澜市人民政府办公室", "review.model=reader"]);
    server.user("kong", "keeper", "孔明");
    writer = await startWriter();
    register(server.data, writer.url, "reader");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
    await writer?.stop();
});

/** Written when `go` is called. */
function held(findings) {
    let go;
    const gone = new Promise((resolve) => { go = resolve; });
    writer.any = async function* (prompt) {
        await gone;
        const found = findings.map(({ quote, ...more }) => ({
            para: Number(prompt.split("\n").find((line) => line.startsWith("第") && line.includes(quote)).match(/^第(\d+)段/)[1]), quote, ...more,
        }));
        yield JSON.stringify({ findings: found });
    };
    return go;
}

async function open(t, options = {}) {
    const page = await openStaff(browser, server.url, "kong", options);
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "公文审核" }).click();
    return page;
}

async function paste(page) {
    await page.getByLabel("或者粘贴文字").fill(LINES.join("\n\n"));
    await page.getByRole("button", { name: "审核这段文字" }).click();
    await page.locator("[data-finding][aria-current=true]").waitFor();
}

test("what a model finds is added, marked, and decided about like the others", async (t) => {
    const go = held([
        { rule: "L08", quote: "违者由社区没收取暖设备", why: "没收没有写明依据" },
        { rule: "M04", quote: "各单位要抓紧", why: "应当在11月30日前完成" },
        { rule: "L08", quote: "各单位要抓紧。", why: "x" },
        { rule: "L07", quote: "违者由社区", why: "<b>粗</b>" },
    ]);
    const page = await open(t);
    await until(async () => { // the server has taken up the model
        await paste(page);
        if (await page.getByText("模型还在看，有意见会补在下面").count()) return true;
        await page.getByRole("link", { name: "回到公文审核" }).click();
        return false;
    }, "a model is asked");
    const before = await page.locator("[data-finding]").count();
    assert.equal(await page.locator("li.card").filter({ hasText: "模型提示" }).count(), 0);
    await fit(page, "review-model-pending");
    const current = await page.locator("[data-finding][aria-current=true]").getAttribute("data-finding");
    await page.locator("[data-finding][aria-current=true]").click();
    await page.keyboard.press("d"); // a person decides while it reads
    await page.getByRole("dialog", { name: "忽略这条意见" }).getByRole("button", { name: /忽略（Enter）/ }).click();
    await page.getByText("原因：不是错，原文如此").waitFor();
    go();
    await page.locator(".facts").getByText("模型看过了，提示 4 条").waitFor();
    assert.equal(await page.locator("[data-finding]").count(), before + 4);
    await page.getByText("原因：不是错，原文如此").waitFor();
    assert.equal(await page.locator(`[data-finding="${current}"]`).count(), 1);

    const cards = page.locator("li.card").filter({ hasText: "模型提示" });
    assert.equal(await cards.count(), 4);
    const card = cards.filter({ hasText: "没收没有写明依据" });
    await card.getByText("“违者由社区没收取暖设备”").waitFor();
    await card.getByText("这一条是模型提示的，请您判断").waitFor();
    await card.getByText("（模型的说法：没收没有写明依据）").waitFor();
    await card.getByText("要在原件上手工改").waitFor();
    const shown = await page.locator("body").textContent();
    assert.ok(!shown.includes("11月30日"), "a date that stands nowhere is not shown");
    assert.equal(await page.locator("li.card b").count(), 0);
    // In the document, too, and in reading order among those of its severity.
    assert.ok(await page.locator("mark", { hasText: "社区" }).count());
    const errors = await page.locator("section[aria-label=错误] li.card").evaluateAll((all) => all.map((c) => Number(/第 (\d+) 段/.exec(c.textContent)?.[1] ?? 0)));
    assert.deepEqual(errors, [...errors].sort((a, b) => a - b));
    await fit(page, "review-model-done");
    assert.ok(!(await overflows(page)));

    await card.click();
    await page.keyboard.press("d");
    await page.getByRole("dialog", { name: "忽略这条意见" }).getByRole("button", { name: /忽略（Enter）/ }).click();
    await card.getByText("原因：不是错，原文如此").waitFor();
    assert.deepEqual(page.trouble, []);
});

test("a model that fails leaves the review as it is, and that is told", async (t) => {
    writer.any = () => ["没有问题"];
    const page = await open(t, { viewport: { width: 390, height: 844 } });
    await paste(page);
    await page.locator(".facts").getByText("模型没有看完，提示 0 条；其余意见不受影响").waitFor();
    assert.equal(await page.locator("li.card").filter({ hasText: "模型提示" }).count(), 0);
    assert.ok(!(await overflows(page)));
    await fit(page, "review-model-failed");
    assert.deepEqual(page.trouble, []);
});
