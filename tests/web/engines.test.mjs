// Debian 12's Node.js is 18.20: every package that is installed must run on it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const FLOOR = [18, 20, 0];

function compare(a, b) {
    for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

/** One comparator: ">=18", "^18.0.0", "18", "*". */
function holds(one) {
    if (one === "*" || one === "") return true;
    const [, sign, text] = /^(>=|<=|>|<|\^|~|=)?\s*v?(.*)$/.exec(one);
    const parts = text.split(".").map((x) => (x === "x" || x === "*" ? undefined : Number(x)));
    const low = [0, 1, 2].map((i) => parts[i] ?? 0);
    const order = compare(FLOOR, low);
    if (sign === ">=") return order >= 0;
    if (sign === ">") return order > 0;
    if (sign === "<=") return order <= 0;
    if (sign === "<") return order < 0;
    if (sign === "^") return order >= 0 && FLOOR[0] === low[0];
    if (sign === "~") return order >= 0 && FLOOR[0] === low[0] && (parts[1] === undefined || FLOOR[1] === low[1]);
    return parts.every((p, i) => p === undefined || p === FLOOR[i]);
}

export function runsOnFloor(range) {
    return range.split("||").some((way) => way.trim().replace(/(>=|<=|>|<|\^|~|=)\s+/g, "$1").split(/\s+/).every(holds));
}

test("the reader of ranges knows what runs on 18.20", () => {
    for (const range of [">=18", "^18.0.0 || ^20.0.0", ">= 12", ">=18.0.0 <21", "16 || 18 || >=20", "*", "18.x"])
        assert.equal(runsOnFloor(range), true, range);
    for (const range of [">=20", "^20.19.0 || >=22.12.0", ">=22", "^16.0.0", ">=18.21"])
        assert.equal(runsOnFloor(range), false, range);
});

test("every package in the lock file runs on Node.js 18.20", () => {
    const lock = JSON.parse(readFileSync(new URL("../../web/package-lock.json", import.meta.url), "utf8"));
    const entries = Object.entries(lock.packages);
    assert.ok(entries.length > 50, "the lock file was read");
    const bad = entries.filter(([, p]) => p.engines?.node && !runsOnFloor(p.engines.node)).map(([name, p]) => `${name}@${p.version}: ${p.engines.node}`);
    assert.deepEqual(bad, []);
});
