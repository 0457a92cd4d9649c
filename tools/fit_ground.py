#!/usr/bin/python3
"""Fits how a sentence's measures are weighed (src/ground/weights.h) on the pairs of eval/ground.

    tools/fit_ground.py build/bin/ground_measures eval/ground/dev-*.jsonl [--caught 0.97] [--write]

Boosted trees, three questions deep, in which what tells against a sentence never speaks for it.  A
third of the pairs, by their evidence, is held out to see what the figures are worth, and the limit
is the one at which folds by evidence catch the share of wrong sentences asked for; what is written
is fitted on all.  Lies and copies with words put in are many about little: they weigh less, and the
limit is not set by them.  Needs python3-numpy.
"""
import argparse
import csv
import hashlib
import io
import json
import subprocess

import numpy as np

TREES, RATE, DEPTH, FEWEST, RIDGE = 80, 0.15, 3, 12, 2.0
LIGHTER = {"lie": 0.25, "added_words": 0.5, "copy": 0.3}
HEADER = "src/ground/weights.h"
NEVER = 1e9  # a place that no measure passes
UNASKED = {"SHORT", "UNITS", "WEIGHT", "FACTS"}  # they tell the kind of text, not whether it holds
NEUTRAL = {"S_DENIALS", "E_DENIALS", "S_MUST", "S_MAY", "E_MUST", "E_MAY", "S_ORDER",
           "S_BY", "S_IF", "E_IF", "E_EITHER", "E_EXCEPT"}


def best_split(x, g, h, rising):
    total_g, total_h, best = g.sum(), h.sum(), (1e-3, None)
    for k in range(x.shape[1]):
        order = np.argsort(x[:, k], kind="stable")
        xs, cg, ch = x[order, k], np.cumsum(g[order]), np.cumsum(h[order])
        cut = np.nonzero(xs[1:] > xs[:-1])[0]
        cut = cut[(cut + 1 >= FEWEST) & (len(g) - cut - 1 >= FEWEST)]
        if len(cut) == 0:
            continue
        gl, hl = cg[cut], ch[cut]
        gain = gl**2 / (hl + RIDGE) + (total_g - gl) ** 2 / (total_h - hl + RIDGE) - total_g**2 / (total_h + RIDGE)
        low, high = -gl / (hl + RIDGE), -(total_g - gl) / (total_h - hl + RIDGE)
        if rising[k]:
            gain = np.where(low <= high, gain, -1)
        i = gain.argmax()
        if gain[i] > best[0]:
            best = (gain[i], (k, (xs[cut[i]] + xs[cut[i] + 1]) / 2, low[i], high[i]))
    return best[1]


def grow(x, g, h, rising, depth, low=-NEVER, high=NEVER):
    leaf = float(np.clip(-g.sum() / (h.sum() + RIDGE), low, high))
    split = best_split(x, g, h, rising) if depth and len(g) >= 2 * FEWEST else None
    if split is None:
        return leaf
    k, at, a, b = split
    under = x[:, k] <= at
    middle = float(np.clip((a + b) / 2, low, high))
    left = (low, middle) if rising[k] else (low, high)
    right = (middle, high) if rising[k] else (low, high)
    return (k, at, grow(x[under], g[under], h[under], rising, depth - 1, *left),
            grow(x[~under], g[~under], h[~under], rising, depth - 1, *right))


def weigh(tree, x):
    if not isinstance(tree, tuple):
        return np.full(len(x), tree)
    k, at, a, b = tree
    under, out = x[:, k] <= at, np.empty(len(x))
    out[under], out[~under] = weigh(a, x[under]), weigh(b, x[~under])
    return out


def fit(x, y, weight, rising):
    score, trees = np.zeros(len(y)), []
    for _ in range(TREES):
        p = 1 / (1 + np.exp(-score))
        trees.append(grow(x, weight * (p - y), weight * p * (1 - p), rising, DEPTH))
        score += RATE * weigh(trees[-1], x)
    return trees


def score_of(trees, x):
    return RATE * sum(weigh(t, x) for t in trees)


def limit_for(score, wrong, decided, caught):
    """The highest limit that catches the share asked for."""
    s = np.sort(np.where(decided, np.inf, score)[wrong])
    return s[max(0, int(np.floor(len(s) * (1 - caught))))] - 1e-6


def report(name, score, wrong, decided, limit):
    rejected = decided | (score > limit)
    caught, passed = rejected[wrong].mean(), (~rejected)[~wrong].mean()
    print(f"{name}: wrong caught {caught:.3f}, faithful passed {passed:.3f}, balanced {(caught + passed) / 2:.3f}")


