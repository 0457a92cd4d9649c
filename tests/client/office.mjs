// What the tests with the official client share: tiny models, a data directory with a department and keys, a running
// `sunmao serve` with its engine.  SUNMAO_BIN is the program; sunmao-engine and sunmao-make-tiny lie beside it.
// SUNMAO_VOCABS is the folder of the tokenizers.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = process.env.SUNMAO_BIN ?? path.join(root, "build/bin/sunmao");
const beside = (name) => path.join(path.dirname(bin), name);
const vocabs = process.env.SUNMAO_VOCABS ??
    path.join(execFileSync(path.join(root, "tools/engine.sh"), ["path"], { encoding: "utf8" }).trim(), "models");

export const DEPARTMENT = "市政务服务局";

function makeModel(folder, name, ...args) {
    const file = path.join(folder, `${name}.gguf`);
    execFileSync(beside("sunmao-make-tiny"), [...args, "--out", file], { stdio: ["ignore", "ignore", "inherit"] });
    return file;
}

/** Starts an office; resolves to {url, sunmao(...args), key(name, ...options), log(), stop()}. */
export async function openOffice(settings = "") {
    const folder = mkdtempSync(path.join(tmpdir(), "sunmao-client-"));
    const data = path.join(folder, "data");
    const env = { ...process.env, SUNMAO_TODAY: "2026-11-23" };
    const sunmao = (command, ...args) =>
        execFileSync(bin, [...command.split(" "), "--data", data, ...args], { env, encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"] });
    let url;
    /** A new key as {id, secret …}, once the server has taken it up. */
    const key = async (name, ...options) => {
        const made = JSON.parse(sunmao("key add", name, "--department", DEPARTMENT, "--json", ...options));
        const tries = { headers: { Authorization: `Bearer ${made.secret}` } };
        while ((await fetch(`${url}/v1/models`, tries)).status === 401) await new Promise((again) => setTimeout(again, 50));
        return made;
    };
    sunmao("init", "--regions", path.join(root, "demo/regions.tsv"));
    sunmao("department add", DEPARTMENT);
    sunmao("model add", makeModel(folder, "chat", "--kind", "qwen2", "--vocab", path.join(vocabs, "ggml-vocab-qwen2.gguf")),
        "--name", "tiny-chat");
    sunmao("model test", "tiny-chat"); // what it can is known before it is asked for more than words
    sunmao("model add", makeModel(folder, "embed", "--kind", "bert", "--vocab",
        path.join(vocabs, "ggml-vocab-bert-bge.gguf")), "--name", "tiny-embed");
    sunmao("model add", makeModel(folder, "rerank", "--kind", "reranker", "--vocab",
        path.join(vocabs, "ggml-vocab-bert-bge.gguf")), "--name", "tiny-rerank");

    const child = spawn(bin, ["serve", "--data", data, "--listen", "127.0.0.1:0", ...(settings ? ["--set", settings] : [])],
        { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    url = await new Promise((resolve, reject) => {
        child.stderr.on("data", (d) => {
            said += d;
            const at = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
            if (at) resolve(at[0]);
        });
        child.on("exit", (code) => reject(new Error(`sunmao serve ended with ${code}: ${said}`)));
    });
    const stop = () => new Promise((resolve, reject) => {
        child.removeAllListeners("exit");
        child.on("exit", (code, signal) => {
            rmSync(folder, { recursive: true, force: true });
            if (code === 0) resolve();
            else reject(new Error(`sunmao serve ended with ${code ?? signal}: ${said}`));
        });
        child.kill("SIGTERM");
    });
    return { url, sunmao, key, log: () => said, stop };
}
