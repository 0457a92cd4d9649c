// A phone: 360 by 740, a finger instead of a mouse.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { answered, ask, fit, inSight, openPage, overflows, shot, smallTargets, startBrowser, startServer, until } from "./support.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const CLEAR = "居民身份证补领要带什么材料";

let server, browser;

before(async () => {
    server = await startServer("limits.rate=no");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function open(t, path = "/") {
    const page = await openPage(browser, server.url + path, PHONE);
    t.after(() => page.context().close());
    await page.getByRole("textbox").waitFor();
    return page;
}

async function fits(page, name, dialog = false) {
    assert.equal(await overflows(page), false, `${name}: sideways`);
    assert.deepEqual(await smallTargets(page, 44), [], `${name}: targets`);
    if (!dialog) {
        const box = page.getByRole("textbox");
        await box.scrollIntoViewIfNeeded();
        await until(() => inSight(box), `${name}: the box can be reached`);
    }
    await fit(page, name);
}

for (const [mode, path] of [["standard", "/"], ["elder", "/?elder=1"]])
    test(`a conversation on a phone: ${mode}`, async (t) => {
        const page = await open(t, path);
        await fits(page, `phone-${mode}-first`);
        const first = await ask(page, "孩子上户口");
        await fits(page, `phone-${mode}-asked-back`);
        await first.getByRole("button", { name: "从未登记" }).tap();
        const second = await answered(page, 2);
        await until(() => second.getByRole("heading", { level: 2 }).evaluate((h) => h === document.activeElement), "the reading begins at the question");
        assert.ok(await inSight(second.getByRole("heading", { level: 2 })), "the beginning of the answer is in sight");
        await fits(page, `phone-${mode}-answer`);
        await second.getByRole("button", { name: /^来源 \d+/ }).first().tap();
        await page.getByRole("dialog").locator("mark").waitFor();
        await fits(page, `phone-${mode}-source`, true);
        await page.getByRole("dialog").getByRole("button", { name: "关闭" }).tap();
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.getByRole("button", { name: "转人工" }).first().tap();
        await page.getByRole("dialog", { name: "转人工" }).waitFor();
        await fits(page, `phone-${mode}-handover`, true);
        await page.getByRole("dialog").getByRole("button", { name: "开始排队" }).tap();
        await page.getByText(/您排在第 \d+ 位/).waitFor();
        await fits(page, `phone-${mode}-waiting`);
        await ask(page, "我想自杀");
        await fits(page, `phone-${mode}-crisis`);
        await page.getByRole("button", { name: "清空并删除我的对话" }).tap();
        await page.getByRole("dialog").waitFor();
        await fits(page, `phone-${mode}-delete`, true);
        await page.getByRole("dialog").getByRole("button", { name: "不删" }).tap();
        await shot(page, `phone-${mode}-whole`, { fullPage: true }); // after it Chromium forgets the finger
    });

test("with the keyboard up, the box and its button stay in sight", async (t) => {
    const page = await open(t);
    await ask(page, CLEAR);
    await page.getByRole("textbox").tap();
    await page.setViewportSize({ width: 360, height: 400 });
    await page.getByRole("textbox").scrollIntoViewIfNeeded(); // as a phone's browser does
    await until(() => inSight(page.getByRole("textbox")), "the box");
    await until(() => inSight(page.getByRole("button", { name: "提问" })), "its button");
    await fit(page, "phone-keyboard-up");
});

test("a long text wraps", async (t) => {
    const page = await open(t);
    await ask(page, `${"a".repeat(300)} https://example.invalid/${"x".repeat(200)}`);
    assert.equal(await overflows(page), false);
    await fit(page, "phone-long-text");
});

test("lying on its side", async (t) => {
    const page = await open(t);
    await page.setViewportSize({ width: 740, height: 360 });
    await ask(page, CLEAR);
    await fits(page, "phone-landscape");
});
