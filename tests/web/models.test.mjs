// The operator's page of models: an administrator at work on it, an auditor who only reads.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import test, { after, before } from "node:test";
import { axe, bin, fit, focusTrouble, openStaff, overflows, PASSWORD, root, startBrowser, startServer, tabTo, until } from "./support.mjs";

const PARTS = ["总览", "模型", "别名", "部门", "密钥", "用量", "算力测算"];
const SIZES = [[1024, 768], [1280, 800], [1920, 1080]];

let server, browser, models, door;

/** tests/server/model.py: a server that speaks OpenAI's API. */
async function startModels() {
    const code = "import sys; sys.path.insert(0, sys.argv[1]); from model import ModelServer; "
        + "m = ModelServer(prompts=sys.argv[2]); print(m.url, flush=True); sys.stdin.read()";
    const child = spawn("python3", ["-c", code, path.join(root, "tests/server"), path.join(root, "share/model-eval.jsonl")],
        { stdio: ["pipe", "pipe", "inherit"] });
    const url = await new Promise((resolve) => child.stdout.once("data", (d) => resolve(new URL(String(d).trim()))));
    return { port: Number(url.port), stop: () => child.stdin.end() };
}

/** In front of it: can be shut, and can hold what is asked until it lets go. */
async function startDoor(port) {
    const held = [], open = new Set();
    const self = { holds: false, url: "", letGo, shut, reopen };
    const gate = net.createServer((from) => {
        const to = net.connect(port, "127.0.0.1");
        for (const s of [from, to]) {
            open.add(s);
            s.on("error", () => {}).on("close", () => { open.delete(s); from.destroy(); to.destroy(); });
        }
        from.on("data", (d) => {
            const asks = self.holds && String(d).startsWith("POST");
            if (asks || held.some((h) => h.to === to)) held.push({ to, d });
            else to.write(d);
        });
        to.pipe(from);
    });
    const listen = (at) => new Promise((resolve) => gate.listen(at, "127.0.0.1", resolve));
    await listen(0);
    const mine = gate.address().port;
    self.url = `http://127.0.0.1:${mine}`;
    function letGo() {
        self.holds = false;
        for (const { to, d } of held.splice(0)) to.write(d);
    }
    function shut() {
        for (const s of open) s.destroy();
        return new Promise((resolve) => gate.close(resolve));
    }
    function reopen() {
        return listen(mine);
    }
    return self;
}

before(async () => {
    server = await startServer(["limits.rate=no", "models.health_s=1"]);
    server.user("shen", "auditor", "沈清");
    browser = await startBrowser();
    models = await startModels();
    door = await startDoor(models.port);
});
after(async () => {
    await browser?.close();
    await server?.stop();
    await door?.shut();
    models?.stop();
});

async function staff(t, name = "first", options = {}) {
    const page = await openStaff(browser, server.url, name, options);
    t.after(() => page.context().close());
    await page.getByRole("navigation", { name: "主要页面" }).getByRole("link", { name: "模型与算力" }).click();
    await page.getByRole("heading", { level: 1, name: "模型与算力" }).waitFor();
    return page;
}

const parts = (page) => page.getByRole("navigation", { name: "模型与算力的各部分" });
async function go(page, name) {
    await parts(page).getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: name === "总览" ? "模型与算力" : `模型与算力：${name}` }).waitFor();
}
const press = (where, name) => where.getByRole("button", { name, exact: true }).click();
const row = (page, name) => page.getByRole("row", { name });
const dialogOf = (page, name) => page.getByRole("dialog", { name });