def flat(tree):
    """Seven questions and eight answers, a missing question being one that nothing passes."""
    asks, leaves = [], []

    def walk(t, level, path):
        if level == DEPTH:
            leaves.append(t)
            return
        k, at, a, b = t if isinstance(t, tuple) else (0, NEVER, t, t)
        asks.append((path, k, at))
        walk(a, level + 1, 2 * path)
        walk(b, level + 1, 2 * path + 1)

    walk(tree, 0, 1)
    asks.sort()
    return [(k, at) for _, k, at in asks], leaves


def write(trees, names, limit):
    used = sorted({k for t in trees for k, at in flat(t)[0] if at < NEVER})
    with open(HEADER, "w", encoding="utf-8") as f:
        f.write("/*\n * ground/weights.h - how measures are weighed.  Written by tools/fit_ground.py.\n *\n"
                " * Each tree asks seven questions, the second and third of whom the first did not pass and\n"
                " * did, and so on; the eight leaves add up.\n */\n"
                "#ifndef SM_GROUND_WEIGHTS_H\n#define SM_GROUND_WEIGHTS_H\n\n#include \"ground/measure.h\"\n\n")
        f.write(f"#define SM_MEASURE_LIMIT {limit:.5f}\n\n/* clang-format off */\n")
        f.write("static const struct sm_tree {\n    uint8_t measure[7];\n    float over[7], leaf[8];\n} sm_trees[] = {\n")
        for tree in trees:
            asks, leaves = flat(tree)
            f.write("    {{ " + ", ".join(str(k) for k, _ in asks) + " },\n     { "
                    + ", ".join("1e9f" if at >= NEVER else f"{at:.5g}f".replace("f", ".f" if float(f"{at:.5g}").is_integer() and "." not in f"{at:.5g}" and "e" not in f"{at:.5g}" else "f") for _, at in asks)
                    + " },\n     { " + ", ".join(f"{RATE * v:.4f}f" for v in leaves) + " }},\n")
        f.write("};\n/* clang-format on */\n\n#endif\n")
    print(f"{len(trees)} trees over {len(used)} measures: " + " ".join(names[k] for k in used))


def fold_of(evidence, n):
    return int(hashlib.md5(evidence.encode()).hexdigest(), 16) % n


def folded_score(x, y, weight, decided, folds, rising):
    score = np.zeros(len(y))
    for k in sorted(set(folds)):
        use = ~decided & (folds != k)
        trees = fit(x[use], y[use], weight[use], rising)
        score[folds == k] = score_of(trees, x[folds == k])
    return score


def main():
    args = argparse.ArgumentParser()
    args.add_argument("measures")
    args.add_argument("files", nargs="+")
    args.add_argument("--caught", type=float, default=0.97)
    args.add_argument("--write", action="store_true")
    o = args.parse_args()
    evidence = {}
    for path in o.files:
        for line in open(path, encoding="utf-8"):
            pair = json.loads(line)
            evidence[pair["id"]] = json.dumps([e["id"] for e in pair["evidence"]])
    text = subprocess.run([o.measures, *o.files], stdout=subprocess.PIPE, check=True).stdout.decode()
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    names = list(rows[0])[4:]
    rising = [n not in NEUTRAL for n in names]
    x = np.array([[0 if n in UNASKED else float(r[n]) for n in names] for r in rows])
    wrong = np.array([r["verdict"] != "supported" for r in rows])
    y, decided = wrong.astype(float), np.array([r["fact"] == "1" for r in rows])
    weight = np.array([LIGHTER.get(r["kind"], 1.0) for r in rows])
    usual = weight == 1
    held = np.array([fold_of(evidence[r["id"]], 3) == 0 for r in rows])
    folds = np.array([fold_of(evidence[r["id"]] + "f", 5) for r in rows])
    print(f"decided alone: wrong {decided[wrong].mean():.3f}, faithful {decided[~wrong].mean():.3f}")
    folded = folded_score(x, y, weight, decided, folds, rising)
    for caught in (0.9, 0.95, 0.97):
        report(f"five folds, limit for {caught}", folded[usual], wrong[usual], decided[usual],
               limit_for(folded[usual], wrong[usual], decided[usual], caught))
    limit = limit_for(folded[usual], wrong[usual], decided[usual], o.caught)
    use = ~decided & ~held
    trees = fit(x[use], y[use], weight[use], rising)
    held &= usual
    report("a third held out", score_of(trees, x)[held], wrong[held], decided[held], limit)
    trees = fit(x[~decided], y[~decided], weight[~decided], rising)
    score = score_of(trees, x)
    report("all, fitted on all", score[usual], wrong[usual], decided[usual], limit)
    report("lies and copies", score[~usual], wrong[~usual], decided[~usual], limit)
    if o.write:
        write(trees, names, limit)


main()
