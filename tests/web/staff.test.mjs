// The staff's pages: each role at its work, by mouse and by keyboard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { fit, focused, focusTrouble, logIn, openPage, openStaff, PASSWORD, startBrowser, startServer, until } from "./support.mjs";

const UNKNOWN = "区块链挖矿许可证怎么办";
const PAGES = {
    li: ["坐席台", "事项与政策", "公文起草", "公文审核", "数据"],
    kong: ["没答上来的问题", "事项与政策", "待办", "导入", "公文起草", "公文审核", "数据"],
    shen: ["台账", "待办", "模型与算力", "公文起草", "公文审核", "数据"],
    first: ["账号", "模型与算力", "公文起草", "公文审核", "数据"],
};
const item = JSON.parse(readFileSync(new URL("../../demo/items.jsonl", import.meta.url), "utf8").split("\n")[0]);

let server, browser;

before(async () => {
    server = await startServer("limits.rate=no");
    server.user("li", "operator", "李晓");
    server.user("kong", "keeper", "孔明");
    server.user("shen", "auditor", "沈清");
    server.user("lock", "operator", "罗锁");
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function staff(t, name, options = {}) {
    const page = await openStaff(browser, server.url, name, options);
    t.after(() => page.context().close());
    return page;
}

async function loginPage(t) {
    const page = await openPage(browser, `${server.url}/staff/`, { viewport: { width: 1366, height: 768 } });
    t.after(() => page.context().close());
    await page.getByRole("heading", { name: "工作台登录" }).waitFor();
    return page;
}

const go = (page, name) => page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name }).click();
const head = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

async function api(path, body) {
    const answer = await fetch(server.url + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, path);
    return answer.json();
}

/** A citizen who asks what nobody knows, and so waits for a person. */
async function citizen(text = UNKNOWN, more = {}) {
    const reply = await api("/v1/ask", { text, session: "new", ...more });
    const { session } = reply;
    if (reply.act !== "handoff") await api(`/v1/conversations/${session}/handover`, { contact: "" });
    const messages = async () => (await (await fetch(`${server.url}/v1/conversations/${session}?after=0`)).json()).messages.map((m) => m.text);
    return { session, messages, say: (words) => api("/v1/ask", { text: words, session }) };
}

test("a wrong password is told, and five lock the account until it is reset", async (t) => {
    const page = await loginPage(t);
    await fit(page, "staff-login");
    await page.getByRole("button", { name: "登录", exact: true }).click();
    await page.getByText("请填写用户名和密码").waitFor();
    await logIn(page, "lock", "Wrong-2026-x");
    await page.getByRole("alert").filter({ hasText: /密码/ }).waitFor();
    await fit(page, "staff-login-wrong");
    for (let i = 0; i < 4; i++) {
        const answered = page.waitForResponse(/\/v1\/login$/);
        await logIn(page, "lock", "Wrong-2026-x");
        await answered;
    }
    await logIn(page, "lock");
    await page.getByText(/还要等 \d+ 分钟才能再试/).waitFor();
    await fit(page, "staff-locked");

    const admin = await staff(t, "first");
    const row = admin.getByRole("row", { name: /lock/ });
    await row.getByText("输错太多次，锁着").waitFor();
    await row.getByRole("button", { name: /重置密码/ }).click();
    await admin.getByRole("dialog", { name: /重置 罗锁 的密码/ }).getByRole("button", { name: "重置" }).click();
    const once = admin.getByRole("dialog", { name: "初始密码，只显示这一次" });
    await once.waitFor();
    await fit(admin, "staff-password-once");
    const given = (await once.getByRole("definition").nth(1).textContent()).trim();
    await once.getByRole("button", { name: "已经记下，关掉" }).click();
    await row.getByText("还没改初始密码").waitFor();
    await logIn(page, "lock", given);
    await head(page, "请先修改密码");
    assert.deepEqual([...page.trouble, ...admin.trouble], []);
});

