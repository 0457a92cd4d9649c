// Official documents drafted as a clerk does it: by keyboard, from a sentence to the review.
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import test, { after, before } from "node:test";
import { fit, focused, openStaff, overflows, root, startBrowser, startServer, tabTo, until } from "./support.mjs";

const LIFTS = "给各区政府发通知，要求10月底前完成老旧电梯排查";
let server, browser;

before(async () => {
    server = await startServer(["limits.rate=no", "site.sponsor=云澜市人民政府办公室"]);
    cpSync(path.join(root, "demo/registry"), path.join(server.data, "review"), { recursive: true });
    server.user("kong", "keeper", "孔明");
    server.user("li", "operator", "李晓");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function open(t, name = "kong", options = {}) {
    const page = await openStaff(browser, server.url, name, options);
    t.after(() => page.context().close());
    await page.goto(`${server.url}/staff/#/draft`);
    await page.getByRole("heading", { level: 1, name: "公文起草" }).waitFor();
    return page;
}

const said = (page) => page.getByLabel("用一两句话说要发什么");
const selected = (page) => page.evaluate(() => {
    const at = document.activeElement;
    return at instanceof HTMLTextAreaElement ? at.value.slice(at.selectionStart, at.selectionEnd) : "";
});
const left = async (page) => Number(/\d+/.exec(await page.getByRole("button", { name: /下一处待填/ }).textContent())[0]);
const sheet = (page) => page.getByRole("region", { name: "预览" });

test("from a sentence to the review, by keyboard", async (t) => {
    const page = await open(t);
    await fit(page, "draft-home");
    await tabTo(page, said(page));
    await page.keyboard.type(LIFTS);
    await tabTo(page, page.getByLabel("发文机关", { exact: true }));
    await page.keyboard.type("市政府办公室");
    await tabTo(page, page.getByRole("button", { name: "起草", exact: true }));
    await page.keyboard.press("Enter");
    const kind = page.getByRole("heading", { name: "文种：通知" });
    await kind.waitFor();
    await until(() => focused(kind), "the type has the focus");
    await fit(page, "draft-made");
    assert.ok(!(await overflows(page)));
    await sheet(page).getByText("云澜市人民政府办公室文件").waitFor();

    // Blank after blank, and typing fills it in.
    const before = await left(page);
    await page.keyboard.press("Alt+n");
    const first = await selected(page);
    assert.match(first, /^（待填：.+）$/);
    await page.keyboard.type("12");
    await until(async () => (await left(page)) === before - 1, "one is filled in");
    await sheet(page).getByText(/澜政办发〔2026〕12号/).waitFor();
    await page.keyboard.press("Alt+n");
    assert.match(await selected(page), /成文日期/);
    await page.keyboard.press("Alt+p");
    assert.match(await selected(page), /^（待填：/);

    // A paragraph is parted and joined again.
    const third = page.getByRole("textbox", { name: "第 3 段，正文" });
    await third.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("由各区政府统一组织。");
    await sheet(page).getByText("由各区政府统一组织。").waitFor();
    assert.equal(await page.getByRole("textbox", { name: "第 4 段，正文" }).inputValue(), "由各区政府统一组织。");
    await page.keyboard.press("Home");
    await page.keyboard.press("Backspace");
    assert.match(await third.inputValue(), /由各区政府统一组织。$/);
    await fit(page, "draft-edited");

    // Another type: what was written is not lost without a word.
    await page.getByRole("radio", { name: /通报/ }).focus();
    await page.keyboard.press("Space");
    const sure = page.getByRole("dialog", { name: "你改过这份草稿" });
    await sure.waitFor();
    await fit(page, "draft-sure");
    await page.keyboard.press("Escape");
    await sure.waitFor({ state: "hidden" });
    await kind.waitFor();

    const [download] = await Promise.all([page.waitForEvent("download"), (async () => {
        await tabTo(page, page.getByRole("button", { name: "下载 DOCX" }), "Shift+Tab");
        await page.keyboard.press("Enter");
    })()]);
    assert.match(download.suggestedFilename(), /^云澜市人民政府办公室关于.*的通知\.docx$/);
    assert.equal(readFileSync(await download.path()).subarray(0, 2).toString(), "PK");

    await tabTo(page, page.getByRole("button", { name: "送审核" }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /的通知\.docx$/ }).waitFor();
    await page.getByRole("region", { name: "公文" }).getByText("由各区政府统一组织。").waitFor();

    // The draft is still there.
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "公文起草" }).click();
    await kind.waitFor();
    assert.match(await third.inputValue(), /由各区政府统一组织。$/);
    assert.deepEqual(page.trouble, []);
});

test("an unclear type is asked back", async (t) => {
    const page = await open(t, "li");
    await said(page).fill("关于电梯的事");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "用哪种公文？" }).waitFor();
    await fit(page, "draft-asks");
    assert.equal(await page.getByRole("button", { name: "下载 DOCX" }).count(), 0);
    await page.getByLabel("都不是，用别的文种").selectOption("函");
    await page.getByRole("heading", { name: "文种：函" }).waitFor();
    await fit(page, "draft-letter");
    await page.getByRole("button", { name: "另起一份" }).click();
    assert.equal(await said(page).inputValue(), "");
});

test("what is locked cannot be written in, and says where it comes from", async (t) => {
    const page = await open(t);
    await said(page).fill("向市政府请示增加校园安保经费");
    await page.getByLabel("发文机关", { exact: true }).fill("市教育局");
    await page.keyboard.press("Control+Enter"); // only the description sends
    await page.getByRole("button", { name: "起草", exact: true }).click();
    await page.getByRole("heading", { name: "文种：请示" }).waitFor();
    const elements = page.getByRole("region", { name: "要素" });
    await elements.getByText("云澜市教育局文件").waitFor();
    assert.equal(await elements.getByRole("textbox", { name: "发文机关标志" }).count(), 0);
    await elements.getByText("已锁定，来自名录：名录中的全称").first().waitFor();
    await fit(page, "draft-request");
});

test("on a phone nothing sticks out", async (t) => {
    const page = await open(t, "kong", { viewport: { width: 390, height: 844 } });
    await said(page).fill(LIFTS);
    await page.getByRole("button", { name: "起草", exact: true }).click();
    await page.getByRole("heading", { name: "文种：通知" }).waitFor();
    assert.ok(!(await overflows(page)));
    await fit(page, "draft-phone", { fullPage: true });
});
