// What the browser tests share: a real server over a copy of the demo city, a real Chromium, axe,
// screenshots.  SUNMAO_BIN, SUNMAO_DEMO_DATA and SUNMAO_WEB say where program, data and pages are;
// SUNMAO_SHOTS where the pictures go.
import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(path.join(root, "web/package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const bin = process.env.SUNMAO_BIN ?? path.join(root, "build/bin/sunmao");
const demo = process.env.SUNMAO_DEMO_DATA ?? path.join(root, "build/check-data");
const pages = process.env.SUNMAO_WEB ?? path.join(root, "build/web");
const shots = process.env.SUNMAO_SHOTS ?? path.join(root, "build/shots");

export const PASSWORD = "Test-2026-Yunlan";

/** Starts `sunmao serve`, with settings as of --set; resolves to {url, data, stop, user(name, role, display, department)}. */
export async function startServer(settings = []) {
    const folder = mkdtempSync(path.join(tmpdir(), "sunmao-web-"));
    const data = path.join(folder, "data");
    cpSync(demo, data, { recursive: true });
    const env = { ...process.env, SUNMAO_TODAY: "2026-11-23" };
    const user = (name, role, display, department = "市政务服务中心") =>
        execFileSync(bin, ["user", "add", name, "--data", data, "--role", role, "--display", display, "--department",
            department, "--password-stdin"], { input: PASSWORD, env, stdio: ["pipe", "ignore", "inherit"] });
    user("first", "administrator", "首位管理员");
    const child = spawn(bin, ["serve", "--data", data, "--listen", "127.0.0.1:0", "--web", pages, "--config",
        path.join(root, "demo/sunmao.conf"), "--set", [settings].flat().join(",")],
        { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    const url = await new Promise((resolve, reject) => {
        child.stderr.on("data", (d) => {
            said += d;
            const at = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
            if (at) resolve(at[0]);
        });
        child.on("exit", (code) => reject(new Error(`sunmao serve ended with ${code}: ${said}`)));
    });
    const stop = () => new Promise((resolve) => {
        child.removeAllListeners("exit");
        child.on("exit", () => {
            rmSync(folder, { recursive: true, force: true });
            resolve();
        });
        child.kill("SIGTERM");
    });
    return { url, data, stop, user, log: () => said };
}

/** A headless Chromium that looks for nothing outside. */
export function startBrowser() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"],
    });
}

/** A page whose console errors, page errors and requests to other hosts end up in page.trouble. */
export async function openPage(browser, url, options = {}) {
    const { foreign, ...rest } = options;
    const context = await browser.newContext({ locale: "zh-CN", reducedMotion: "reduce", ...rest });
    const page = await context.newPage();
    page.trouble = [];
    page.on("pageerror", (e) => page.trouble.push(`page error: ${e.message}`));
    page.on("console", (m) => {
        if (m.type() === "error" && !/Failed to load resource/.test(m.text())) page.trouble.push(`console: ${m.text()}`);
    });
    const host = new URL(url).host;
    page.on("request", (r) => {
        const u = new URL(r.url());
        if (/^http/.test(u.protocol) && u.host !== host && !foreign?.includes(u.host))
            page.trouble.push(`asks another host: ${u.host}`);
    });
    await page.goto(url);
    return page;
}

/** axe-core's serious and critical findings as texts; [] when there are none. */
export async function axe(page) {
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
    // What fades in has its final colours only then.
    await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== "running" ||
        a.effect?.getTiming().iterations === Infinity));
    const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    return found.violations
        .filter((v) => v.impact === "serious" || v.impact === "critical")
        .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")}`);
}

/** Keeps a picture for people to look at. */
export async function shot(page, name, options = {}) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: path.join(shots, `${name}.png`), ...options });
}

/** A state of the page is fit to be seen: nothing went wrong on the way, axe has no complaint; a picture. */
export async function fit(page, name, options = {}) {
    assert.deepEqual(page.trouble, [], `on the way to ${name}`);
    assert.deepEqual(await axe(page), [], name);
    await shot(page, name, options);
}

/** Waits until a condition holds; what it was is said when it does not come to hold. */
export async function until(condition, what, limitMs = 30_000) {
    const end = Date.now() + limitMs;
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > end) assert.fail(`did not come about: ${what}`);
        await new Promise((again) => setTimeout(again, 50));
    }
}

/** Writes a question into the citizen's page and waits for its answer; the answer's article. */
export async function ask(page, text) {
    const box = page.getByRole("textbox", { name: /您想办什么事|还想问什么/ });
    const before = await page.getByRole("article").count();
    await box.fill(text);
    await box.press("Enter");
    return answered(page, before + 1);
}

/** The article of the n-th question, as soon as it has its answer. */
export async function answered(page, n) {
    const article = page.getByRole("article").nth(n - 1);
    await article.waitFor();
    for (const busy of ["正在查办事指南和政策…", "正在逐句核对出处…"]) await article.getByText(busy).waitFor({ state: "hidden" });
    return article;
}