test("an account is opened, and its owner changes the password first", async (t) => {
    const admin = await staff(t, "first");
    await head(admin, "账号");
    await fit(admin, "staff-users");
    await admin.getByRole("button", { name: "新开账号" }).click();
    const dialog = admin.getByRole("dialog", { name: "新开账号" });
    await dialog.getByRole("button", { name: "开通" }).click();
    await dialog.getByText("2 到 32 个字：小写字母、数字、点、下划线、短横").waitFor();
    await fit(admin, "staff-user-wrong");
    await dialog.getByLabel("用户名").fill("wang");
    await dialog.getByLabel("姓名（窗口）").fill("王芳（语料）");
    await dialog.getByRole("radio", { name: /语料管理员/ }).check({ force: true });
    await dialog.getByLabel("部门").fill("市政务服务中心");
    await dialog.getByRole("button", { name: "开通" }).click();
    const once = admin.getByRole("dialog", { name: "初始密码，只显示这一次" });
    await once.waitFor();
    const given = (await once.getByRole("definition").nth(1).textContent()).trim();
    assert.ok(given.length >= 10);
    await once.getByRole("button", { name: "已经记下，关掉" }).click();
    await admin.getByRole("row", { name: /wang/ }).getByText("还没改初始密码").waitFor();

    const page = await loginPage(t);
    await logIn(page, "wang", given);
    await head(page, "请先修改密码");
    assert.equal(await page.getByRole("navigation", { name: "主要页面" }).count(), 0, "nothing else can be done");
    await page.getByLabel("现在的密码", { exact: true }).fill(given);
    await page.getByLabel("新密码", { exact: true }).fill("short");
    await page.getByLabel("再写一次新密码", { exact: true }).fill("shorter");
    await page.getByRole("button", { name: "改密码" }).click();
    await page.getByText("还差 5 个字，至少 10 个字").waitFor();
    await page.getByText("两次写的不一样").waitFor();
    await fit(page, "staff-first-password");
    await page.getByLabel("新密码", { exact: true }).fill("Yunlan-2026-x");
    await page.getByLabel("再写一次新密码", { exact: true }).fill("Yunlan-2026-x");
    await page.getByRole("button", { name: "改密码" }).click();
    await head(page, "没答上来的问题");

    await admin.getByRole("row", { name: /wang/ }).getByRole("button", { name: /停用/ }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "停用" }).click();
    await admin.getByRole("row", { name: /wang/ }).getByText("停用", { exact: true }).first().waitFor();
    await go(page, "待办");
    await page.getByText("登录已过期，请重新登录").waitFor();
    assert.deepEqual([...page.trouble, ...admin.trouble], []);
});

test("each role has its pages and no others", async (t) => {
    for (const [name, pages] of Object.entries(PAGES)) {
        const page = await staff(t, name);
        const links = page.getByRole("navigation", { name: "主要页面" }).getByRole("link");
        assert.deepEqual((await links.allTextContents()).map((x) => x.trim().replace(/\d+人在等$/, "")), pages, name);
        for (const one of pages) {
            await go(page, one);
            await head(page, one);
        }
        const other = pages.includes("账号") ? "ledger" : "users";
        await page.goto(`${server.url}/staff/#/${other}`);
        await head(page, "没有这个页面");
        await fit(page, `staff-none-${name}`);
        await page.getByRole("button", { name: "退出" }).click();
        await page.getByRole("heading", { name: "工作台登录" }).waitFor();
        assert.deepEqual(page.trouble, []);
    }
});

