// The widget in somebody else's page, whose styles are hostile, and who may embed the page at all.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { ask, axe, fit, focused, openPage, shot, smallTargets, startBrowser, startServer, until } from "./support.mjs";

const CLEAR = "居民身份证补领要带什么材料";

let server, browser, site, port;

before(async () => {
    site = createServer((request, response) => {
        const attributes = decodeURIComponent(new URL(request.url, "http://127.0.0.2").search.slice(1));
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        if (request.url === "/favicon.ico") return response.writeHead(204).end();
        response.end(`<!doctype html><html lang="zh-CN"><head><title>云澜市某单位</title>
            <style>* { font-size: 3px !important; position: fixed !important; color: #fff !important; }</style></head>
            <body><h1 style="background:#000">某单位网站</h1>
            <script>window.heard = []; for (const e of ["sunmao-open", "sunmao-close"]) addEventListener(e, () => heard.push(e))</script>
            <script src="${server.url}/widget.js" defer></script>
            <sunmao-ask city="云澜市" ${attributes}></sunmao-ask></body></html>`);
    });
    await new Promise((listening) => site.listen(0, "127.0.0.2", listening));
    port = site.address().port;
    server = await startServer(`limits.rate=no,server.frame_ancestors='self' http://127.0.0.2:${port}`);
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
    site?.close();
});

async function open(t, attributes = "", options = {}) {
    const page = await openPage(browser, `http://127.0.0.2:${port}/?${encodeURIComponent(attributes)}`, { foreign: [new URL(server.url).host], ...options });
    t.after(() => page.context().close());
    await page.getByRole("button", { name: /办事问答|问一问/ }).waitFor();
    return page;
}

test("opened by a click, asked within, closed by Escape", async (t) => {
    const page = await open(t);
    const toggle = page.getByRole("button", { name: "办事问答" });
    assert.ok((await toggle.evaluate((b) => parseFloat(getComputedStyle(b).fontSize))) >= 16, "the page's styles stay outside");
    const box = await toggle.boundingBox();
    assert.ok(box.height >= 44 && box.x + box.width <= 1280 && box.y + box.height <= 720, "in the corner, to be pressed");
    await fit(page, "widget-closed");
    await toggle.click();
    const panel = page.getByRole("dialog", { name: "云澜市政务服务问答" });
    await panel.waitFor();
    const inner = page.frameLocator("iframe[title=云澜市政务服务问答]");
    const answer = await ask(inner, CLEAR);
    await answer.getByRole("heading", { name: "需要什么" }).waitFor();
    const frame = page.frames()[1];
    assert.equal(await frame.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false);
    assert.deepEqual(await axe(frame), []);
    await fit(page, "widget-answer");

    await answer.getByRole("button", { name: /^来源 1：/ }).click();
    await inner.getByRole("dialog").locator("mark").waitFor();
    assert.ok(await focused(inner.getByRole("dialog").getByRole("heading", { level: 2 })), "the focus is in the source");
    await shot(page, "widget-source");
    await page.keyboard.press("Escape");
    await inner.getByRole("dialog").waitFor({ state: "detached" });
    assert.ok(await panel.isVisible(), "the first Escape closes only the source");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "hidden" });
    const inShadow = () => toggle.evaluate((b) => b.getRootNode().activeElement === b);
    await until(inShadow, "the focus is back at the button");
    await until(async () => (await page.evaluate(() => window.heard.join())) === "sunmao-open,sunmao-close", "the page hears of both");

    await toggle.click();
    await answer.getByRole("heading", { name: "需要什么" }).waitFor();
    await panel.getByRole("button", { name: "关闭" }).click();
    await panel.waitFor({ state: "hidden" });
    assert.deepEqual(page.trouble, []);
});

test("by keyboard alone", async (t) => {
    const page = await open(t);
    const toggle = page.getByRole("button", { name: "办事问答" });
    const panel = page.getByRole("dialog", { name: "云澜市政务服务问答" });
    const has = (button) => button.evaluate((b) => b.getRootNode().activeElement === b);
    await page.keyboard.press("Tab");
    assert.ok(await has(toggle));
    assert.notEqual(await toggle.evaluate((b) => getComputedStyle(b).outlineStyle), "none");
    await page.keyboard.press("Enter");
    await panel.waitFor();
    const close = panel.getByRole("button", { name: "关闭" });
    await until(() => has(close), "the focus is in the panel");
    await page.frameLocator("iframe").getByRole("textbox").waitFor();
    const box = page.frameLocator("iframe").getByRole("textbox");
    for (let i = 0; i < 12 && !(await focused(box)); i++) await page.keyboard.press("Tab");
    assert.ok(await focused(box), "the box is a few stops away");
    await page.keyboard.type(CLEAR);
    await page.keyboard.press("Enter");
    await page.frameLocator("iframe").getByRole("heading", { name: "需要什么" }).waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "hidden" });
    await until(() => has(toggle), "the focus is back");
    await page.keyboard.press("Space");
    await panel.waitFor();
    await until(() => has(close), "the focus is in the panel again");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "hidden" });
    await until(() => has(toggle), "and back again");
    assert.deepEqual(page.trouble, []);
});

test("its attributes, and a phone", async (t) => {
    const page = await open(t, `elder label="问一问" question="身份证丢了怎么补" region="高新区"`, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await page.getByRole("button", { name: "问一问" }).tap();
    const inner = page.frameLocator("iframe");
    assert.equal(await inner.getByRole("textbox").inputValue(), "身份证丢了怎么补");
    await inner.getByRole("button", { name: "回到标准版" }).waitFor();
    assert.deepEqual(await smallTargets(page.frames()[1], 44), []);
    const panel = await page.getByRole("dialog").boundingBox();
    assert.deepEqual([panel.x, panel.y, panel.width, panel.height], [0, 0, 360, 740], "fills a small window");
    await fit(page, "widget-phone");
});

test("a site that is not in server.frame_ancestors may not embed it", async (t) => {
    const url = `http://127.0.0.1:${port}/`;
    const elsewhere = createServer((q, r) => site.emit("request", q, r));
    await new Promise((listening) => elsewhere.listen(0, "127.0.0.1", listening));
    t.after(() => elsewhere.close());
    const page = await openPage(browser, url.replace(String(port), String(elsewhere.address().port)), { foreign: [new URL(server.url).host] });
    t.after(() => page.context().close());
    await page.getByRole("button", { name: "办事问答" }).click();
    await until(() => page.trouble.some((m) => /frame-ancestors/.test(m)), "the browser refuses");
    assert.equal(await page.frameLocator("iframe").getByRole("textbox").count(), 0);
    const policy = async (path) => (await fetch(server.url + path)).headers.get("content-security-policy");
    assert.match(await policy("/?embed=1"), new RegExp(`frame-ancestors 'self' http://127.0.0.2:${port}`));
    assert.match(await policy("/"), /frame-ancestors 'self'$/);
    assert.match(await policy("/staff/"), /frame-ancestors 'none'/);
});