/** The API as the administrator, to bring about what a test begins with. */
let login;
async function api(method, path, body) {
    if (!login) {
        const answer = await fetch(`${server.url}/v1/login`, { method: "POST", headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ name: "first", password: PASSWORD }) });
        login = { cookie: answer.headers.get("set-cookie").split(";")[0], csrf: (await answer.json()).csrf };
    }
    const answer = await fetch(`${server.url}/v1/admin/${path}`, { method, headers: { "Content-Type": "application/json",
        Cookie: login.cookie, "X-CSRF-Token": login.csrf }, body: method === "GET" ? undefined : JSON.stringify(body ?? {}) });
    const json = await answer.json();
    assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(json)}`);
    return json;
}
async function done(job) {
    const end = await until(async () => {
        const now = await api("GET", `jobs/${job}`);
        return now.state !== "running" && now;
    }, "the job ends", 120_000);
    assert.equal(end.state, "done", JSON.stringify(end.error));
}
/** A model that is in production, whoever brought it there. */
async function promoted(name) {
    const known = (await api("GET", "models")).models.find((m) => m.name === name);
    const { id, state } = known ?? (await api("POST", "models", { name, source: door.url, remote_name: "good", slots: 2 })).model;
    if (state === "production") return id;
    for (const act of ["test", "evaluate"]) await done((await api("POST", `models/${id}/${act}`)).job);
    await api("POST", `models/${id}/promote`);
    return id;
}
async function alias(name, targets) {
    await api("POST", "aliases", { name, targets });
}
async function department(name, more = {}) {
    const known = (await api("GET", "departments")).departments.find((d) => d.name === name);
    return known ?? (await api("POST", "departments", { name, ...more })).department;
}
async function key(name, departmentId) {
    return (await api("POST", "keys", { name, department: departmentId, class: "citizen" })).secret;
}
async function ask(secret, model = "chat-default", more = {}) {
    const answer = await fetch(`${server.url}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json",
        Authorization: `Bearer ${secret}` }, body: JSON.stringify({ model, messages: [{ role: "user", content: "你好" }],
        stream: true, ...more }) });
    await answer.text();
    return answer.status;
}

test("while there is nothing, each part says what to do", async (t) => {
    const page = await staff(t);
    await page.getByText("sunmao model add /data/models/qwen.gguf --name qwen").waitFor();
    await fit(page, "models-none-overview");
    const said = { 模型: "还没有模型", 别名: "还没有别名", 部门: "还没有部门", 密钥: "密钥属于部门", 用量: "这段时间还没有请求用过模型",
        算力测算: "填好数字，点" };
    for (const [part, words] of Object.entries(said)) {
        await go(page, part);
        await page.getByText(words).first().waitFor();
        await fit(page, `models-none-${PARTS.indexOf(part)}`);
    }
    assert.deepEqual(page.trouble, []);
});

test("a server is added, refused by the gate, tested, evaluated and promoted", async (t) => {
    const page = await staff(t);
    await go(page, "模型");
    await press(page, "加模型");
    const dialog = dialogOf(page, "加模型");
    await dialog.getByLabel("名字", { exact: true }).fill("大 模型");
    await press(dialog, "登记");
    await dialog.getByText("1 到 64 个：字母、数字和 . _ : - /").waitFor();
    await dialog.getByText("应当以 http://、https:// 或 unix:/ 开头").waitFor();
    await fit(page, "models-add-wrong");
    await dialog.getByLabel("名字", { exact: true }).fill("large");
    await dialog.getByLabel("地址").fill(door.url);
    await dialog.getByLabel("它在那里的名字").fill("good");
    await dialog.getByLabel("备案号").fill("浙-2026-0001");
    await dialog.getByLabel("同时请求").fill("2");
    await press(dialog, "登记");
    await page.getByText("下一步：测试，看它会什么。").waitFor();
    await fit(page, "models-new");

    await press(page, "投入生产");
    const asked = dialogOf(page, "large 投入生产？");
    await press(asked, "投入生产");
    await asked.getByRole("alert").getByText("还没有探测过能力").waitFor();
    await fit(page, "models-gate");
    await press(asked, "取消");

    await press(page, "测试");
    await page.getByText("下一步：评测，要几分钟。").waitFor();
    await page.getByText("对话", { exact: true }).waitFor();
    await press(page, "评测");
    await page.getByText("评测通过了，可以投入生产。").waitFor({ timeout: 120_000 });
    await fit(page, "models-evaluated", { fullPage: true });
    await press(page, "投入生产");
    await press(asked, "投入生产");
    await page.getByText("已在生产；用别名决定谁的请求给它。").waitFor();
    assert.deepEqual(page.trouble, []);
});

test("a file is added by the command that the form makes", async (t) => {
    const page = await staff(t);
    await go(page, "模型");
    await press(page, "加模型");
    const dialog = dialogOf(page, "加模型");
    await press(dialog, "本机的 GGUF 文件");
    await dialog.getByLabel("名字", { exact: true }).fill("qwen");
    await dialog.getByLabel("文件的路径").fill("/data/my models/q.gguf");
    await dialog.getByText("sunmao model add '/data/my models/q.gguf' --name qwen").waitFor();
    await fit(page, "models-add-file");
});

