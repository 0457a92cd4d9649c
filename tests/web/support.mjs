// What the browser tests share: a real server over a copy of the demo city, a real Chromium, axe,
// screenshots.  SUNMAO_BIN, SUNMAO_DEMO_DATA and SUNMAO_WEB say where program, data and pages are;
// SUNMAO_SHOTS where the pictures go.
import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(path.join(root, "web/package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const bin = process.env.SUNMAO_BIN ?? path.join(root, "build/bin/sunmao");
const demo = process.env.SUNMAO_DEMO_DATA ?? path.join(root, "build/check-data");
const pages = process.env.SUNMAO_WEB ?? path.join(root, "build/web");
const shots = process.env.SUNMAO_SHOTS ?? path.join(root, "build/shots");

export const PASSWORD = "Test-2026-Yunlan";

/** Starts `sunmao serve`; resolves to {url, data, stop, user(name, role, display, department)}. */
export async function startServer(settings = "") {
    const folder = mkdtempSync(path.join(tmpdir(), "sunmao-web-"));
    const data = path.join(folder, "data");
    cpSync(demo, data, { recursive: true });
    const env = { ...process.env, SUNMAO_TODAY: "2026-11-23" };
    const user = (name, role, display, department = "市政务服务中心") =>
        execFileSync(bin, ["user", "add", name, "--data", data, "--role", role, "--display", display, "--department",
            department, "--password-stdin"], { input: PASSWORD, env, stdio: ["pipe", "ignore", "inherit"] });
    user("first", "administrator", "首位管理员");
    const child = spawn(bin, ["serve", "--data", data, "--listen", "127.0.0.1:0", "--web", pages, "--config",
        path.join(root, "demo/sunmao.conf"), ...(settings ? ["--set", settings] : [])],
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
    const context = await browser.newContext({ locale: "zh-CN", ...options });
    const page = await context.newPage();
    page.trouble = [];
    page.on("pageerror", (e) => page.trouble.push(`page error: ${e.message}`));
    page.on("console", (m) => {
        if (m.type() === "error" && !/Failed to load resource/.test(m.text())) page.trouble.push(`console: ${m.text()}`);
    });
    const host = new URL(url).host;
    page.on("request", (r) => {
        const u = new URL(r.url());
        if (/^http/.test(u.protocol) && u.host !== host && !options.foreign?.includes(u.host))
            page.trouble.push(`asks another host: ${u.host}`);
    });
    await page.goto(url);
    return page;
}

/** axe-core's serious and critical findings as texts; [] when there are none. */
export async function axe(page) {
    await page.evaluate(axeSource);
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

/** Whether anything sticks out of the viewport to the side. */
export function overflows(page) {
    return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