/** Logs in on the staff's pages, in a window of its own. */
export async function openStaff(browser, url, name, options = {}) {
    const page = await openPage(browser, `${url}/staff/`, { viewport: { width: 1366, height: 768 }, ...options });
    await logIn(page, name);
    await page.getByRole("navigation", { name: "主要页面" }).waitFor();
    return page;
}

export async function logIn(page, name, password = PASSWORD) {
    await page.getByRole("textbox", { name: "用户名" }).fill(name);
    await page.getByLabel("密码", { exact: true }).fill(password);
    await page.getByRole("button", { name: "登录", exact: true }).click();
}

/** Whether anything sticks out of the viewport, or of an open dialog, to the side. */
export function overflows(page) {
    return page.evaluate(() => {
        const wide = (el) => el.scrollWidth > el.clientWidth + 1;
        return wide(document.documentElement) || [...document.querySelectorAll("dialog[open], dialog[open] *")]
            .some((el) => wide(el) && getComputedStyle(el).overflowX !== "visible");
    });
}

/** What can be pressed and is smaller than so many pixels each way; links within a text may be. */
export function smallTargets(page, px, selector = "a[href], button, input, select, textarea, summary") {
    return page.evaluate(([px, selector]) => {
        const top = document.querySelector("dialog[open]") ?? document;
        const found = [];
        for (const el of top.querySelectorAll(selector)) {
            const style = getComputedStyle(el);
            if (!el.checkVisibility({ checkVisibilityCSS: true }) || style.position === "absolute" && el.offsetHeight < 2) continue;
            if (style.display === "inline" && el.matches("a, button")) continue;
            if (el.matches(".skip")) continue; // seen only with the focus
            if (/^来源 \d/.test(el.getAttribute("aria-label")) && el.offsetHeight >= 32) continue; // within a sentence
            const target = el.matches("[type=radio], [type=checkbox]") ? (el.closest("label") ?? el) : el;
            let box = target.getBoundingClientRect();
            if (box.width >= px && box.height >= px) continue;
            target.scrollIntoView({ block: "center" });
            box = target.getBoundingClientRect();
            const [x, y, half] = [box.left + box.width / 2, box.top + box.height / 2, px / 2 - 1];
            const near = [[0, -half], [0, half], [-half, 0], [half, 0]];
            if (!near.every(([a, b]) => target.contains(document.elementFromPoint(x + a, y + b))))
                found.push(`${(el.getAttribute("aria-label") ?? el.textContent).trim().slice(0, 20)} ${Math.round(box.width)}x${Math.round(box.height)}`);
        }
        return found;
    }, [px, selector]);
}

/** Whether an element lies in the window with nothing before its middle. */
export function inSight(locator) {
    return locator.evaluate((el) => {
        const box = el.getBoundingClientRect();
        const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return hit !== null && (el.contains(hit) || hit.contains(el));
    });
}

/** What is wrong with where the focus is; "" when it can be seen. */
export function focusTrouble(page) {
    return page.evaluate(() => {
        const el = document.activeElement;
        if (!el || el === document.body || el === document.documentElement) return "the focus is nowhere";
        const name = `${el.tagName} ${(el.getAttribute("aria-label") ?? el.textContent).trim().slice(0, 30)}`;
        const box = el.getBoundingClientRect();
        if (box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth) return `${name}: not in the window`;
        const xs = [0.5, 0.05, 0.95], ys = [0.5, 0.1, 0.9];
        const seen = xs.some((a) => ys.some((b) => {
            const hit = document.elementFromPoint(box.left + box.width * a, box.top + box.height * b);
            return hit && (el.contains(hit) || hit.contains(el) && !hit.matches("body, html"));
        }));
        if (!seen) return `${name}: covered`;
        // The mark may stand on the control itself or on what frames it.
        for (let at = el, n = 0; at && n < 4; at = at.parentElement, n++) {
            const s = getComputedStyle(at);
            const outlined = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
            const framed = at !== el && !at.matches(":focus-within");
            if (!framed && (outlined || (s.boxShadow !== "none" && at.matches(":focus, :focus-within")))) return "";
        }
        return `${name}: nothing shows that it has the focus`;
    });
}

/** Presses Tab until the focus is on what is wanted; at every stop the focus has to be seen. */
export async function tabTo(page, wanted, key = "Tab", most = 120) {
    const stops = [];
    for (let i = 0; i < most; i++) {
        await page.keyboard.press(key);
        const trouble = await focusTrouble(page);
        assert.equal(trouble, "", `after ${stops.join(" → ")}`);
        if (await wanted.evaluateAll((all) => all.includes(document.activeElement))) return;
        stops.push(await page.evaluate(() => (document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim().slice(0, 12)));
    }
    assert.fail(`not reached by ${key}: ${stops.join(" → ")}`);
}

export const focused = (locator) => locator.evaluate((el) => el === document.activeElement);
