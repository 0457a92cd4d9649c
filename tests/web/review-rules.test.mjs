// The organisation's own rules and registry: drafted, tried, put live and taken back, by keyboard.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test, { after, before } from "node:test";
import { fit, focused, openStaff, overflows, startBrowser, startServer, tabTo, until } from "./support.mjs";

const TEXT = "关于改进服务的通知\n各区人民政府：\n请市民到办事窗口办理，办事窗口八点开门。\n";
let server, browser;

before(async () => {
    server = await startServer(["limits.rate=no"]);
    server.user("kong", "keeper", "孔明");
    server.user("li", "operator", "李晓");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

const own = (file) => path.join(server.data, "review", file);
const read = (file) => (existsSync(own(file)) ? readFileSync(own(file), "utf8") : "");

async function open(t, name = "kong", options = {}) {
    const page = await openStaff(browser, server.url, name, options);
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "公文审核" }).click();
    await page.getByRole("heading", { level: 1, name: "公文审核" }).waitFor();
    return page;
}

/** Reviews the text; the rules that found something. */
async function reviewed(page) {
    await page.goto(`${server.url}/staff/#/review`);
    await page.getByLabel("或者粘贴文字").fill(TEXT);
    await page.getByRole("button", { name: "审核这段文字" }).click();
    await page.getByRole("heading", { level: 1, name: "粘贴的文字.txt" }).waitFor();
    return page.locator(".card .number").allTextContents();
}

async function press(page, locator) {
    await tabTo(page, locator, "Tab", 400);
    await page.keyboard.press("Enter");
}

async function toOwn(page, tab = "") {
    await page.goto(`${server.url}/staff/#/review/own${tab ? "/" + tab : ""}`);
    await page.getByRole("heading", { level: 1, name: "本单位的规则和名录" }).waitFor();
}

test("a rule of words from draft to live and back, by keyboard", async (t) => {
    const page = await open(t);
    assert.ok(!(await reviewed(page)).includes("X-01"));
    await page.goto(`${server.url}/staff/#/review`);
    await press(page, page.getByRole("link", { name: "本单位的规则和名录" }));
    await page.getByRole("row", { name: /B02/ }).waitFor();
    await fit(page, "review-own-rules");
    assert.ok(!(await overflows(page)));

    await press(page, page.getByRole("button", { name: "加一条规则…" }));
    const dialog = page.getByRole("dialog", { name: "加一条规则" });
    await dialog.waitFor();
    await press(page, dialog.getByRole("button", { name: "存为草稿" }));
    await dialog.getByText("以 X- 开头，例：X-01").waitFor();
    assert.ok(await focused(dialog.getByLabel("编号")), "the first that is wrong");
    await fit(page, "review-own-rule-wrong");
    await page.keyboard.press("End");
    await page.keyboard.type("01");
    for (const [label, words] of [["查什么", "本市提法"], ["为什么", "按本市统一提法"], ["依据", "云澜市2026年第3号"]]) {
        await tabTo(page, dialog.getByLabel(label, { exact: true }));
        await page.keyboard.type(words);
    }
    await tabTo(page, dialog.getByLabel("词", { exact: true }));
    await page.keyboard.insertText("办事窗口 → 综合窗口");
    await tabTo(page, dialog.getByLabel("说明"));
    await page.keyboard.type("统一提法");
    await fit(page, "review-own-rule");
    await press(page, dialog.getByRole("button", { name: "存为草稿" }));

    const card = page.getByRole("article", { name: "改动 1" });
    await card.waitFor();
    assert.equal(read("rules/own.jsonl"), "", "a draft is in no file");
    assert.ok(await card.getByRole("button", { name: "生效…" }).isDisabled(), "not before it is tried");
    await until(() => focused(card.getByRole("button", { name: "在以往的公文上试" })), "the next deed has the focus");
    await fit(page, "review-own-draft");
    await page.keyboard.press("Enter");
    await card.getByText(/多提 2 处/).waitFor();
    await card.getByText("办事窗口", { exact: true }).first().waitFor();
    await fit(page, "review-own-tried");
    await press(page, card.getByRole("button", { name: "生效…" }));
    const reason = page.getByRole("dialog", { name: "让这次改动生效" });
    await until(() => focused(reason.getByLabel("理由")), "the reason has the focus");
    await fit(page, "review-own-reason");
    await page.keyboard.type("办公会同意");
    await page.keyboard.press("Enter");
    await card.getByText("生效了", { exact: true }).waitFor();
    await card.getByText(/办公会同意/).waitFor();
    assert.match(read("rules/own.jsonl"), /"id":"X-01"/);
    await fit(page, "review-own-live");
    assert.equal((await reviewed(page)).filter((x) => x === "X-01").length, 2, "the running server has it");

    await toOwn(page, "changes");
    await press(page, card.getByRole("button", { name: "退回…" }));
    await page.getByRole("dialog", { name: "退回这次改动" }).getByLabel("理由").waitFor();
    await until(() => focused(page.getByLabel("理由")), "the reason has the focus");
    await page.keyboard.type("改错了");
    await page.keyboard.press("Enter");
    await page.getByText("退回第 1 次改动").waitFor();
    assert.ok(!/X-01/.test(read("rules/own.jsonl")));
    assert.ok(!(await reviewed(page)).includes("X-01"));
    assert.deepEqual(page.trouble, []);
});

