// A model writes the body of a draft: what holds is marked, what does not is told and stands nowhere.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { fit, openStaff, overflows, startBrowser, startServer } from "./support.mjs";
import { register, startWriter } from "./writer.mjs";

const CLAUSE = "使用年限超过15年的电梯，使用单位应当每年进行一次安全评估。";
let server, browser, writer;

before(async () => {
    server = await startServer(["limits.rate=no", "site.sponsor=云澜市人民政府办公室", "draft.model=drafting"]);
    server.user("kong", "keeper", "孔明");
    writer = await startWriter();
    register(server.data, writer.url, "drafting");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
    await writer?.stop();
});

test("what a model wrote is marked, a lie stands nowhere", async (t) => {
    writer.any = () => [`一、工作任务\n${CLAUSE}\n`, "逾期的每部罚款5000元。\n"];
    const page = await openStaff(browser, server.url, "kong");
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "公文起草" }).click();
    await page.getByLabel("用一两句话说要发什么").fill("给各区政府发通知，要求10月底前完成老旧电梯排查");
    await page.getByText(/^更多要求/).click();
    await page.getByLabel("依据的原文").fill(CLAUSE);
    await page.getByRole("button", { name: "起草", exact: true }).click();
    await page.getByText(/正文有 1 句是模型写的/).waitFor();
    await page.getByText("正文有模型写的内容").waitFor();
    await page.getByText("没有采用的 1 句").click();
    await page.locator("del").getByText(/5000元/).waitFor();
    const sheet = page.getByRole("region", { name: "预览" });
    await sheet.getByText(CLAUSE).waitFor();
    await sheet.getByText("（本稿由人工智能辅助生成，须经人工审核）").waitFor();
    assert.equal(await sheet.getByText(/5000/).count(), 0);
    assert.equal(await page.getByText("模型写的", { exact: true }).count(), 1);
    await fit(page, "draft-model");
    assert.ok(!(await overflows(page)));
});

test("a model that fails leaves the skeleton", async (t) => {
    writer.any = () => ["一、", null];
    const page = await openStaff(browser, server.url, "kong");
    t.after(() => page.context().close());
    await page.goto(`${server.url}/staff/#/draft`);
    await page.getByLabel("用一两句话说要发什么").fill("给各区政府发通知，要求10月底前完成老旧电梯排查");
    await page.getByRole("button", { name: "起草", exact: true }).click();
    await page.getByText("模型没有写成，正文是提纲。").waitFor();
    assert.equal(await page.getByText("正文有模型写的内容").count(), 0);
    assert.deepEqual(page.trouble, []);
});