test("shares of an alias are changed, put out as a canary and rolled back", async (t) => {
    const large = await promoted("large"), small = await promoted("small");
    const page = await staff(t);
    await go(page, "别名");
    await press(page, "加别名");
    let dialog = dialogOf(page, "加别名");
    await dialog.getByLabel("别名", { exact: true }).fill("chat-default");
    await dialog.getByLabel("第 1 个模型", { exact: true }).selectOption("large");
    await press(dialog, "加上");
    const card = page.getByRole("region", { name: "别名 chat-default，全部" });
    await card.getByText("100%", { exact: true }).waitFor();

    await press(card, /^灰度 ?chat-default$/);
    dialog = dialogOf(page, "灰度 chat-default（全部）");
    const slider = dialog.getByRole("slider");
    assert.equal(await slider.inputValue(), "5");
    await slider.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    await dialog.getByText("给它的份额：10%").waitFor();
    await fit(page, "models-canary");
    await press(dialog, "保存");
    await card.getByText("90%", { exact: true }).waitFor();
    await card.getByText("10%", { exact: true }).waitFor();

    await press(card, /^修改 ?chat-default$/);
    dialog = dialogOf(page, "修改别名 chat-default（全部）");
    await dialog.getByRole("spinbutton").first().fill("60");
    await press(dialog, "保存");
    await dialog.getByRole("alert").getByText("首选的份额合计 70%，要正好 100%").waitFor();
    await fit(page, "models-alias-sum");
    await press(dialog, "按比例凑成 100%");
    await press(dialog, "保存");
    await card.getByText("86%", { exact: true }).waitFor();
    await card.getByText("变更记录（3）").click();
    await card.getByText("原来 首选：large 90%、small 10%").waitFor();
    await fit(page, "models-aliases");

    await press(card, /^退回上一次 ?chat-default$/);
    await press(dialogOf(page, /退回 chat-default/), "退回");
    await card.getByText("90%", { exact: true }).waitFor();
    const now = (await api("GET", "aliases")).aliases.find((a) => a.name === "chat-default");
    assert.deepEqual(now.targets.map((t) => [t.model, t.weight]), [[large, 90], [small, 10]].sort((a, b) => a[0] - b[0]));
    assert.deepEqual(page.trouble, []);
});

test("a model in use is not retired, and the reason is shown", async (t) => {
    await alias("in-use", [{ model: await promoted("large") }]);
    const page = await staff(t);
    await go(page, "模型");
    await page.getByRole("link", { name: "large", exact: true }).click();
    await press(page, "停用");
    const dialog = dialogOf(page, "停用 large？");
    await press(dialog, "停用");
    await dialog.getByRole("alert").getByText(/别名 .* 还在用 large/).waitFor();
    await fit(page, "models-retire-refused");
});

test("a department gets a budget, a key is made, used and revoked", async (t) => {
    await alias("chat-default", [{ model: await promoted("large") }]);
    const page = await staff(t);
    await go(page, "部门");
    await press(page, "加部门");
    let dialog = dialogOf(page, "加部门");
    await dialog.getByLabel("部门的名字").fill("市民政局");
    await press(dialog, "加上");
    await row(page, /市民政局/).waitFor();
    await press(page, "加部门");
    await dialog.getByLabel("部门的名字").fill("婚姻登记处");
    await dialog.getByLabel("上级部门").selectOption({ label: "市民政局" });
    await press(dialog, "加上");
    await press(row(page, /婚姻登记处/), /^修改 ?婚姻登记处$/);
    dialog = dialogOf(page, "修改部门 婚姻登记处");
    await dialog.getByLabel("每天上限（词元）").fill("十万");
    await press(dialog, "保存");
    await dialog.getByText("应当是整数").waitFor();
    await dialog.getByLabel("每天上限（词元）").fill("100000");
    await fit(page, "models-department");
    await press(dialog, "保存");
    await row(page, /婚姻登记处/).getByText("0 / 10 万").waitFor();
    await fit(page, "models-departments");

    await go(page, "密钥");
    await press(page, "发密钥");
    dialog = dialogOf(page, "发密钥");
    await dialog.getByLabel("应用的名字").fill("一网通办客服");
    await dialog.getByLabel("部门").selectOption({ index: 1 });
    await dialog.getByLabel("只许从这些地址来").fill("127.0.0.1/32，不是地址");
    await press(dialog, "发密钥");
    await dialog.getByText("“不是地址”不是地址").waitFor();
    await dialog.getByLabel("只许从这些地址来").fill("127.0.0.0/8");
    await fit(page, "models-key");
    await press(dialog, "发密钥");
    const once = dialogOf(page, "密钥，只显示这一次");
    const secret = (await once.getByRole("group", { name: "密钥" }).textContent()).trim();
    assert.match(secret, /^sk-[\w-]{43}$/);
    await fit(page, "models-key-once");
    await press(once, "已经记下，关掉");
    const line = row(page, /一网通办客服/);
    await line.getByText("有效", { exact: true }).waitFor();
    await line.getByText("没用过").waitFor();
    assert.ok(!(await page.content()).includes(secret), "it is shown once");
    assert.equal(await ask(secret), 200);

    await press(line, /^吊销 ?一网通办客服$/);
    await press(dialogOf(page, /吊销密钥/), "吊销");
    await page.getByText("没有有效的密钥。").waitFor();
    await page.getByRole("button", { name: /^全部/ }).click();
    await line.getByText("已吊销").waitFor();
    await fit(page, "models-keys");
    assert.equal(await ask(secret), 401);
    assert.deepEqual(page.trouble, []);
});

