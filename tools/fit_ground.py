#!/usr/bin/python3
"""Fits the weights of a sentence's measures (src/ground/weights.h) on the pairs of eval/ground.

    tools/fit_ground.py build/bin/ground_measures eval/ground/dev-*.jsonl [--caught 0.97] [--write]

One ridge logistic regression whose weights are never below 0: nothing that tells against a sentence
may speak for it.  A third of the pairs, by their evidence, is held out to see what the figures are
worth; what is written is fitted on all.  The limit is the one that catches the share of wrong
sentences asked for.  Needs python3-numpy.
"""
import argparse
import csv
import hashlib
import io
import json
import subprocess

import numpy as np

RIDGE = 1.0
HEADER = "src/ground/weights.h"


def fit(x, y):
    """Newton's method; the most negative weight is taken out until none is left."""
    spread = x.std(0) + 1e-9
    z = np.hstack([x / spread, np.ones((len(x), 1))])
    active = np.ones(z.shape[1], bool)
    while True:
        a = z[:, active]
        w = np.zeros(a.shape[1])
        ridge = RIDGE * np.eye(len(w))
        ridge[-1, -1] = 1e-6
        for _ in range(40):
            p = 1 / (1 + np.exp(-np.clip(a @ w, -30, 30)))
            step = np.linalg.solve((a * (p * (1 - p))[:, None]).T @ a + ridge, a.T @ (y - p) - ridge @ w)
            w += step
            if abs(step).max() < 1e-7:
                break
        full = np.zeros(z.shape[1])
        full[active] = w
        if (full[:-1] >= -1e-9).all():
            return full[:-1] / spread, full[-1]
        active[np.argmin(full[:-1])] = False


def limit_for(score, wrong, decided, caught):
    """The highest limit that catches the share asked for."""
    s = np.sort(np.where(decided, np.inf, score)[wrong])
    return s[max(0, int(np.floor(len(s) * (1 - caught))))] - 1e-9


def report(name, score, wrong, decided, limit):
    rejected = decided | (score > limit)
    caught, passed = rejected[wrong].mean(), (~rejected)[~wrong].mean()
    print(f"{name}: wrong caught {caught:.3f}, faithful passed {passed:.3f}, balanced {(caught + passed) / 2:.3f}")


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
    x = np.array([[float(r[n]) for n in names] for r in rows])
    wrong = np.array([r["verdict"] != "supported" for r in rows])
    decided = np.array([r["fact"] == "1" for r in rows])
    held = np.array([int(hashlib.md5(evidence[r["id"]].encode()).hexdigest(), 16) % 3 == 0 for r in rows])
    w, b = fit(x[~decided & ~held], wrong[~decided & ~held].astype(float))
    score = x @ w + b
    limit = limit_for(score[~held], wrong[~held], decided[~held], o.caught)
    report("two thirds", score[~held], wrong[~held], decided[~held], limit)
    report("held out", score[held], wrong[held], decided[held], limit)
    w, b = fit(x[~decided], wrong[~decided].astype(float))
    score = x @ w + b
    limit = limit_for(score, wrong, decided, o.caught)
    report("all", score, wrong, decided, limit)
    if o.write:
        lines = [f"    [SM_M_{n}] = {v:.4f}," for n, v in zip(names, w) if v > 0]
        with open(HEADER, "w", encoding="utf-8") as f:
            f.write("/* Written by tools/fit_ground.py. */\n#ifndef SM_GROUND_WEIGHTS_H\n#define SM_GROUND_WEIGHTS_H\n\n")
            f.write('#include "ground/measure.h"\n\n')
            f.write(f"#define SM_MEASURE_LIMIT {limit - b:.4f}\n\n")
            f.write("static const double sm_measure_weights[SM_N_MEASURES] = {\n" + "\n".join(lines) + "\n};\n\n#endif\n")


main()