test("a rule that ships is switched off", async (t) => {
    const page = await open(t);
    await toOwn(page);
    await page.getByRole("textbox", { name: "找规则" }).fill("B02");
    await press(page, page.getByRole("button", { name: "改 B02" }));
    const dialog = page.getByRole("dialog", { name: "改规则 B02" });
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel("查什么").count(), 0, "what it looks for is not for this page");
    await tabTo(page, dialog.getByRole("radio", { name: "开着" }));
    await page.keyboard.press("ArrowDown");
    assert.ok(await dialog.getByRole("radio", { name: "关着" }).isChecked());
    await fit(page, "review-own-switch");
    await press(page, dialog.getByRole("button", { name: "存为草稿" }));
    const card = page.getByRole("article").filter({ hasText: "B02" }).first();
    await card.waitFor();
    await until(() => card.locator("[data-try]").evaluate((el) => el === document.activeElement), "the draft has the focus");
    await press(page, card.getByRole("button", { name: "丢弃草稿" }));
    await until(async () => (await page.getByRole("article").filter({ hasText: "B02" }).count()) === 0, "dropped");
    assert.deepEqual(page.trouble, []);
});

test("rows of the registry, one and many, and what is wrong told at its row", async (t) => {
    const page = await open(t);
    await toOwn(page, "organs");
    await press(page, page.getByRole("button", { name: "加一行…" }));
    const dialog = page.getByRole("dialog", { name: "加一行机构" });
    await tabTo(page, dialog.getByLabel("全称", { exact: true }));
    await page.keyboard.type("云澜市数据局");
    await tabTo(page, dialog.getByLabel("排序"));
    await page.keyboard.type("第三");
    await press(page, dialog.getByRole("button", { name: "存为草稿" }));
    await dialog.getByRole("alert").filter({ hasText: "排序" }).waitFor();
    await fit(page, "review-own-organ-wrong");
    await dialog.getByLabel("排序").fill("30");
    await press(page, dialog.getByRole("button", { name: "存为草稿" }));
    await page.getByRole("article").filter({ hasText: "云澜市数据局" }).waitFor();

    await toOwn(page, "terms");
    await press(page, page.getByRole("button", { name: "从表格粘贴多行…" }));
    const paste = page.getByRole("dialog", { name: "粘贴多行用语" });
    const box = paste.getByLabel("从表格里复制来的行");
    await tabTo(page, box);
    await page.keyboard.insertText("不能用的词\t老大难单位\t\t不用这样的说法\n没有这种\t甲\t乙\n");
    await press(page, paste.getByRole("button", { name: "2 行存为草稿" }));
    await paste.getByRole("alert").filter({ hasText: "第 2 行（没有这种｜甲｜乙）" }).waitFor();
    await fit(page, "review-own-paste-wrong");
    await box.fill("不能用的词\t老大难单位\t\t不用这样的说法\n统一提法\t甲办法\t乙办法\n");
    await press(page, paste.getByRole("button", { name: "2 行存为草稿" }));
    const card = page.getByRole("article").filter({ hasText: "老大难单位" });
    await card.waitFor();
    await page.keyboard.press("Enter");
    await card.getByText(/份以往的公文上试过/).waitFor();
    await press(page, card.getByRole("button", { name: "生效…" }));
    await until(() => focused(page.getByLabel("理由")), "the reason has the focus");
    await page.keyboard.type("第 5 号通知");
    await page.keyboard.press("Enter");
    await until(async () => /老大难单位/.test(read("terms.tsv")), "written");
    await toOwn(page, "terms");
    await page.getByRole("textbox", { name: "在用语里找" }).fill("老大难");
    await page.getByRole("row", { name: /不能用的词 老大难单位/ }).waitFor();
    await fit(page, "review-own-terms");

    // Broken by hand: told on the page, at the row.
    writeFileSync(own("terms.tsv"), read("terms.tsv") + "nothing\ta\tb\n");
    await toOwn(page, "rules");
    await page.reload();
    await page.getByRole("alert").filter({ hasText: /terms\.tsv 第 \d+ 行 有错/ }).waitFor();
    await toOwn(page, "terms");
    await page.getByRole("textbox", { name: "在用语里找" }).fill("nothing");
    await page.getByRole("row").filter({ hasText: "有错：不认识的种类" }).waitFor();
    await fit(page, "review-own-broken");
    writeFileSync(own("terms.tsv"), read("terms.tsv").replace("nothing\ta\tb\n", ""));
    assert.deepEqual(page.trouble, []);
});

test("who does not keep the rules sees them and changes nothing", async (t) => {
    const page = await open(t, "li");
    await toOwn(page);
    await page.getByRole("row", { name: /B02/ }).waitFor();
    await page.getByText(/改动由语料管理员或系统管理员来做/).waitFor();
    assert.equal(await page.getByRole("button", { name: /加一条规则|改 B02/ }).count(), 0);
    await toOwn(page, "changes");
    await page.getByRole("heading", { name: "生效过的" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /退回|生效|试/ }).count(), 0);
    assert.deepEqual(page.trouble, []);
});

test("on a phone", async (t) => {
    const page = await open(t, "kong", { viewport: { width: 390, height: 844 } });
    for (const tab of ["rules", "organs", "terms", "changes"]) {
        await toOwn(page, tab);
        await page.waitForTimeout(300);
        assert.ok(!(await overflows(page)), `${tab} sticks out`);
    }
    await fit(page, "review-own-phone");
    await toOwn(page, "organs");
    await page.getByRole("button", { name: "加一行…" }).click();
    await page.getByRole("dialog").waitFor();
    assert.ok(!(await overflows(page)));
    await fit(page, "review-own-phone-dialog");
});