test("the overview shows health turning, and who waits", async (t) => {
    await alias("chat-default", [{ model: await promoted("large") }]);
    const secret = await key("平台", (await department("市水务局")).id);
    assert.equal(await ask(secret), 200);
    const page = await staff(t);
    const line = row(page, /large/).first();
    await line.getByText("正常").waitFor();

    t.after(door.letGo);
    door.holds = true;
    const calls = Array.from({ length: 5 }, () => ask(secret));
    await row(page, /^群众办事/).getByRole("cell").first().getByText("3").waitFor();
    await line.getByText(/2 \/ 2/).waitFor();
    await fit(page, "models-queue");
    door.letGo();
    assert.deepEqual(await Promise.all(calls), [200, 200, 200, 200, 200]);
    await row(page, /^群众办事/).getByRole("cell").first().getByText("0").waitFor();

    await door.shut();
    await line.getByText("不可用").waitFor();
    await page.getByText("连不上它。请看那台服务器开着没有").first().waitFor();
    assert.equal(await ask(secret), 503);
    await page.getByRole("region", { name: "最近没走直路的请求" }).first().getByText("没有成功").first().waitFor();
    await fit(page, "models-down", { fullPage: true });
    await door.reopen();
    await line.getByText("正常").waitFor();
    assert.deepEqual(page.trouble, []);
});

test("what is refused is told with its reason", async (t) => {
    await alias("chat-default", [{ model: await promoted("large") }]);
    const { id } = await department("市统计局", { per_day: 1 });
    assert.equal(await ask(await key("统计", id)), 429);
    const page = await staff(t);
    await page.getByText(/群众办事“一次请求就超过了本部门的用量上限” \d+ 次/).waitFor();
    const line = row(page, /一个请求就超过了部门的上限/).first();
    await line.getByText("需要的话在“部门”里调高。").waitFor();
    await fit(page, "models-refused", { fullPage: true });
    await go(page, "用量");
    await page.getByRole("row", { name: /群众办事 一次请求就超过了本部门的用量上限 \d+/ }).waitFor();
    await fit(page, "models-refused-usage", { fullPage: true });
    assert.deepEqual(page.trouble, []);
});

