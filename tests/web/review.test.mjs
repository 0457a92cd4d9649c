// Official documents reviewed as a busy clerk does it: from upload to signed copy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { demo, DOCX, DOCX_FOLDER } from "./documents.mjs";
import { fit, openStaff, overflows, startBrowser, startServer, until } from "./support.mjs";

let server, browser;

before(async () => {
    server = await startServer(["limits.rate=no", "site.sponsor=云澜市人民政府办公室"]);
    server.user("kong", "keeper", "孔明");
    server.user("li", "operator", "李晓");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
    DOCX_FOLDER.remove();
});

async function open(t, name = "kong", options = {}) {
    const page = await openStaff(browser, server.url, name, options);
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "公文审核" }).click();
    await page.getByRole("heading", { level: 1, name: "公文审核" }).waitFor();
    return page;
}

const choose = (page, files) => page.locator("input[type=file]").setInputFiles(files);
const current = (page) => page.locator("[data-finding][aria-current=true]");
const numberOf = async (page) => Number(await current(page).getAttribute("data-finding"));
const handled = async (page) => Number(/处理了 (\d+) 条/.exec(await page.locator(".facts").textContent())[1]);

async function saved(page, press) {
    const [download] = await Promise.all([page.waitForEvent("download"), press()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

test("from upload to the signed copy, by keyboard", async (t) => {
    const page = await open(t);
    await fit(page, "review-home");
    await choose(page, demo("16-dog-plan", "养犬方案.docx"));
    await page.getByRole("heading", { level: 1, name: "养犬方案.docx" }).waitFor();
    await current(page).waitFor();
    await fit(page, "review-open");
    assert.ok(!(await overflows(page)));

    // Either side shows the other.
    const first = await numberOf(page);
    await page.keyboard.press("j");
    const second = await numberOf(page);
    assert.notEqual(second, first);
    await page.keyboard.press("k");
    assert.equal(await numberOf(page), first);
    const mark = page.locator("mark").last();
    const wanted = (await mark.getAttribute("data-mark")).split(" ").map(Number);
    await mark.click();
    assert.ok(wanted.includes(await numberOf(page)));
    assert.ok(await page.locator("mark.now").count());

    await page.locator("[data-finding]").first().click();
    const one = await numberOf(page);
    await page.keyboard.press("a");
    await until(async () => (await handled(page)) === 1, "accepted");
    assert.notEqual(await numberOf(page), one, "the next comes");
    await page.keyboard.press("d");
    const dismiss = page.getByRole("dialog", { name: "忽略这条意见" });
    await dismiss.waitFor();
    await fit(page, "review-dismiss");
    await page.keyboard.press("Enter");
    await until(async () => (await handled(page)) === 2, "dismissed");
    await page.getByText("原因：不是错，原文如此").waitFor();
    await dismiss.waitFor({ state: "hidden" });
    await page.keyboard.press("D");
    await page.getByRole("dialog", { name: "以后都不再提示" }).waitFor();
    await fit(page, "review-never");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "以后都不再提示" }).waitFor({ state: "hidden" });

    const all = page.getByRole("button", { name: /采纳有把握的（\d+）/ });
    const n = Number(/\d+/.exec(await all.textContent())[0]);
    assert.ok(n > 0);
    await all.click();
    const sure = page.getByRole("dialog", { name: `采纳 ${n} 处有把握的改正` });
    await sure.waitFor();
    await fit(page, "review-accept-all");
    await sure.getByRole("button", { name: `采纳这 ${n} 处` }).click();
    await until(async () => (await handled(page)) === 2 + n, "all safe ones");
    await page.getByRole("button", { name: /没处理的/ }).click();
    await fit(page, "review-decided");

    const fixed = await saved(page, () => page.getByRole("button", { name: "下载修订稿" }).click());
    assert.equal(fixed.name, "养犬方案（修订稿）.docx");
    assert.equal(fixed.bytes.subarray(0, 2).toString(), "PK");
    await page.getByText(/修订稿改了 \d+ 处/).waitFor();
    const report = await saved(page, () => page.getByRole("button", { name: "下载报告" }).click());
    assert.equal(report.name, "养犬方案（审核报告）.docx");

    await page.getByRole("button", { name: "签发…" }).click();
    const sign = page.getByRole("dialog", { name: "签发" });
    await sign.getByText("养犬方案.docx").waitFor();
    await sign.getByText(/^[0-9a-f]{64}$/).waitFor();
    await fit(page, "review-sign");
    await sign.getByRole("button", { name: "签发", exact: true }).click();
    await page.getByText(/孔明 于 .* 签发/).waitFor();
    assert.equal(await page.getByRole("button", { name: /采纳有把握的/ }).count(), 0, "nothing is decided afterwards");
    const copy = await saved(page, () => page.getByRole("button", { name: "下载签发稿" }).click());
    assert.equal(copy.name, "养犬方案（签发稿）.docx");
    await fit(page, "review-signed");
    await page.getByRole("link", { name: "回到公文审核" }).click();
    await page.getByRole("row", { name: /养犬方案\.docx/ }).filter({ hasText: "已签发" }).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("several files go one after the other, and what cannot be read is told", async (t) => {
    const page = await open(t);
    await choose(page, [
        demo("01-flood-plan", "防汛.docx"),
        demo("02-forward-heat", "涉密.docx", "@secrecy 机密★1年"),
        { name: "旧.doc", mimeType: "application/msword", buffer: Buffer.from("d0cf11e0a1b11ae1" + "00".repeat(600), "hex") },
        { name: "空.docx", mimeType: DOCX, buffer: Buffer.alloc(0) },
        demo("17-forward-allowance", "津贴.docx"),
    ]);
    const queue = page.getByRole("region", { name: "这次上传的" });
    await queue.getByRole("row", { name: /津贴\.docx/ }).getByRole("link").waitFor();
    await queue.getByRole("row", { name: /防汛\.docx/ }).getByRole("link").waitFor();
    await queue.getByRole("row", { name: /涉密\.docx/ }).getByText(/密级标志/).waitFor();
    await queue.getByRole("row", { name: /旧\.doc/ }).getByText(/另存为/).waitFor();
    await queue.getByRole("row", { name: /空\.docx/ }).getByText("是空文件").waitFor();
    await fit(page, "review-queue");
    await queue.getByRole("row", { name: /津贴\.docx/ }).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: "津贴.docx" }).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("what is dropped on the page is reviewed, what is dismissed for ever comes back when wanted", async (t) => {
    const page = await open(t, "li");
    const text = "各部门要认真贯彻落实，，做好2026年2月30日前的工作。";
    const data = await page.evaluateHandle((words) => {
        const d = new DataTransfer();
        d.items.add(new File([words], "说明.txt", { type: "text/plain" }));
        return d;
    }, text);
    await page.dispatchEvent(".zone", "drop", { dataTransfer: data });
    await page.getByRole("heading", { level: 1, name: "说明.txt" }).waitFor();
    await current(page).waitFor();
    const words = await page.locator("[data-finding]").count();
    await page.keyboard.press("D");
    await page.getByRole("dialog", { name: "以后都不再提示" }).waitFor();
    await page.getByRole("radio", { name: "本单位习惯这样写" }).check({ force: true });
    await page.getByRole("button", { name: /不再提示（Enter）/ }).click();
    await until(async () => (await handled(page)) === 1, "dismissed for ever");

    await page.getByRole("link", { name: "回到公文审核" }).click();
    await page.getByLabel("或者粘贴文字").fill(text);
    await page.getByRole("button", { name: "审核这段文字" }).click();
    await page.getByRole("heading", { level: 1, name: "粘贴的文字.txt" }).waitFor();
    await page.getByText(/按本单位的设置没有提的 \d+ 条/).waitFor();
    assert.ok(await page.locator("[data-finding]").count() < words);
    assert.equal(await page.getByRole("button", { name: "下载修订稿" }).count(), 0);

    await page.getByRole("link", { name: "回到公文审核" }).click();
    await page.getByRole("link", { name: "规则与不再提示" }).click();
    await page.getByRole("heading", { level: 1, name: "规则与不再提示" }).waitFor();
    await page.getByRole("button", { name: /恢复提示/ }).first().waitFor();
    await fit(page, "review-rules");
    await page.getByRole("button", { name: /恢复提示/ }).first().click();
    await page.getByText("恢复了，以后会再提示").waitFor();
    assert.deepEqual(page.trouble, []);
});

test("on a phone", async (t) => {
    const page = await open(t, "kong", { viewport: { width: 390, height: 844 } });
    await choose(page, demo("16-dog-plan", "手机上看.docx"));
    await page.getByRole("heading", { level: 1, name: "手机上看.docx" }).waitFor();
    await current(page).waitFor();
    assert.ok(!(await overflows(page)), "nothing sticks out");
    await fit(page, "review-phone");
    await current(page).scrollIntoViewIfNeeded();
    await page.getByRole("button", { name: "采纳 (a)" }).click();
    await until(async () => (await handled(page)) === 1, "accepted by touch");
    await fit(page, "review-phone-decided");
    await page.setViewportSize({ width: 1280, height: 800 });
    assert.ok(!(await overflows(page)));
    await fit(page, "review-1280");
});