test("the desk by mouse: take, look up, answer, forward, close", async (t) => {
    const page = await staff(t, "li");
    await page.getByText("自动更新").waitFor();
    const asker = await citizen("量子通信牌照怎么申请");
    const queue = page.getByRole("region", { name: "排队" });
    const entry = queue.getByRole("link", { name: /量子通信牌照怎么申请/ });
    await entry.waitFor(); // comes by itself
    await entry.getByText(/已等 \d+ 秒/).waitFor();
    await fit(page, "staff-desk-queue");
    await entry.click();
    await page.getByRole("button", { name: /^接手/ }).click();
    const box = page.getByRole("textbox", { name: "给市民的回复" });
    await box.waitFor();
    await until(() => focused(box), "who took it can write");

    const side = page.getByRole("complementary", { name: "资料" });
    await side.getByRole("textbox", { name: "要查的话" }).fill("护照");
    await side.getByRole("button", { name: "查找" }).click();
    await side.getByRole("button", { name: "普通护照首次申请" }).first().click();
    await side.getByRole("button", { name: "插入指南名称和编号" }).click();
    assert.match(await box.inputValue(), /请看办事指南《普通护照首次申请》/);
    await fit(page, "staff-desk-answer");
    await page.getByRole("button", { name: /^发出/ }).click();
    await until(async () => (await asker.messages()).some((m) => m.includes("普通护照首次申请")), "the citizen has it");
    await until(async () => (await box.inputValue()) === "", "the box is empty again");
    await asker.say("谢谢，还有一件事");
    await page.getByRole("log").getByText("谢谢，还有一件事").waitFor();

    await page.getByRole("button", { name: /^转给其他部门/ }).click();
    const dialog = page.getByRole("dialog", { name: "转给其他部门" });
    await dialog.getByRole("button", { name: "转出" }).click();
    await dialog.getByText("请选要转给哪个部门").waitFor();
    await dialog.getByRole("combobox", { name: "转给哪个部门" }).click();
    await page.getByRole("option", { name: "云澜市公安局" }).first().click();
    await dialog.getByText("请选要转给哪个部门").waitFor({ state: "detached" });
    await dialog.getByLabel("给同事的话").fill("请接着答");
    await fit(page, "staff-desk-forward");
    await dialog.getByRole("button", { name: "转出" }).click();
    await dialog.waitFor({ state: "hidden" });
    await queue.getByRole("button", { name: /^等待/ }).click();
    await entry.getByText(/云澜市公安局/).waitFor();
    assert.ok(!(await asker.messages()).some((m) => m.includes("请接着答")), "the note is for colleagues");

    await entry.click();
    await page.getByRole("button", { name: /^接手/ }).click();
    await page.getByRole("button", { name: /^办结/ }).click();
    await page.getByRole("dialog", { name: "办结这次对话" }).getByRole("radio", { name: "不归我们管" }).check({ force: true });
    await fit(page, "staff-desk-close");
    await page.getByRole("dialog", { name: "办结这次对话" }).getByRole("button", { name: /^办结/ }).click();
    await page.getByText("已办结").first().waitFor();
    await queue.getByRole("button", { name: "已结束" }).click();
    await queue.getByRole("link", { name: /量子通信牌照怎么申请/ }).getByText("不归我们管").waitFor();
    await fit(page, "staff-desk-closed");
    assert.deepEqual(page.trouble, []);
});

test("the desk by keyboard alone", async (t) => {
    const asker = await citizen("深海采矿许可怎么办");
    const page = await staff(t, "li");
    const { keyboard } = page;
    await page.getByRole("link", { name: /深海采矿许可怎么办/ }).waitFor();
    const open = page.getByRole("heading", { level: 2, name: /^对话/ });
    for (let i = 0; i < 10; i++) {
        await keyboard.press("j");
        await open.waitFor();
        assert.equal(await focusTrouble(page), "");
        if (await page.evaluate(() => document.activeElement.textContent.includes("深海采矿许可怎么办"))) break;
    }
    await page.getByRole("log").getByText("深海采矿许可怎么办").waitFor();
    await keyboard.press("Enter");
    const box = page.getByRole("textbox", { name: "给市民的回复" });
    await box.waitFor();
    await until(() => focused(box), "the focus is where one writes");
    await keyboard.type("fcj 请打 12345");
    assert.equal(await page.getByRole("dialog").count(), 0, "single keys sleep while one types");
    await keyboard.press("Control+Enter");
    await until(async () => (await asker.messages()).some((m) => m === "fcj 请打 12345"), "the citizen has it");
    await until(async () => (await box.inputValue()) === "", "sent");
    await keyboard.press("Escape");
    assert.equal(await focusTrouble(page), "");
    await keyboard.press("f");
    await page.getByRole("dialog", { name: "转给其他部门" }).waitFor();
    await keyboard.press("Escape");
    await page.getByRole("dialog", { name: "转给其他部门" }).waitFor({ state: "hidden" });
    assert.equal(await focusTrouble(page), "");
    await keyboard.press("/");
    await until(() => focused(page.getByRole("textbox", { name: "要查的话" })), "/ goes to looking up");
    await page.getByRole("log").focus();
    await keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "办结这次对话" });
    await dialog.waitFor();
    await until(() => page.evaluate(() => document.activeElement?.type === "radio"), "the focus is at the outcomes");
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await dialog.waitFor({ state: "hidden" });
    await until(async () => (await asker.messages()).some((m) => m.includes("人工服务已结束")), "the citizen is told");
    await until(async () => (await focusTrouble(page)) === "", "the focus is not lost");
    assert.deepEqual(page.trouble, []);
});