test("every reason that the gateway notes has its words on the page", () => {
    const text = (name) => readFileSync(path.join(root, name), "utf8");
    const patterns = [...text("web/staff/src/models/words.ts").matchAll(/^ {2}\[(\/.+?\/), '/gm)].map((m) => new RegExp(m[1].slice(1, -1)));
    const host = text("src/gateway/host.c"), child = text("src/gateway/child.c"), client = text("src/gateway/client.h");
    const notes = [
        ...[...client.matchAll(/^ {4}X\(\w+, "\w+", +"(.+)"\)/gm)].map((m) => m[1]).filter((n) => !/stopped/.test(n)),
        ...[...(host + child).matchAll(/(?:say_why|fail_to_start|restart)\(\w+, "([^"%]+)"/g)].map((m) => m[1]),
        ...[...host.slice(host.indexOf("sm_host_why(")).slice(0, 700).matchAll(/"([a-z][^"]+)"/g)].map((m) => m[1]),
        ...[...text("src/gateway/route.c").matchAll(/"(skipped: [^"]+)"/g)].map((m) => m[1]).filter((n) => !/: %s$/.test(n)),
        ...[...text("src/schedule/schedule.h").matchAll(/^ {4}X\(\w+, "(\w+)", +"[^"]+"\)/gm)].map((m) => `refused: ${m[1]}`),
    ].map((n) => n.replace(/%l*[sd]/g, "7").replace(/^skipped: (?=it asked)/, "")).filter(Boolean);
    assert.ok(notes.length > 25, "the patterns no longer find the notes");
    assert.deepEqual(notes.filter((n) => !patterns.some((p) => p.test(n))), []);
});

test("it does not ask while nobody looks", async (t) => {
    const page = await staff(t);
    let n = 0;
    page.on("request", (r) => (n += r.url().endsWith("/v1/admin/status") ? 1 : 0));
    await until(() => n > 0, "it asks");
    await page.evaluate(() => {
        Object.defineProperty(document, "hidden", { value: true, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    });
    const before = n;
    await new Promise((later) => setTimeout(later, 4000));
    assert.equal(n, before);
    await page.evaluate(() => {
        delete document.hidden;
        document.dispatchEvent(new Event("visibilitychange"));
    });
    await until(() => n > before, "it asks again");
});

test("usage is told by department, model and day; a price turns it into money", async (t) => {
    const large = await promoted("large");
    await alias("chat-default", [{ model: large }]);
    const secret = await key("平台二", (await department("市水务局")).id);
    for (let i = 0; i < 3; i++) assert.equal(await ask(secret), 200);
    await until(async () => (await api("GET", "usage?days=1")).by_department.some((d) => d.name === "市水务局" && d.calls >= 3),
        "the books are written");
    const page = await staff(t);
    await go(page, "用量");
    const line = row(page, /^市水务局/);
    await line.getByText("未配置单价").waitFor();
    await page.getByRole("img", { name: /每天读入和生成的词元/ }).waitFor();
    await fit(page, "models-usage", { fullPage: true });
    await press(page, "按模型");
    await row(page, /^large/).waitFor();
    await press(page, "按日期");
    await row(page, /^2026-11-23/).waitFor();

    await go(page, "模型");
    await page.getByRole("link", { name: "large", exact: true }).click();
    await press(page, "修改");
    const dialog = dialogOf(page, "修改 large");
    await dialog.getByLabel("生成单价").fill("一块");
    await press(dialog, "保存");
    await dialog.getByText("应当是数字").waitFor();
    await dialog.getByLabel("生成单价").fill("12.5");
    await fit(page, "models-settings");
    await press(dialog, "保存");
    await page.getByText("读入 0 元、生成 12.5 元，每千词元").waitFor();
    await go(page, "用量");
    await line.getByText(/\d 元/).waitFor();
    assert.deepEqual(page.trouble, []);
});

test("capacity is planned: so many cards, one fewer is not enough", async (t) => {
    const page = await staff(t);
    await go(page, "算力测算");
    await page.getByRole("button", { name: "算一算" }).waitFor();
    await page.getByLabel("一张卡每秒读入").fill("");
    await press(page, "算一算");
    await page.getByText("请填写").first().waitFor();
    await fit(page, "models-plan-wrong");
    const wish = { 群众办事每小时请求: "3000", 工作人员办公每小时请求: "900", 平均读入词元: "1200", 平均生成词元: "300",
        一张卡每秒读入: "3000", 一张卡每秒生成: "900", 一张卡同时请求: "16" };
    for (const [label, text] of Object.entries(wish)) await page.getByLabel(label).fill(text);
    await press(page, "算一算");
    const heading = page.getByRole("heading", { name: /^要 \d+ 张卡$/ });
    await heading.waitFor({ timeout: 60_000 });
    const n = Number(/\d+/.exec(await heading.textContent())[0]);
    assert.ok(n > 1);
    await page.getByRole("rowheader", { name: `${n - 1} 张 不够` }).waitFor();
    await page.getByRole("rowheader", { name: `${n} 张 够` }).waitFor();
    await page.getByRole("rowheader", { name: `${n + 1} 张 够` }).waitFor();
    await fit(page, "models-plan", { fullPage: true });
    assert.deepEqual(page.trouble, []);
});

test("an auditor reads it all and has nothing to press that changes anything", async (t) => {
    const large = await promoted("large");
    await alias("chat-default", [{ model: large }]);
    await key("平台三", (await department("市水务局")).id);
    const page = await staff(t, "shen");
    // What is pressed to see something else stays.
    const changes = () => page.getByRole("main").locator("button:not([aria-pressed])").allTextContents();
    const there = { 总览: "large", 模型: "large", 别名: "chat-default", 部门: "市水务局", 密钥: "平台三", 用量: "本站|市水务局", 算力测算: "算一算" };
    for (const [part, words] of Object.entries(there)) {
        await go(page, part);
        await page.getByText(new RegExp(words)).first().waitFor();
        await page.getByText("只能看，不能改").waitFor();
        assert.deepEqual((await changes()).map((b) => b.trim()), part === "算力测算" ? ["算一算"] : [], part);
        await fit(page, `models-auditor-${PARTS.indexOf(part)}`);
    }
    await page.goto(`${server.url}/staff/#/models/list/${large}`);
    await page.getByText("评测记录").waitFor();
    assert.deepEqual(await changes(), []);
    assert.deepEqual(page.trouble, []);
});

test("every part fits every window", async (t) => {
    const large = await promoted("large"), small = await promoted("small");
    await alias("chat-default", [{ model: large, weight: 90 }, { model: small, weight: 10 }]);
    await department("市水务局");
    for (const [width, height] of SIZES) {
        const page = await staff(t, "first", { viewport: { width, height } });
        for (const part of PARTS) {
            await go(page, part);
            await page.waitForLoadState("networkidle");
            assert.equal(await overflows(page), false, `${part} at ${width}`);
            await fit(page, `models-${width}-${PARTS.indexOf(part)}`, { fullPage: true });
        }
        await page.goto(`${server.url}/staff/#/models/list/${large}`);
        await page.getByText("评测记录").waitFor();
        assert.equal(await overflows(page), false, `a model at ${width}`);
        await fit(page, `models-${width}-one`, { fullPage: true });
    }
});

test("all of it goes by keyboard", async (t) => {
    await alias("chat-default", [{ model: await promoted("large") }]);
    const page = await staff(t);
    await page.getByRole("heading", { level: 1 }).focus();
    await tabTo(page, parts(page).getByRole("link", { name: "别名", exact: true }));
    await page.keyboard.press("Enter");
    const card = page.getByRole("region", { name: "别名 chat-default，全部" });
    await card.waitFor();
    await tabTo(page, card.getByRole("button", { name: /^修改 ?chat-default$/ }));
    await page.keyboard.press("Enter");
    const dialog = dialogOf(page, "修改别名 chat-default（全部）");
    await dialog.waitFor();
    await tabTo(page, dialog.getByRole("button", { name: "保存" }));
    assert.equal(await focusTrouble(page), "");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await until(() => page.evaluate(() => document.activeElement?.textContent?.startsWith("修改")), "the focus is back");
    assert.deepEqual(await axe(page), []);
});

/** A small embedder of random weights; "" where there is no engine. */
function tinyModel() {
    const make = path.join(path.dirname(bin), "sunmao-make-tiny");
    if (![make, path.join(path.dirname(bin), "sunmao-engine")].every(existsSync)) return "";
    let folder;
    try {
        folder = execFileSync(path.join(root, "tools/engine.sh"), ["path"], { encoding: "utf8", cwd: root }).trim();
    } catch {
        return "";
    }
    const file = path.join(server.data, "tiny.gguf");
    execFileSync(make, ["--kind", "bert", "--vocab", path.join(folder, "models/ggml-vocab-bert-bge.gguf"), "--out", file],
        { stdio: "ignore" });
    return file;
}

test("a model of our own engine: added by its file, evaluated, promoted, seen running", async (t) => {
    const file = tinyModel();
    if (!file) return t.skip("no engine beside the program");
    execFileSync(bin, ["model", "add", file, "--name", "tiny", "--data", server.data], { stdio: "ignore" });
    const page = await staff(t);
    await go(page, "模型");
    await page.getByRole("link", { name: "tiny", exact: true }).click();
    await press(page, "测试");
    await page.getByText("下一步：评测，要几分钟。").waitFor({ timeout: 60_000 });
    await press(page, "评测");
    await page.getByText("评测通过了，可以投入生产。").waitFor({ timeout: 120_000 });
    await press(page, "投入生产");
    await press(dialogOf(page, "tiny 投入生产？"), "投入生产");
    await page.getByText("已在生产；用别名决定谁的请求给它。").waitFor();
    await fit(page, "models-tiny", { fullPage: true });
    await go(page, "总览");
    const line = row(page, /tiny/).first();
    await line.getByText("本机引擎").waitFor();
    await line.getByText("正常").waitFor();
    await fit(page, "models-tiny-running");
    assert.deepEqual(page.trouble, []);
});
