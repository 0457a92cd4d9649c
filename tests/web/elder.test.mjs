// The elder mode (长辈版): letters, lines, targets and contrast as the rules for it ask.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { answered, ask, fit, inSight, openPage, overflows, shot, smallTargets, startBrowser, startServer, until } from "./support.mjs";

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

async function open(t, path = "/", options = {}) {
    const page = await openPage(browser, server.url + path, options);
    t.after(() => page.context().close());
    await page.getByRole("textbox").waitFor();
    return page;
}

/** Texts in sight with letters smaller than px or lines closer than 1.3. */
function small(page, px) {
    return page.evaluate((px) => {
        const found = [];
        const walk = document.createTreeWalker(document.querySelector("dialog[open]") ?? document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const el = walk.currentNode.parentElement;
            if (!walk.currentNode.data.trim() || el.closest("script, style, noscript, .offscreen, .skip") || !el.checkVisibility({ checkVisibilityCSS: true })) continue;
            const s = getComputedStyle(el);
            const size = parseFloat(s.fontSize), line = s.lineHeight === "normal" ? 1.2 : parseFloat(s.lineHeight) / size;
            if (size < px || line < 1.3 - 1e-6) found.push(`${walk.currentNode.data.trim().slice(0, 16)}: ${size}px, ${line.toFixed(2)}`);
        }
        return found;
    }, px);
}

const sizeOf = (locator) => locator.evaluate((el) => parseFloat(getComputedStyle(el).fontSize));

/** What is done most: large letters, large to press. */
async function mainFunctions(page) {
    const bar = page.getByRole("region", { name: "找人帮忙" });
    return [page.getByRole("textbox"), page.getByRole("button", { name: "问一问" }), bar.getByRole("button", { name: /转人工|人工服务/ }), bar.getByRole("link", { name: /打电话/ })];
}

async function looksElder(page, name) {
    assert.deepEqual(await small(page, 18), [], `${name}: letters and lines`);
    assert.deepEqual(await smallTargets(page, 60), [], `${name}: targets`);
    assert.equal(await overflows(page), false, `${name}: sideways`);
    await fit(page, name);
}

test("the switch, large letters, large targets", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: "长辈版" }).click();
    await page.getByRole("button", { name: "问一问" }).waitFor();
    await looksElder(page, "elder-first");
    for (const main of [...(await mainFunctions(page)), ...(await page.getByRole("region", { name: "点一下就能问" }).getByRole("button").all())]) {
        assert.ok((await sizeOf(main)) >= 30, `${await main.textContent()}: letters`);
        const box = await main.boundingBox();
        assert.ok(box.width >= 60 && box.height >= 60, `${await main.textContent()}: ${box.width}x${box.height}`);
    }
    await page.getByText("本页回答由人工智能（AI）生成").first().waitFor();
    await page.reload();
    await page.getByRole("button", { name: "问一问" }).waitFor();
    await page.setViewportSize({ width: 1920, height: 1080 });
    await looksElder(page, "elder-first-large");
    await page.getByRole("button", { name: "回到标准版" }).click();
    await page.getByRole("button", { name: "提问" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "长辈版" }).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("by the address, and remembered", async (t) => {
    const page = await open(t, "/?elder=1");
    await page.getByRole("button", { name: "问一问" }).waitFor();
    await page.goto(server.url);
    await page.getByRole("button", { name: "问一问" }).waitFor();
    await page.goto(`${server.url}/?elder=0`);
    await page.getByRole("button", { name: "提问" }).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("a whole conversation in large letters", async (t) => {
    const page = await open(t, "/?elder=1");
    const first = await ask(page, "孩子上户口");
    const choice = first.getByRole("button", { name: "从未登记" });
    assert.ok((await sizeOf(choice)) >= 30, "choices are main functions");
    await looksElder(page, "elder-asked-back");
    await choice.click();
    const second = await answered(page, 2);
    await looksElder(page, "elder-answer");
    await shot(page, "elder-answer-whole", { fullPage: true });
    await second.getByRole("button", { name: /^来源 \d+/ }).first().click();
    await page.getByRole("dialog").locator("mark").waitFor();
    await looksElder(page, "elder-source");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("region", { name: "找人帮忙" }).getByRole("button", { name: "转人工" }).click();
    await page.getByRole("dialog", { name: "转人工" }).waitFor();
    await looksElder(page, "elder-handover");
    await page.getByRole("dialog").getByRole("button", { name: "开始排队" }).click();
    await page.getByText(/您排在第 \d+ 位/).waitFor();
    await looksElder(page, "elder-waiting");
    await ask(page, "我想自杀");
    await looksElder(page, "elder-crisis");
});

test("letters may be larger still, and the window may be enlarged", async (t) => {
    const page = await open(t);
    const sizes = page.getByRole("group", { name: "字号" });
    const before = await sizeOf(page.getByRole("textbox"));
    await sizes.getByRole("button", { name: "特大" }).click();
    assert.ok((await sizeOf(page.getByRole("textbox"))) >= before * 1.4);
    await ask(page, CLEAR);
    assert.equal(await overflows(page), false);
    await fit(page, "elder-huge-letters");
    await page.reload();
    assert.equal(await sizes.getByRole("button", { name: "特大" }).getAttribute("aria-pressed"), "true");
    await sizes.getByRole("button", { name: "标准" }).click();
    assert.equal(await sizeOf(page.getByRole("textbox")), before);
});

for (const [name, path] of [["standard", "/"], ["elder", "/?elder=1"]])
    test(`at 200 and 400 % nothing scrolls sideways: ${name}`, async (t) => {
        const page = await open(t, path, { viewport: { width: 640, height: 360 } });
        const reach = async (state) => {
            assert.equal(await overflows(page), false, state);
            const box = page.getByRole("textbox");
            await box.scrollIntoViewIfNeeded();
            await until(() => inSight(box), `${state}: the box can be reached`);
        };
        await reach("200 %");
        await fit(page, `zoom-200-${name}`);
        await ask(page, CLEAR);
        await reach("200 %, answered");
        await fit(page, `zoom-200-answer-${name}`);
        await page.setViewportSize({ width: 320, height: 256 });
        await reach("400 %");
        await fit(page, `zoom-400-${name}`);
    });