test("a lapsed login keeps what was typed", async (t) => {
    const asker = await citizen("火星移民签证怎么办");
    const page = await staff(t, "li");
    await page.getByRole("link", { name: /火星移民签证怎么办/ }).click();
    await page.getByRole("button", { name: /^接手/ }).click();
    const box = page.getByRole("textbox", { name: "给市民的回复" });
    await box.fill("这一段写了很久");
    await page.context().clearCookies();
    await page.getByRole("button", { name: /^发出/ }).click();
    const dialog = page.getByRole("dialog", { name: "登录已过期，请重新登录" });
    await dialog.waitFor();
    await fit(page, "staff-lapsed");
    assert.equal(await box.inputValue(), "这一段写了很久");
    await dialog.getByLabel("密码", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "登录", exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
    await until(async () => (await asker.messages()).includes("这一段写了很久"), "it goes on where it stopped");
    assert.deepEqual(page.trouble, []);
});

test("a question without an answer is pointed to an item", async (t) => {
    await citizen("太空电梯通行证怎么办");
    const page = await staff(t, "kong");
    await head(page, "没答上来的问题");
    const group = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: /太空电梯通行证怎么办/ }) });
    await group.waitFor();
    await fit(page, "staff-unanswered");
    await group.getByRole("button", { name: "别的事项…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "找事项" }).fill("特种设备使用登记");
    await dialog.getByRole("button", { name: "查找" }).click();
    await fit(page, "staff-unanswered-point");
    await dialog.getByRole("list", { name: "找到的事项" }).getByRole("button", { name: /特种设备使用登记/ }).click();
    await page.getByText(/条指到了《特种设备使用登记》/).waitFor();
    await group.waitFor({ state: "detached" });
    assert.deepEqual(page.trouble, []);
});

async function choose(page, name, text) {
    await page.getByLabel("选文件").setInputFiles({ name, mimeType: "application/jsonl", buffer: Buffer.from(text) });
    await page.getByRole("cell", { name: "还没导入" }).or(page.getByRole("rowheader", { name })).first().waitFor();
}

test("files are imported: good ones, and what is bad is told line by line", async (t) => {
    const page = await staff(t, "kong");
    await go(page, "导入");
    await head(page, "导入");
    await fit(page, "staff-import");
    const changed = { ...item, scope: `${item.scope}本句是后来加上的。` };
    await choose(page, "changed.jsonl", `${JSON.stringify(changed)}\n`);
    const nameless = { ...item, code: "ZZ-002" };
    delete nameless.name;
    const secret = { ...item, code: "ZZ-003", name: "涉密样例", scope: "机密★10年" };
    await choose(page, "bad.jsonl", `{"code": "ZZ-001", \n${JSON.stringify(nameless)}\n${JSON.stringify(secret)}\n`);
    await page.getByRole("button", { name: "导入 2 个文件" }).click();
    const file = (name) => page.getByRole("row", { name: new RegExp(name) }).first();
    await file("changed.jsonl").getByText(/收下 1 件（有变化 1）/).waitFor();
    await file("bad.jsonl").getByText(/拒收/).waitFor();
    const notes = page.getByRole("region", { name: "导入提示" });
    await notes.waitFor();
    await fit(page, "staff-import-report");
    const rows = (await notes.getByRole("row").allTextContents()).join("\n");
    assert.match(rows, /第 1 行|1 行/, "the broken line");
    assert.match(rows, /name|名称/, "the missing name");
    assert.match(rows, /SECRET_MARK/, "the secrecy mark");
    const refused = notes.getByRole("group", { name: "哪一级" }).getByRole("button", { name: /拒收/ });
    await refused.click();
    const saved = page.waitForEvent("download");
    await notes.getByRole("button", { name: /导出 \d+ 条（CSV）/ }).click();
    const csv = readFileSync(await (await saved).path(), "utf8");
    assert.ok(csv.startsWith("\uFEFF\"级别\""));
    assert.ok(csv.trim().split("\r\n").length >= 3);
    assert.match(csv, /bad\.jsonl/);

    await go(page, "事项与政策");
    await page.getByRole("textbox", { name: "标题、编号、文号" }).fill(item.code);
    await page.getByRole("button", { name: "查找" }).click();
    await page.getByRole("row", { name: new RegExp(item.code) }).getByText("第 2 版").waitFor();
    await fit(page, "staff-corpus");
    await page.getByRole("link", { name: item.name }).click();
    await head(page, item.name);
    await page.getByText(/本句是后来加上的。/).first().waitFor();
    await fit(page, "staff-document");
    await page.getByRole("link", { name: "第 1 版" }).click();
    await page.getByText("您看的是第 1 版，不是现在用的版本（第 2 版）。").waitFor();
    assert.equal(await page.getByText(/本句是后来加上的。/).count(), 0);
    await fit(page, "staff-document-old");
    await page.getByRole("link", { name: "看现在用的版本" }).click();
    await page.getByText(/本句是后来加上的。/).first().waitFor();
    assert.deepEqual(page.trouble, []);
});

