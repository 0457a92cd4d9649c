// Two versions of a document beside each other, by keyboard.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { fit, focused, openStaff, overflows, startBrowser, startServer, tabTo, until } from "./support.mjs";
import { demo, DOCX_FOLDER } from "./documents.mjs";

let server, browser;

before(async () => {
    server = await startServer(["limits.rate=no", "site.sponsor=云澜市人民政府办公室"]);
    server.user("kong", "keeper", "孔明");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
    DOCX_FOLDER.remove();
});

async function open(t, options = {}) {
    const page = await openStaff(browser, server.url, "kong", options);
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "公文审核" }).click();
    await page.getByRole("heading", { level: 1, name: "公文审核" }).waitFor();
    return page;
}

async function upload(page, file) {
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByRole("heading", { level: 1, name: file.name }).waitFor();
    await page.locator(".facts").waitFor();
}

const current = (page) => page.locator("[data-change][aria-current=true]");
const numberOf = async (page) => Number(await current(page).getAttribute("data-change"));
const changesOf = async (page) => Number(/改动 (\d+) 处/.exec(await page.locator(".facts").textContent())[1]);

test("the original and the mended copy, walked through by keyboard", async (t) => {
    const page = await open(t);
    await upload(page, demo("16-dog-plan", "养犬方案.docx"));
    assert.equal(await page.getByRole("link", { name: "原件和修订稿对比" }).count(), 0, "nothing is accepted yet");
    await page.getByRole("button", { name: /采纳有把握的/ }).click();
    await page.getByRole("button", { name: /采纳这 \d+ 处/ }).click();
    const link = page.getByRole("link", { name: "原件和修订稿对比" });
    await link.waitFor();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await tabTo(page, link, "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "对比两个版本" }).waitFor();
    await page.locator("[data-change]").first().waitFor();
    const n = await changesOf(page);
    assert.ok(n > 2, `${n} changes`);
    assert.equal(await page.locator("[data-change]").count(), n);
    assert.equal(await page.locator("[data-change='1']").count(), 1);
    await fit(page, "review-compare");
    assert.ok(!(await overflows(page)));

    // By sign too: what is deleted and inserted can be told without colours.
    const row = page.locator("[data-change]").filter({ has: page.locator("del") }).first();
    const signs = await row.evaluate((el) => [...el.querySelectorAll("del, ins")].map((x) =>
        [x.tagName, getComputedStyle(x, "::before").content, getComputedStyle(x).textDecorationLine]));
    for (const [tag, sign, line] of signs)
        assert.match(`${tag} ${sign} ${line}`, /^(DEL .*删.* line-through|INS .*增.* underline)$/);

    for (let i = 1; i <= n; i++) {
        await page.keyboard.press("j");
        assert.equal(await numberOf(page), i);
        assert.ok(await focused(current(page)));
    }
    await page.keyboard.press("j");
    assert.equal(await numberOf(page), n, "there is no more");
    await page.keyboard.press("k");
    assert.equal(await numberOf(page), n - 1);
    await page.getByText(`第 ${n - 1} 处，共 ${n} 处`).first().waitFor();
    assert.match(await current(page).getAttribute("aria-label"), /改了字|改了版式|增加|删去/);

    const all = await page.locator(".row-of-both").count();
    const only = page.getByRole("button", { name: /只看改动/ });
    await tabTo(page, only, "Shift+Tab");
    await page.keyboard.press("Enter");
    await until(async () => (await page.locator(".row-of-both").count()) === n, "changes alone");
    assert.ok(all > n);
    await fit(page, "review-compare-changes");
    assert.deepEqual(page.trouble, []);
});

test("two uploads of a document, layout told in words", async (t) => {
    const page = await open(t);
    await upload(page, demo("01-flood-plan", "防汛一稿.docx"));
    await page.getByRole("link", { name: "回到公文审核" }).click();
    await upload(page, demo("01-flood-plan", "防汛二稿.docx", "@page{top=20}", (text) =>
        text.replace(/^@p .*\n/m, (line) => line.replace("@p ", "@p{size=14} 这里多写了一句话。"))));
    await page.getByRole("link", { name: "回到公文审核" }).click();
    const compare = page.getByRole("button", { name: "对比选中的两份" });
    await compare.waitFor();
    assert.ok(await compare.isDisabled());
    for (const name of ["防汛二稿", "防汛一稿"]) {
        const box = page.getByRole("checkbox", { name: new RegExp(`选来对比：${name}`) });
        await box.focus();
        await page.keyboard.press("Space");
    }
    await fit(page, "review-choose-two");
    await compare.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "对比两个版本" }).waitFor();
    await page.getByText("原件：防汛一稿.docx").waitFor();
    await page.getByText("新件：防汛二稿.docx").waitFor();
    await page.getByText(/上边距由.*改为20毫米/).waitFor();
    await page.getByText(/版式：.*字号由三号（16磅）改为四号（14磅）/).waitFor();
    assert.ok((await page.locator("ins").allTextContents()).some((x) => x.includes("这里多写了一句话。")));
    await fit(page, "review-compare-layout");
    assert.deepEqual(page.trouble, []);
});

test("on a phone", async (t) => {
    const page = await open(t, { viewport: { width: 390, height: 844 } });
    await upload(page, demo("16-dog-plan", "手机.docx"));
    await page.getByRole("button", { name: /采纳有把握的/ }).click();
    await page.getByRole("button", { name: /采纳这 \d+ 处/ }).click();
    await page.getByRole("link", { name: "原件和修订稿对比" }).click();
    await page.locator("[data-change]").first().waitFor();
    assert.ok(!(await overflows(page)), "nothing sticks out");
    await page.getByRole("button", { name: "下一处 (j)" }).click();
    assert.equal(await numberOf(page), 1);
    await fit(page, "review-compare-phone");
});
