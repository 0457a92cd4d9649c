// A citizen by keyboard alone: every stop can be seen, and the focus is never lost.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { answered, fit, focused, focusTrouble, openPage, startBrowser, startServer, tabTo, until } from "./support.mjs";

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
    const page = await openPage(browser, server.url + path);
    t.after(() => page.context().close());
    await page.getByRole("textbox").waitFor();
    await page.getByRole("button", { name: /身份证丢了怎么补/ }).waitFor();
    return page;
}

/** Through the whole page; how many stops there were. */
async function walk(page) {
    for (let stops = 0; ; stops++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(() => document.activeElement === document.body)) return stops; // past the last one
        assert.equal(await focusTrouble(page), "", `stop ${stops + 1}`);
        assert.ok(stops < 150, "it ends");
    }
}

test("every stop of the page can be seen", async (t) => {
    const page = await open(t);
    assert.ok((await walk(page)) >= 12);
    const elder = await open(t, "/?elder=1");
    assert.ok((await walk(elder)) >= 8);
    assert.deepEqual([...page.trouble, ...elder.trouble], []);
});

test("asking, choosing, reading a source, calling a person, deleting", async (t) => {
    const page = await open(t);
    const { keyboard } = page;
    const dialog = page.getByRole("dialog");

    await keyboard.press("Tab");
    assert.ok(await focused(page.getByRole("link", { name: "跳到提问框" })), "the first stop skips to the box");
    assert.equal(await focusTrouble(page), "");
    await fit(page, "keyboard-skip");
    await keyboard.press("Enter");
    const box = page.getByRole("textbox");
    await until(() => focused(box), "the focus is in the box");

    await keyboard.type("孩子上户口");
    await keyboard.press("Shift+Enter");
    await keyboard.type("要什么");
    assert.match(await box.inputValue(), /\n/);
    await keyboard.press("Enter");
    const first = await answered(page, 1);
    assert.ok(await focused(box), "who types goes on typing");
    const choice = first.getByRole("button", { name: "从未登记" });
    if (!(await choice.count())) await keyboard.type("孩子上户口"), await keyboard.press("Enter"), await answered(page, 2);
    const chosen = page.getByRole("button", { name: "从未登记" });
    await tabTo(page, chosen, "Shift+Tab");
    await fit(page, "keyboard-choice");
    const asked = await page.getByRole("article").count();
    await keyboard.press("Enter");
    const second = await answered(page, asked + 1);
    await until(() => focused(second.getByRole("heading", { level: 2 })), "the focus is at the question that heads the answer");

    const mark = second.getByRole("button", { name: /^来源 \d+/ }).first();
    await tabTo(page, mark);
    await keyboard.press("Space");
    await dialog.locator("mark").waitFor();
    assert.equal(await focusTrouble(page), "");
    const close = dialog.getByRole("button", { name: "关闭" });
    await tabTo(page, close);
    await tabTo(page, dialog.getByRole("button", { name: "看全文" }));
    await fit(page, "keyboard-source");
    await keyboard.press("Enter");
    await until(() => dialog.locator("mark").evaluate((m) => m.parentElement === document.activeElement), "the focus is at the cited words");
    assert.equal(await focusTrouble(page), "");
    await keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.ok(await focused(mark), "back at the source");
    await keyboard.press("Enter");
    await dialog.locator("mark").waitFor();
    await tabTo(page, close);
    await keyboard.press("Space");
    await dialog.waitFor({ state: "detached" });
    assert.ok(await focused(mark));

    await tabTo(page, second.getByRole("button", { name: "有用" }));
    await keyboard.press("Space");
    await second.getByText("谢谢，已经记下。").waitFor();
    assert.equal(await focusTrouble(page), "");

    const fold = page.getByRole("button", { name: /我在哪、替谁办/ });
    await tabTo(page, fold);
    await keyboard.press("Enter");
    const anybody = page.getByRole("radio", { name: "不限" });
    await tabTo(page, anybody, "Shift+Tab");
    await keyboard.press("ArrowRight");
    assert.ok(await page.getByRole("radio", { name: "个人" }).isChecked());
    assert.equal(await focusTrouble(page), "");
    await tabTo(page, page.getByRole("combobox", { name: "我在" }), "Shift+Tab");
    await keyboard.press("ArrowDown");
    await fold.filter({ hasText: "：" }).waitFor();

    const person = page.getByRole("banner").getByRole("button", { name: "转人工" });
    await tabTo(page, person, "Shift+Tab");
    await keyboard.press("Enter");
    await dialog.waitFor();
    const contact = dialog.getByLabel("您的电话（可以不填）");
    await tabTo(page, contact);
    await keyboard.type("0571-88880000");
    await fit(page, "keyboard-handover");
    await keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByText(/您排在第 \d+ 位/).waitFor();
    assert.ok(await focused(box), "the focus is in the box");

    await tabTo(page, page.getByRole("button", { name: "清空并删除我的对话" }));
    await keyboard.press("Enter");
    await dialog.waitFor();
    await tabTo(page, dialog.getByRole("button", { name: "不删" }));
    await keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    assert.ok(await focused(page.getByRole("button", { name: "清空并删除我的对话" })));
    await keyboard.press("Enter");
    await tabTo(page, dialog.getByRole("button", { name: "清空并删除" }));
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "您想办什么事？" }).waitFor();
    await until(() => focused(box), "the focus is in the box");
    assert.deepEqual(page.trouble, []);
});

test("in elder mode the way to a person is a few steps", async (t) => {
    const page = await open(t, "/?elder=1");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("region", { name: "找人帮忙" }).getByRole("button", { name: "转人工" }));
    await page.keyboard.press("Space");
    await page.getByRole("dialog", { name: "转人工" }).waitFor();
    assert.equal(await focusTrouble(page), "");
    await fit(page, "keyboard-elder");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focusTrouble(page), "");
});