test("a task is settled with a note, and the check runs again", async (t) => {
    const page = await staff(t, "kong");
    await go(page, "待办");
    await head(page, "待办");
    const again = page.getByRole("button", { name: "重新检查" });
    await again.click();
    await page.getByRole("button", { name: "正在检查…" }).waitFor();
    await page.getByText("检查做完了").first().waitFor({ timeout: 120_000 });
    await fit(page, "staff-tasks");
    const card = page.getByRole("article").first();
    const id = await card.getAttribute("id");
    await card.getByRole("button", { name: "记为已处理…" }).click();
    await card.getByRole("button", { name: "记为已处理", exact: true }).click();
    await card.getByText("请写明怎么处理的，以后查得到").waitFor();
    await fit(page, "staff-task-settle");
    await card.getByLabel("怎么处理的").fill("问过主管科室，以市级文件为准");
    await card.getByRole("button", { name: "记为已处理", exact: true }).click();
    await page.locator(`#${id}`).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "处理过的" }).click();
    await page.locator(`#${id}`).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("the ledger is read and verified", async (t) => {
    const page = await staff(t, "shen");
    await head(page, "台账");
    await page.getByRole("button", { name: "核验台账" }).click();
    await page.getByText(/完整：\d+ 条记录前后相连，没有改动/).waitFor();
    await fit(page, "staff-ledger");
    await page.getByRole("button", { name: "工作人员操作" }).click();
    for (const deed of ["登录", "导入", "重新检查", "办结对话", "开通账号"])
        await page.getByRole("row").filter({ has: page.getByRole("cell", { name: deed, exact: true }) }).first().waitFor();
    assert.equal(await page.getByRole("cell", { name: /^[a-z]+\.[a-z]+$/ }).count(), 0, "every deed has a name");
    assert.deepEqual(page.trouble, []);
});

test("the figures are those of the tables, and tests are none of them", async (t) => {
    const page = await staff(t, "shen");
    const figure = async (name) => {
        const text = await page.getByRole("region", { name: /总数|人工和评价/ }).locator("div", { has: page.getByRole("term").filter({ hasText: new RegExp(`^${name}$`) }) }).last().getByRole("definition").textContent();
        return parseInt(text.trim(), 10);
    };
    const read = async () => {
        await page.reload();
        await go(page, "数据");
        await page.getByRole("region", { name: "总数" }).waitFor();
        return { asked: await figure("提问"), answered: await figure("已回答"), handed: await figure("转人工") };
    };
    const before = await read();
    await citizen(UNKNOWN);
    await api("/v1/ask", { text: "居民身份证补领要带什么材料", session: "new" });
    for (let i = 0; i < 3; i++) await api("/v1/ask", { text: "居民身份证补领要带什么材料", session: "new", test: true });
    const now = await read();
    assert.deepEqual(now, { asked: before.asked + 2, answered: before.answered + 1, handed: before.handed + 1 });
    await page.getByText(/另有 [1-9]\d* 条测试问题，不计入下面的数字。/).waitFor();
    for (const details of await page.getByText("看数字").all()) await details.click();
    const days = page.getByRole("table", { name: "每天的提问数" });
    const column = async (name) => {
        const heads = await days.getByRole("columnheader").allTextContents();
        const at = heads.map((h) => h.trim()).indexOf(name);
        const rows = await days.getByRole("row").all();
        let sum = 0;
        for (const row of rows.slice(1)) sum += Number((await row.getByRole("cell").or(row.getByRole("rowheader")).allTextContents())[at]);
        return sum;
    };
    assert.equal(await column("合计"), now.asked);
    assert.equal(await column("已回答"), now.answered);
    assert.equal(await column("转人工"), now.handed);
    await page.getByRole("img", { name: new RegExp(`合计 ${now.asked} 条`) }).waitFor();
    await fit(page, "staff-figures", { fullPage: true });
    assert.deepEqual(page.trouble, []);
});

test("every page in a large and in a narrow window", async (t) => {
    for (const [name, pages] of Object.entries(PAGES)) {
        const page = await staff(t, name, { viewport: { width: 1920, height: 1080 } });
        for (const one of pages) {
            await go(page, one);
            await head(page, one);
            await page.getByText("正在读取…").waitFor({ state: "hidden" });
            await fit(page, `large-${name}-${one}`);
        }
        await page.setViewportSize({ width: 800, height: 600 });
        await until(() => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${name}: nothing sticks out`);
    }
});
