#!/usr/bin/python3
"""Fits how a sentence is weighed (src/ground/weights.h, differ_weights.h) on the pairs of eval/ground.

    tools/fit_ground.py build/bin/ground_measures eval/ground/dev-*.jsonl [--caught 0.97] [--write]

First a ridge logistic regression over the features of how a sentence differs from the clauses
nearest to it (src/ground/differ.c); its score is one measure more, LEARNED.  Then boosted trees over
all measures, in which what tells against a sentence never speaks for it.  Five folds, by the item or
policy of the evidence, tell what this is worth: no fold's sentences are weighed by what was learned
from the same item.  The limit is the one at which the folds catch the share of wrong sentences asked
for; what is written is fitted on all.  Lies and copies with words put in are many about little: they
weigh less, and the limit is not set by them.  Needs python3-numpy.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess

import numpy as np

SLOTS, PRINTS, FEWEST_SEEN, PRIOR, STEPS = 1 << 17, 1 << 12, 2, 0.7, 60
TREES, RATE, DEPTH, FEWEST, RIDGE, BINS, SHARE, ASKED = 200, 0.07, 4, 25, 2.0, 40, 0.6, 0.4
FOLDS = 5
SURE, OPEN = 0.99, 0.98  # wrong ones caught without a further reader; faithful ones that may reach one
LIGHTER = {"lie": 0.6, "added_words": 0.5, "copy": 0.3}
HEADER, TABLE = "src/ground/weights.h", "src/ground/differ_weights.h"
NEVER = 1e9  # a place that no measure passes
UNASKED = {"SHORT", "UNITS", "WEIGHT", "FACTS"}  # they tell the kind of text, not whether it holds
NEUTRAL = {"S_DENIALS", "E_DENIALS", "S_MUST", "S_MAY", "E_MUST", "E_MAY", "S_ORDER",
           "S_BY", "S_IF", "E_IF", "E_EITHER", "E_EXCEPT", "PUT_IN", "LEFT_OUT", "UNMATCHED",
           "UNMATCHED_WORDS", "LEFT_OUT_WORDS", "LEARNED_AGAINST", "LEARNED_WORST", "UNLEARNED"}
LEARNED = ["LEARNED", "LEARNED_AGAINST", "LEARNED_WORST", "UNLEARNED"]

# ----------------------------------------------------------- the difference


class Features:
    """The features of many sentences in one row, each by the root of how many its sentence has."""

    def __init__(self, every, n):
        self.all, self.n = every, n
        self.at = np.concatenate([[0], np.cumsum(n)])
        self.scale = 3 / np.sqrt(n + 1)

    def of(self, rows):
        return Features(np.concatenate([self.all[self.at[i]:self.at[i + 1]] for i in rows]), self.n[rows])

    def kept(self, slots):
        """Those that a slot has, by their slots."""
        has = slots[self.all % SLOTS] == self.all
        owner = np.repeat(np.arange(len(self.n)), self.n)[has]
        return Features(self.all[has] % SLOTS, np.bincount(owner, minlength=len(self.n)))

    def times(self, w):
        sums = np.concatenate([[0], np.cumsum(w[self.all])])
        return (sums[self.at[1:]] - sums[self.at[:-1]]) * self.scale

    def back(self, r):
        return np.bincount(self.all, weights=np.repeat(r * self.scale, self.n), minlength=SLOTS)


def slots_of(f):
    """Of the features that one slot may hold the one that is seen most, or -1."""
    feature, seen = np.unique(f.all, return_counts=True)
    order = np.lexsort((feature, -seen))
    order = order[seen[order] >= FEWEST_SEEN]
    slot, first = np.unique(feature[order] % SLOTS, return_index=True)
    out = np.full(SLOTS, -1)
    out[slot] = feature[order][first]
    return out


def learn(f, y, weight):
    """The weights of least loss, by L-BFGS; the last is what all have."""
    w = np.zeros(SLOTS + 1)

    def loss(w):
        z = np.clip(f.times(w[:-1]) + w[-1], -30, 30)
        r = weight * (1 / (1 + np.exp(-z)) - y)
        value = (weight * (np.logaddexp(0, z) - y * z)).sum() + PRIOR / 2 * (w[:-1]**2).sum()
        return value, np.append(f.back(r) + PRIOR * w[:-1], r.sum())

    value, g = loss(w)
    past = []
    for _ in range(STEPS):
        q, steps = g.copy(), []
        for s, d in reversed(past):
            k = s.dot(q) / s.dot(d)
            steps.append(k)
            q -= k * d
        q *= past[-1][0].dot(past[-1][1]) / past[-1][1].dot(past[-1][1]) if past else 1 / np.sqrt(g.dot(g))
        for (s, d), k in zip(past, reversed(steps)):
            q += s * (k - d.dot(q) / s.dot(d))
        step, new = 1.0, None
        while step > 1e-4:
            new = w - step * q
            value2, g2 = loss(new)
            if value2 <= value - 1e-4 * step * g.dot(q):
                break
            step /= 2
        if step <= 1e-4 or value - value2 < 1e-7 * value:
            break
        if (new - w).dot(g2 - g) > 1e-12:
            past = (past + [(new - w, g2 - g)])[-8:]
        w, value, g = new, value2, g2
    return w


def whole(w):
    """As they are written: from -42 to 42, and what one is worth."""
    unit = max(np.quantile(np.abs(w[:-1]), 0.9995) / 42, 1e-9)
    return np.clip(np.rint(w[:-1] / unit), -42, 42), unit, w[-1]


def learned(f, slots, w):
    """The measures that sm_differ_weigh makes."""
    steps, unit, bias = whole(w)
    kept, worst = f.kept(slots), np.zeros(len(f.n))
    np.maximum.at(worst, np.repeat(np.arange(len(f.n)), kept.n), steps[kept.all])
    return np.stack([kept.times(steps) * unit + bias, kept.times(np.maximum(steps, 0)) * unit, worst * unit,
                     np.where(f.n > 0, 1 - kept.n / np.maximum(f.n, 1), 0)], 1)


# -------------------------------------------------------------------- trees


def edges_of(x):
    """Places between values, few enough, for each measure."""
    out = []
    for k in range(x.shape[1]):
        v = np.unique(x[:, k])
        if len(v) > BINS:
            v = np.unique(np.quantile(x[:, k], np.linspace(0, 1, BINS), method="nearest"))
        out.append((v[1:] + v[:-1]) / 2)
    return out


def binned(x, edges):
    return np.stack([np.searchsorted(e, x[:, k], side="left") for k, e in enumerate(edges)], 1).astype(np.int32)


def best_split(b, g, h, rising):
    n = b.shape[1]
    flat = (b + np.arange(n) * BINS).ravel()

    def sums(v):
        return np.cumsum(np.bincount(flat, weights=v, minlength=n * BINS).reshape(n, BINS), 1)[:, :-1]

    gl, hl, cl = sums(np.repeat(g, n)), sums(np.repeat(h, n)), sums(np.ones(len(flat)))
    gt, ht = g.sum(), h.sum()
    gain = gl**2 / (hl + RIDGE) + (gt - gl)**2 / (ht - hl + RIDGE) - gt**2 / (ht + RIDGE)
    low, high = -gl / (hl + RIDGE), -(gt - gl) / (ht - hl + RIDGE)
    bad = (cl < FEWEST) | (len(g) - cl < FEWEST) | (rising[:, None] & (low > high))
    gain[bad] = -1
    k, at = divmod(int(gain.argmax()), BINS - 1)
    return (k, at, low[k, at], high[k, at]) if gain[k, at] > 1e-3 else None


def grow(b, g, h, rising, depth, low=-NEVER, high=NEVER):
    leaf = float(np.clip(-g.sum() / (h.sum() + RIDGE), low, high))
    split = best_split(b, g, h, rising) if depth and len(g) >= 2 * FEWEST else None
    if split is None:
        return leaf
    k, at, lo, hi = split
    under = b[:, k] <= at
    middle = float(np.clip((lo + hi) / 2, low, high))
    left = (low, middle) if rising[k] else (low, high)
    right = (middle, high) if rising[k] else (low, high)
    return (k, at, grow(b[under], g[under], h[under], rising, depth - 1, *left),
            grow(b[~under], g[~under], h[~under], rising, depth - 1, *right))


def weigh(tree, b):
    if not isinstance(tree, tuple):
        return np.full(len(b), tree)
    k, at, left, right = tree
    under, out = b[:, k] <= at, np.empty(len(b))
    out[under], out[~under] = weigh(left, b[under]), weigh(right, b[~under])
    return out


def fit(b, y, weight, rising):
    """Each tree sees a share of the sentences and of the measures."""
    chance = np.random.RandomState(1)
    score, trees = np.zeros(len(y)), []
    for _ in range(TREES):
        p = 1 / (1 + np.exp(-score))
        g, h = weight * (p - y), weight * p * (1 - p)
        seen, asked = chance.rand(len(y)) < SHARE, chance.rand(b.shape[1]) < ASKED
        trees.append(grow(np.where(asked, b[seen], 0), g[seen], h[seen], rising, DEPTH))
        score += RATE * weigh(trees[-1], b)
    return trees


def score_of(trees, b):
    return RATE * sum(weigh(t, b) for t in trees)


# ------------------------------------------------------------------ figures


def limit_for(score, wrong, decided, caught):
    """The highest limit that catches the share asked for."""
    s = np.sort(np.where(decided, np.inf, score)[wrong])
    return s[max(0, int(np.floor(len(s) * (1 - caught))))] - 1e-6


def shares(score, wrong, decided, limit):
    rejected = decided | (score > limit)
    return rejected[wrong].mean(), (~rejected)[~wrong].mean()


def report(name, *of):
    caught, passed = shares(*of)
    print(f"{name}: wrong caught {caught:.3f}, faithful passed {passed:.3f}, balanced {(caught + passed) / 2:.3f}",
          flush=True)


def report_parts(title, part, score, wrong, decided, limit):
    print(title)
    for name in sorted(set(part)):
        at = part == name
        caught, passed = at & wrong, at & ~wrong
        rejected = decided | (score > limit)
        print(f"  {name}: {at.sum()}"
              + (f", wrong caught {rejected[caught].mean():.3f}" if caught.any() else "")
              + (f", faithful passed {(~rejected)[passed].mean():.3f}" if passed.any() else ""))


# ------------------------------------------------------------------ writing


def flat(tree, edges):
    """The questions and the answers level by level, a missing question being one that nothing passes."""
    asks, leaves = [], []

    def walk(t, level, path):
        if level == DEPTH:
            leaves.append(t)
            return
        k, at, a, b = t if isinstance(t, tuple) else (0, NEVER, t, t)
        asks.append((path, k, at if at == NEVER else edges[k][at]))
        walk(a, level + 1, 2 * path)
        walk(b, level + 1, 2 * path + 1)

    walk(tree, 0, 1)
    asks.sort()
    return [(k, at) for _, k, at in asks], leaves


def in_c(v):
    text = f"{v:.5g}"
    return text + ("f" if "." in text or "e" in text else ".f")


def rows_of(items, indent, end):
    """Items in rows that fit."""
    rows, row = [], ""
    for item in items:
        if row and len(indent) + len(row) + len(item) + 4 > 98:
            rows.append(row)
            row = ""
        row += (", " if row else "") + item
    return (",\n" + indent).join(rows + [row]) + end


def write_trees(trees, edges, names, limits):
    with open(HEADER, "w", encoding="utf-8") as f:
        f.write("/*\n * ground/weights.h - how measures are weighed.  Written by tools/fit_ground.py.\n *\n"
                " * A tree's questions stand level by level: the second and third are of whom the first did\n"
                " * not pass and did, and so on; the leaves of all trees add up.\n */\n"
                "#ifndef SM_GROUND_WEIGHTS_H\n#define SM_GROUND_WEIGHTS_H\n\n#include \"ground/measure.h\"\n\n"
                f"enum {{ SM_TREE_LEAVES = {1 << DEPTH} }};\n\n"
                "/* Over LIMIT a sentence is not supported; between SURE and OPEN a further reader is heard. */\n"
                + "".join(f"#define SM_MEASURE_{name} {limit:.5f}\n" for name, limit in limits.items())
                + "\n/* clang-format off */\n")
        f.write("static const struct sm_tree {\n    uint8_t measure[SM_TREE_LEAVES - 1];\n"
                "    float over[SM_TREE_LEAVES - 1], leaf[SM_TREE_LEAVES];\n} sm_trees[] = {\n")
        for tree in trees:
            asks, leaves = flat(tree, edges)
            f.write("{{" + ",".join(str(k) for k, _ in asks) + "},{"
                    + ",".join("1e9f" if at >= NEVER else in_c(at) for _, at in asks) + "},{"
                    + ",".join(in_c(RATE * v) for v in leaves) + "}},\n")
        f.write("};\n/* clang-format on */\n\n#endif\n")


def write_table(slots, w):
    steps, unit, bias = whole(w)
    with open(TABLE, "w", encoding="utf-8") as f:
        f.write("/*\n * ground/differ_weights.h - what each feature of a difference tells.  Written by tools/fit_ground.py.\n *\n"
                " * A slot is three characters: two for the rest of the feature, six bits each, and its weight, P\n"
                " * for none and each character after it for one unit more; a blank for a slot that is empty.\n */\n"
                "#ifndef SM_GROUND_DIFFER_WEIGHTS_H\n#define SM_GROUND_DIFFER_WEIGHTS_H\n\n"
                "#include \"ground/differ.h\"\n\nenum { ROW = 32, NONE = 'P', FIRST = '0' };\n\n"
                f"static const double unit = {unit:.8g}, bias = {bias:.8g};\n\n"
                "/* clang-format off */\nstatic const char table[SM_DIFFER_SLOTS / ROW][3 * ROW + 1] = {\n")
        for i in range(0, SLOTS, 32):
            row = ""
            for feature, v in zip(slots[i:i + 32], steps[i:i + 32]):
                rest = feature // SLOTS
                row += "   " if feature < 0 else chr(48 + rest % 64) + chr(48 + rest // 64) + chr(int(v) + 80)
            f.write('"' + "".join("\\" + c if c in "\\?" else c for c in row) + '",\n')
        f.write("};\n/* clang-format on */\n\n#endif\n")


# --------------------------------------------------------------------- pairs


def fold_of(evidence, n):
    return int(hashlib.md5(evidence.encode()).hexdigest(), 16) % n


def read(measures, files):
    """Names of the measures, and a dictionary of columns."""
    item, source = {}, {}
    for path in files:
        for line in open(path, encoding="utf-8"):
            pair = json.loads(line)
            if pair["evidence"] != "=":
                of = re.split(r"[/#]", pair["evidence"][0]["id"])[0]
            item[pair["id"]] = of
            source[pair["id"]] = os.path.basename(path).removesuffix(".jsonl")
    text = subprocess.run([measures, *files], stdout=subprocess.PIPE, check=True).stdout.decode()
    head, *rows = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    names = head[4:-1]
    return names, {
        "id": np.array([r[0] for r in rows]),
        "file": np.array([source[r[0]] for r in rows]),
        "kind": np.array([r[2] for r in rows]),
        "wrong": np.array([r[1] != "supported" for r in rows]),
        "decided": np.array([r[3] == "1" for r in rows]),
        "weight": np.array([LIGHTER.get(r[2], 1.0) for r in rows]),
        "fold": np.array([fold_of(item[r[0]], FOLDS) for r in rows]),
        "x": np.array([[0 if n in UNASKED else float(v) for n, v in zip(names, r[4:-1])] for r in rows]),
        "features": Features(np.array(" ".join(r[-1] for r in rows).split(), dtype=np.int64),
                             np.array([len(r[-1].split()) for r in rows])),
    }


def main():
    args = argparse.ArgumentParser()
    args.add_argument("measures")
    args.add_argument("files", nargs="+")
    args.add_argument("--caught", type=float, default=0.97)
    args.add_argument("--write", action="store_true")
    o = args.parse_args()
    names, p = read(o.measures, o.files)
    wrong, decided, weight, fold, x, f = (p[k] for k in ("wrong", "decided", "weight", "fold", "x", "features"))
    y, usual = wrong.astype(float), weight == 1
    rising = np.array([n not in NEUTRAL for n in names])
    at = [names.index(n) for n in LEARNED]
    print(f"decided alone: wrong {decided[wrong & usual].mean():.3f}, faithful {decided[~wrong & usual].mean():.3f}")

    for k in range(FOLDS):
        use = np.nonzero(~decided & (fold != k))[0]
        slots = slots_of(f.of(use))
        w = learn(f.of(use).kept(slots), y[use], weight[use])
        x[np.ix_(fold == k, at)] = learned(f, slots, w)[fold == k]
    for caught in (0.9, 0.95, 0.97):
        alone = x[usual, at[0]], wrong[usual], decided[usual]
        report(f"what is learned alone, {caught}", *alone, limit_for(*alone, caught))

    edges = edges_of(x)
    b, folded = binned(x, edges), np.zeros(len(y))
    for k in range(FOLDS):
        use = ~decided & (fold != k)
        folded[fold == k] = score_of(fit(b[use], y[use], weight[use], rising), b[fold == k])
    of = folded[usual], wrong[usual], decided[usual]
    for caught in (0.9, 0.95, 0.97):
        report(f"five folds, limit for {caught}", *of, limit_for(*of, caught))
    limit = limit_for(*of, o.caught)
    report_parts("five folds by file:", p["file"], folded, wrong, decided, limit)
    report_parts("five folds by kind:", p["kind"], folded, wrong, decided, limit)
    if os.environ.get("FOLDED"):
        np.savez(os.environ["FOLDED"], id=p["id"], score=folded, limit=limit, learned=x[:, at], x=x, decided=decided)
    if o.write:
        trees = fit(b[~decided], y[~decided], weight[~decided], rising)
        write_trees(trees, edges, names, {"LIMIT": limit, "SURE": limit_for(*of, SURE),
                                          "OPEN": np.quantile(folded[usual & ~wrong & ~decided], OPEN)})
        use = np.nonzero(~decided)[0]
        slots = slots_of(f.of(use))
        write_table(slots, learn(f.of(use).kept(slots), y[use], weight[use]))
        report("fitted on all", score_of(trees, b)[usual], wrong[usual], decided[usual], limit)


main()
