#!/usr/bin/python3
"""Fits the guide's weights (src/guide/weights.h) on the authored questions of demo/ and share/.

Every question and conversation is read (`sunmao ask --batch --explain`) by models that did not learn
it: four folds by text.  Then one ridge logistic regression a head, and one listwise softmax over the
cues of follow-ups.  Needs python3-numpy.

    tools/fit_guide.py SUNMAO WORKDIR [--ask-only|--fit-only]

--ask-only asks the models that WORKDIR already holds again, --fit-only takes their answers.  Prints each head's ROC area and its trade-off; the bars
themselves stand in src/guide.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np

FOLDS = 4
HEADS = ["out", "out_following", "crisis", "unclear", "two", "policy", "right_item", "right_policy", "right_two"]
SMALL_TALK = {"greeting", "ack", "handoff"}
RIDGE, CUE_RIDGE = 2.0, 0.005
TODAY = "2026-11-23"
LISTS = {"covers", "candidates", "pairs", "rivals", "documents", "clauses"}
TURNED_AWAY = {"refuse", "handoff", "crisis"}


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")


def fold_of(text):
    return hashlib.sha256(text.encode()).digest()[0] % FOLDS


def questions():
    """Every authored question with what is known of it: {text, kind, …}."""
    out = []
    for name in ("queries-train", "facets-train"):
        out += [dict(q, kind="single") for q in lines(f"demo/{name}.jsonl")]
    code = {item["name"]: item["code"] for item in lines("demo/items.jsonl")}
    out += [{"text": q["text"], "id": code[q["matter"]], "kind": "known"} for q in lines("share/questions.jsonl")]
    for name, kind in (("short-train", "single"), ("asks-train", "single"), ("amounts-train", "amount")):
        for q in lines(f"demo/{name}.jsonl"):
            out.append(dict(q, kind=kind, id=q["ids"][0]) if len(q["ids"]) == 1 else dict(q, kind="ambiguous"))
    for kind, name in (("ambiguous", "ambiguous-train"), ("multi", "multi-train"), ("policy", "policy-train")):
        out += [dict(q, kind=kind) for q in lines(f"demo/{name}.jsonl")]
    for name in sorted(os.listdir("share")):
        if name.startswith("intents-"):
            for q in lines("share/" + name):
                if q["class"] not in SMALL_TALK:
                    out.append(dict(q, kind="in" if q["class"] == "in_scope" else "out"))
    seen, unique = set(), []
    for q in out:
        if q["text"] not in seen:
            seen.add(q["text"])
            unique.append(q)
    return unique


# ------------------------------------------------------------------ reading

def run(env, *args):
    done = subprocess.run(args, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.stderr.decode()[-2000:])


def make_share(folder, held):
    shutil.copytree("share", folder)
    for name in os.listdir(folder):
        if name.endswith(".jsonl"):
            path = os.path.join(folder, name)
            write(path, [q for q in lines(path) if q.get("text") not in held])


def make_city(sunmao, env, data, folder, kept, away):
    write(folder + "/items.jsonl", [q for q in kept if q["kind"] in ("single", "amount", "ambiguous", "multi")] +
          [s for s in lines("demo/steps-train.jsonl") if s["text"] not in away])
    write(folder + "/policies.jsonl", [q for q in kept if q["kind"] == "policy" and q.get("ids")])
    run(env, sunmao, "init", "--data", data, "--regions", "demo/regions.tsv")
    run(env, sunmao, "import", "--data", data, "--kind", "policy", "demo/policies")
    run(env, sunmao, "import", "--data", data, "--kind", "item", "demo/items.jsonl")
    run(env, sunmao, "train", "--data", data, "--kind", "item", "--force", "--pairs", folder + "/items.jsonl")
    run(env, sunmao, "train", "--data", data, "--kind", "policy", "--force", "--pairs", folder + "/policies.jsonl")


def read_fold(sunmao, work, k, qs, talks):
    held = [q for q in qs if fold_of(q["text"]) == k]
    talk = [t for t in talks if fold_of(t["turns"][0]["text"]) == k]
    away = {q["text"] for q in held} | {u["text"] for t in talk for u in t["turns"]}
    folder = os.path.join(work, f"fold-{k}")
    data, share = folder + "/data", folder + "/share"
    env = dict(os.environ, SUNMAO_SHARE=share, SUNMAO_TODAY=TODAY)
    if "--ask-only" not in sys.argv:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        make_share(share, away)
        make_city(sunmao, env, data, folder, [q for q in qs if q["text"] not in away], away)
    for name in ("record.db", "record.db-wal", "record.db-shm"):
        if os.path.exists(f"{data}/{name}"):
            os.remove(f"{data}/{name}")
    asked = [{"id": f"q{i}", "text": q["text"], "region": q.get("region", ""), "as_of": q.get("as_of", "")}
             for i, q in enumerate(held)]
    asked += [{"id": f"t{i}.{j}", "text": u["text"], "session": f"t{i}", "region": u.get("region", "")}
              for i, t in enumerate(talk) for j, u in enumerate(t["turns"])]
    write(folder + "/in.jsonl", asked)
    run(env, sunmao, "ask", "--data", data, "--explain", "--batch", folder + "/in.jsonl", "--out", folder + "/out.jsonl")
    reply = iter(lines(folder + "/out.jsonl"))
    return ([dict(q, reply=next(reply)) for q in held],
            [{"turns": [dict(u, reply=next(reply)) for u in t["turns"]]} for t in talk])


# -------------------------------------------------------------------- heads

def logistic(x, y, c):
    """Ridge logistic regression on standardised columns; weights and bias for the plain ones."""
    mean, dev = x.mean(0), x.std(0)
    dev[dev == 0] = 1
    z = np.hstack([(x - mean) / dev, np.ones((len(x), 1))])
    ridge = np.full(z.shape[1], RIDGE)
    ridge[-1] = 1e-6
    w = np.zeros(z.shape[1])
    for _ in range(20):
        p = 1 / (1 + np.exp(-np.clip(z @ w, -30, 30)))
        v = c * np.maximum(p * (1 - p), 1e-5)
        step = np.linalg.solve((z * v[:, None]).T @ z + np.diag(ridge), z.T @ (c * (y - p)) - ridge * w)
        w += np.clip(step, -3, 3)
    plain = w[:-1] / dev
    return plain, w[-1] - plain @ mean


def area(score, y):
    rank = score.argsort().argsort() + 1
    pos = y.sum()
    return (rank[y == 1].sum() - pos * (pos + 1) / 2) / (pos * (len(y) - pos))


LABELS = {"out": {"out": 1, "in": 0, "single": 0, "known": 0, "amount": 0, "ambiguous": 0, "multi": 0, "policy": 0},
          "unclear": {"ambiguous": 1, "single": 0, "known": 0, "amount": 0},
          "two": {"multi": 1, "single": 0, "known": 0, "amount": 0, "ambiguous": 0},
          "policy": {"policy": 1, "single": 0, "known": 0, "ambiguous": 0}}


def is_right(q):
    """Whether the answer is the one: None where the question does not say."""
    r, ids = q["reply"], q.get("ids") or [q.get("id")]
    cited = [(c["doc"], c["clause"]) for claim in r["claims"] for c in claim["cites"]]
    first = r["items"][0]["code"] if r["items"] else ""
    if q["kind"] in ("out", "ambiguous"):
        return 0
    if q["kind"] == "multi":
        return int(r["reason"] == "two_items" and set(ids) <= {d for d, _ in cited})
    if q["kind"] == "policy":
        right = r["reason"] == "policy" and cited and cited[0][0] in q["docs"]
        return int(bool(right and (not q.get("ids") or any(f"{d}#{c}" in q["ids"] for d, c in cited))))
    if q["kind"] in ("single", "known", "amount"):
        return int(first == ids[0]) if r["reason"] == "item" else 0 if r["reason"] == "two_items" else None
    return None


def answered(head, qs):
    reason = {"right_item": "item", "right_policy": "policy", "right_two": "two_items"}[head]
    ex = [(q["reply"]["signals"], is_right(q)) for q in qs
          if q["reply"]["act"] == "answer" and q["reply"]["reason"] == reason and "signals" in q["reply"]]
    return [(s, y) for s, y in ex if y is not None]


def examples(head, qs, talks):
    if head.startswith("right"):
        return answered(head, qs)
    if head == "out_following":
        turns = [u for t in talks for u in t["turns"][1:] if "signals" in u["reply"]]
        return [(u["reply"]["signals"], int(u["act"] in TURNED_AWAY)) for u in turns]
    if head == "crisis":
        return ([(q["reply"]["signals"], int(q.get("class") == "crisis")) for q in qs if "signals" in q["reply"]] +
                [(u["reply"]["signals"], int(u["act"] == "crisis")) for t in talks for u in t["turns"]
                 if "signals" in u["reply"]])
    label = LABELS[head]
    first = [t["turns"][0] for t in talks] if head == "unclear" else []
    return [(u["reply"]["signals"], int(u["act"] == "clarify")) for u in first
            if u["act"] in ("answer", "clarify") and "signals" in u["reply"]] + [(q["reply"]["signals"], label[q["kind"]]) for q in qs if q["kind"] in label and "signals" in q["reply"]]


# Signals that a head may not use: how long the authored messages of either side happen to be, and the
# like, says nothing of other people's.
IRRELEVANT = {"out": {"chars", "unclear_wording", "tells_apart", "tells_mean", "near", "kin", "two", "told",
                      "class_fits", "named", "named_fits", "two_cut", "first_one", "first_several",
                      "first_more", "near_several", "near_one"}}
IRRELEVANT["crisis"] = IRRELEVANT["out"]
# And what documents say of a message, or whether it is for us, says nothing of which item it means.
OF_ITEMS = ("p1", "p2_p1", "p3_p1", "near", "novel", "first", "cover", "chars", "unclear", "tells", "rival", "kin",
            "named", "facet")


# What only a follow-up has.
FOLLOWING = {"akin", "best", "out_akin", "harm_akin"}


def print_calibration(x, y):
    """Told and found in ten bins, each fold of five told by the others."""
    p = np.zeros(len(y))
    for k in range(5):
        held = np.arange(len(y)) % 5 == k
        w, b = logistic(x[~held], y[~held], np.ones((~held).sum()))
        p[held] = 1 / (1 + np.exp(-(x[held] @ w + b)))
    print("   told → found:", " ".join(f"{p[i].mean():.3f}→{y[i].mean():.3f}" for i in np.array_split(p.argsort(), 10)))


def fit_heads(all_names, qs, talks):
    table = {}
    for head in HEADS:
        ex = examples(head, qs, talks)
        away = IRRELEVANT.get(head, set())
        names = [n for n in all_names if n not in away and not (head in IRRELEVANT and n.startswith("cut"))]
        if head.startswith("right"):
            names = [n for n in names if n not in FOLLOWING]
        if head == "unclear":
            names = [n for n in names if n.startswith(OF_ITEMS)]
        x = np.array([[s[n] for n in names] for s, _ in ex])
        y = np.array([v for _, v in ex], float)
        # a probability that is told must be calibrated: no class is made to weigh more
        c = np.ones(len(y)) if head.startswith("right") else np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
        w, b = logistic(x, y, c)
        table[head] = dict(zip(names, w)), b
        if head.startswith("right"):
            print_calibration(x, y)
        score = x @ w + b
        neg = np.sort(score[y == 0])
        print(f"{head}: {len(y)} examples, {int(y.sum())} of them; area {area(score, y):.4f};", end="")
        for fpr in (.001, .003, .01, .02, .03, .05, .10, .15, .20):
            bar = neg[int(len(neg) * (1 - fpr))]
            print(f" {(score[y == 1] > bar).mean():.3f}@{fpr:g}(p {1 / (1 + np.exp(-bar)):.2f})", end="")
        print()
    return table


# --------------------------------------------------------------------- cues

def groups(names, talks):
    """Turns that go on with a state that is as it should be: (cues of the candidates, number of the right one)."""
    out, lost = [], 0
    for t in talks:
        for before, turn in zip(t["turns"], t["turns"][1:]):
            cands = turn["reply"].get("signals", {}).get("candidates")
            if turn["act"] != "answer" or not cands:
                continue
            anchors = {c["code"] for c in cands if c["hand"] > 0 or c["option"] > 0}
            codes = [c["code"] for c in cands]
            if not anchors & set(before["codes"] or turn["codes"]):
                continue
            if turn["codes"][0] not in codes:
                lost += 1
                continue
            out.append((np.array([[c[n] for n in names] for c in cands]), codes.index(turn["codes"][0])))
    return out, lost


def softmax_fit(gs, n):
    w, m, v = np.zeros(n), np.zeros(n), np.zeros(n)
    everything = np.vstack([x for x, _ in gs])
    dev = everything.std(0)
    dev[dev == 0] = 1
    for step in range(1, 401):
        g = CUE_RIDGE * w
        for x, right in gs:
            z = (x / dev) @ w
            p = np.exp(z - z.max())
            p /= p.sum()
            g = g + ((p @ x) - x[right]) / dev / len(gs)
        m, v = .9 * m + .1 * g, .999 * v + .001 * g * g
        w -= .05 * (m / (1 - .9 ** step)) / (np.sqrt(v / (1 - .999 ** step)) + 1e-8)
    return w / dev


def fit_cues(talks):
    first = next(u["reply"]["signals"]["candidates"][0] for t in talks for u in t["turns"]
                 if u["reply"].get("signals", {}).get("candidates"))
    names = [k for k in first if k not in ("code", "p")]
    gs, lost = groups(names, talks)
    hit = 0
    for k in range(5):
        w = softmax_fit([g for i, g in enumerate(gs) if i % 5 != k], len(names))
        hit += sum(int(np.argmax(x @ w) == right) for i, (x, right) in enumerate(gs) if i % 5 == k)
    print(f"follow-ups: {len(gs)} turns, {lost} without the right candidate; right in cross-validation {hit / len(gs):.3f}")
    return names, softmax_fit(gs, len(names))


# -------------------------------------------------------------------- parts

def fit_parts(qs):
    two = [q for q in qs if q["kind"] == "multi"]
    pairs = [(q, q["reply"].get("signals", {}).get("pairs", [])) for q in two]
    names = [k for k in next(p for _, p in pairs if p)[0] if k not in ("codes", "score")]
    gs, lost = [], 0
    for q, ps in pairs:
        right = [i for i, p in enumerate(ps) if set(p["codes"]) == set(q["ids"])]
        if not right:
            lost += 1
            continue
        x = np.array([[p[n] for n in names] for p in ps])
        gs.append((x, right, [tuple(sorted(p["codes"])) for p in ps], tuple(sorted(q["ids"]))))
    hit = 0
    for k in range(5):
        w = parts_fit([g for i, g in enumerate(gs) if i % 5 != k], len(names))
        hit += sum(g[2][int(np.argmax(g[0] @ w))] == g[3] for i, g in enumerate(gs) if i % 5 == k)
    print(f"parts: {len(two)} messages, {lost} without the right pair; right in cross-validation {hit / len(two):.3f}")
    return names, parts_fit(gs, len(names))


def parts_fit(gs, n):
    """Softmax over the pairs, the right ones together against the rest."""
    w, m, v = np.zeros(n), np.zeros(n), np.zeros(n)
    dev = np.vstack([g[0] for g in gs]).std(0)
    dev[dev == 0] = 1
    for step in range(1, 301):
        g = CUE_RIDGE * w
        for x, right, _, _ in gs:
            z = (x / dev) @ w
            p = np.exp(z - z.max())
            of = p[right] / p[right].sum()
            p /= p.sum()
            g = g + ((p @ x) - (of @ x[right])) / dev / len(gs)
        m, v = .9 * m + .1 * g, .999 * v + .001 * g * g
        w -= .05 * (m / (1 - .9 ** step)) / (np.sqrt(v / (1 - .999 ** step)) + 1e-8)
    return w / dev


# ------------------------------------------------------------------- rivals

def fit_rivals(qs):
    unclear = [q for q in qs if q["kind"] == "ambiguous" and q["reply"].get("signals", {}).get("rivals")]
    names = [k for k in unclear[0]["reply"]["signals"]["rivals"][0] if k not in ("code", "p")]
    gs = []
    for q in unclear:
        rs = q["reply"]["signals"]["rivals"]
        x = np.array([[r[n] for n in names] for r in rs])
        right = [i for i, r in enumerate(rs) if r["code"] in q["ids"]]
        if right:
            gs.append((x, right, None, None))
    hit = 0
    for k in range(5):
        w = parts_fit([g for i, g in enumerate(gs) if i % 5 != k], len(names))
        hit += sum(set(g[1]) <= set(np.argsort(-(g[0] @ w))[:4]) for i, g in enumerate(gs) if i % 5 == k)
    print(f"rivals: {len(unclear)} unclear questions; all rivals among the first four in cross-validation {hit / len(unclear):.3f}")
    return names, parts_fit(gs, len(names))


# ----------------------------------------------------------------- policies

def fit_picks(qs, field, key, is_right, what, top):
    """Softmax over the documents found, or over the clauses of the one chosen."""
    asked = [q for q in qs if q["kind"] == "policy" and q["reply"].get("signals", {}).get(field)]
    names = [k for k in asked[0]["reply"]["signals"][field][0] if k not in ("doc", "clause")]
    gs = []
    for q in asked:
        rows = q["reply"]["signals"][field]
        right = [i for i, r in enumerate(rows) if is_right(q, r)]
        if right:
            gs.append((np.array([[r[n] for n in names] for r in rows]), right, None, None))
    hit = 0
    for k in range(5):
        w = parts_fit([g for i, g in enumerate(gs) if i % 5 != k], len(names))
        hit += sum(bool(set(g[1]) & set(np.argsort(-(g[0] @ w))[:top])) for i, g in enumerate(gs) if i % 5 == k)
    print(f"{what}: {len(asked)} questions, {len(gs)} with a right one; among the first {top} in cross-validation {hit / len(gs):.3f}")
    return names, parts_fit(gs, len(names))


# ------------------------------------------------------------------ writing

def enumerators(header, table):
    """Name → enumerator, from an X-macro table of a header."""
    with open(header, encoding="utf-8") as f:
        text = f.read().split(f"SM_{table}_TABLE(X)")[1].split("typedef")[0]
        return {name: ident for ident, name in re.findall(r'X\((\w+), "(\w+)"\)', text)}


def emit(table, cues, parts, rivals, docs, clauses, path):
    signal, cue = enumerators("src/guide/signals.h", "SIGNAL"), enumerators("src/guide/cues.h", "CUE")
    rival = enumerators("src/guide/cues.h", "RIVAL_CUE")
    part = enumerators("src/guide/cues.h", "PART_CUE")
    with open(path, "w", encoding="utf-8") as f:
        f.write("/* Made by tools/fit_guide.py; do not edit. */\n#ifndef SM_GUIDE_WEIGHTS_H\n"
                "#define SM_GUIDE_WEIGHTS_H\n\n#include \"guide/cues.h\"\n#include \"guide/signals.h\"\n\n"
                "static const double sm_head_bias[SM_N_HEADS] = {\n")
        for head in HEADS:
            f.write(f"    [SM_HEAD_{head.upper()}] = {table[head][1]:.4f},\n")
        f.write("};\n\nstatic const double sm_head_weight[SM_N_HEADS][SM_N_SIGNALS] = {\n")
        for head in HEADS:
            f.write(f"    [SM_HEAD_{head.upper()}] = {{\n")
            for name, w in table[head][0].items():
                f.write(f"        [SM_SIGNAL_{signal[name]}] = {w:.4f},\n")
            f.write("    },\n")
        f.write("};\n\nstatic const double sm_cue_weight[SM_N_CUES] = {\n")
        for name, w in zip(*cues):
            f.write(f"    [SM_CUE_{cue[name]}] = {w:.4f},\n")
        f.write("};\n\nstatic const double sm_part_weight[SM_N_PART_CUES] = {\n")
        for name, w in zip(*parts):
            f.write(f"    [SM_PART_CUE_{part[name]}] = {w:.4f},\n")
        f.write("};\n\nstatic const double sm_rival_weight[SM_N_RIVAL_CUES] = {\n")
        for name, w in zip(*rivals):
            f.write(f"    [SM_RIVAL_CUE_{rival[name]}] = {w:.4f},\n")
        for kind, of in (("doc", docs), ("clause", clauses)):
            ident = enumerators("src/guide/cues.h", f"{kind.upper()}_CUE")
            f.write(f"}};\n\nstatic const double sm_{kind}_weight[SM_N_{kind.upper()}_CUES] = {{\n")
            for name, w in zip(*of):
                f.write(f"    [SM_{kind.upper()}_CUE_{ident[name]}] = {w:.4f},\n")
        f.write("};\n\n#endif\n")


def main():
    sunmao, work = sys.argv[1], sys.argv[2]
    if "--fit-only" not in sys.argv:
        os.makedirs(work, exist_ok=True)
        qs, talks = questions(), lines("demo/dialog-train.jsonl")
        folds = [read_fold(sunmao, work, k, qs, talks) for k in range(FOLDS)]
        write(work + "/read.jsonl", [q for f in folds for q in f[0]])
        write(work + "/talks.jsonl", [t for f in folds for t in f[1]])
    qs, talks = lines(work + "/read.jsonl"), lines(work + "/talks.jsonl")
    signals = qs[0]["reply"]["signals"]
    names = [k for k in signals if not k.startswith("p_") and k not in LISTS]
    table = fit_heads(names, qs, talks)
    docs = fit_picks(qs, "documents", "doc", lambda q, r: r["doc"] in q["docs"], "documents", 1)
    clauses = fit_picks(qs, "clauses", "clause", lambda q, r: f"{r['doc']}#{r['clause']}" in q["ids"], "clauses", 2)
    emit(table, fit_cues(talks), fit_parts(qs), fit_rivals(qs), docs, clauses, "src/guide/weights.h")


if __name__ == "__main__":
    main()
