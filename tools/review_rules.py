#!/usr/bin/env python3
"""docs/review-rules.md from the rule pack: the state of every rule.

    tools/review_rules.py           writes it
    tools/review_rules.py --check   exit 1 when it is not what the pack says
"""
import collections
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACK, PAGE = ROOT / "share/review/rules", ROOT / "docs/review-rules.md"
GROUPS = {"A": "Type and routing", "B": "Header part", "C": "Title", "D": "Recipients", "E": "Structure and numbering",
          "F": "Attachments", "G": "Signature and dates", "H": "Numerals", "I": "Punctuation", "J": "Citations",
          "K": "Names, organs, order", "L": "Sensitive content", "M": "Wording", "FM": "Layout", "SP": "Wrong characters"}
WANTED = {"A": 22, "B": 16, "C": 10, "D": 9, "E": 13, "F": 9, "G": 13, "H": 20, "I": 12, "J": 11, "K": 8, "L": 12,
          "M": 12, "FM": 14}


def group_of(rule):
    return rule["id"].split("-")[0].rstrip("0123456789")


def state_of(rule):
    if not rule.get("on", True):
        return "off"
    if rule["checker"] == "model":
        return "model"
    # What is judged by meaning has a question for a model.
    return "by its words, asks a model" if "model" in rule.get("params", {}) else "without a model"


def row(rule):
    cells = [rule["id"], rule["severity"], rule["title"], state_of(rule), rule["checker"], rule["status"],
             rule["source"], f"{len(rule.get('wrong', []))}/{len(rule.get('right', []))}"]
    return "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"


def page():
    rules = [json.loads(line) for path in sorted(PACK.glob("*.jsonl")) for line in path.open(encoding="utf-8") if line.strip()]
    groups = collections.defaultdict(list)
    for rule in rules:
        groups[group_of(rule)].append(rule)
    n_wanted = sum(WANTED[g] for g in WANTED if g != "FM")
    numbered = [r for g in WANTED if g != "FM" for r in groups[g]]
    alone, words = (sum(state_of(r) == s for r in numbered) for s in ("without a model", "by its words, asks a model"))
    out = ["# Rules of the review", "",
           "Written by `tools/review_rules.py` from `share/review/rules`; `review.md` says how a rule is written down. `model`: silent "
           "without one; by its words, asks a model: tell-tale words are found, what is meant is read by a model alone, where a server "
           "has one. Status: C stands in the standard or law word for word, H is common reading, P is habit. Examples: wrong/right, all "
           "of them tests (`test_rules`).", "",
           f"Of the {n_wanted} numbered rules {len(numbered)} are in the pack, {alone} of them checked without a model and {words} "
           "more by their words, with a question for a model (what they ask is judged by meaning); "
           f"of the {WANTED['FM']} on layout {len(groups['FM'])}."]
    for name in [*WANTED, *sorted(set(groups) - set(WANTED))]:
        out += ["", f"## {name} {GROUPS.get(name, '')}".rstrip(), "",
                "| rule | severity | checks | state | checker | status | source | examples |", "|---|---|---|---|---|---|---|---|"]
        out += [row(r) for r in groups[name]]
    return "\n".join(out) + "\n"


def main():
    text = page()
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            sys.exit("docs/review-rules.md is not what the rule pack says: run tools/review_rules.py")
    else:
        PAGE.write_text(text, encoding="utf-8")


main()
