#!/usr/bin/env python3
"""Asks a model about the sentences whose verdict is open, as the server does with guide.voter.

    tools/ground_votes.py --url http://127.0.0.1:8080 --model NAME [--sunmao build/bin/sunmao] FILE… > votes.jsonl
    sunmao eval ground --votes votes.jsonl FILE…

Any server of the OpenAI kind.  One sentence a request; the prompt is share/prompts/vote.txt.  A reply that
cannot be read is no vote.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import urllib.request

SHARE = pathlib.Path(__file__).resolve().parent.parent / "share"
INERT = str.maketrans({"【": "〖", "】": "〗", "<": "＜", ">": "＞", "[": "［", "]": "］", "\n": " ", "`": "'"})


def prompt():
    version, text = (SHARE / "prompts" / "vote.txt").read_text(encoding="utf-8").split("\n", 1)
    return text.strip()


def request(system, model, pair):
    data = "\n".join(f"[{i}] {p['title'].translate(INERT)}\n{p['text'].translate(INERT)}"
                     for i, p in enumerate(pair["evidence"], 1))
    asked = f"【资料】\n{data}\n【资料完】\n【问题】\n1. {pair['sentence'].translate(INERT)}\n【问题完】"
    schema = {"type": "object", "additionalProperties": False, "required": ["holds"], "properties": {
        "holds": {"type": "array", "maxItems": 1, "items": {"type": "integer", "enum": [1]}}}}
    return {"model": model, "temperature": 0, "max_tokens": 120, "stream": False,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": asked}],
            "response_format": {"type": "json_schema",
                                "json_schema": {"name": "vote", "strict": True, "schema": schema}}}


def vote(url, body):
    """True, False, or None for a reply that cannot be read."""
    asked = urllib.request.Request(url.rstrip("/") + "/v1/chat/completions", json.dumps(body).encode(),
                                   {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=120) as answer:
        text = json.load(answer)["choices"][0]["message"]["content"]
    found = re.search(r"\{.*\}", text.rpartition("</think>")[2], re.S)
    try:
        return 1 in json.loads(found.group())["holds"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--url", required=True)
    args.add_argument("--model", required=True)
    args.add_argument("--sunmao", default="build/bin/sunmao")
    args.add_argument("files", nargs="+")
    o = args.parse_args()
    system = prompt()
    for path in o.files:
        said = subprocess.run([o.sunmao, "ground", "--batch", path], stdout=subprocess.PIPE, check=True).stdout
        verdicts = {v["id"]: v for v in map(json.loads, said.splitlines())}
        for line in open(path, encoding="utf-8"):
            pair = json.loads(line)
            evidence = pair["evidence"] = evidence if pair["evidence"] == "=" else pair["evidence"]
            if verdicts[pair["id"]].get("open"):
                holds = vote(o.url, request(system, o.model, pair))
                if holds is not None:
                    print(json.dumps({"id": pair["id"], "holds": holds}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except (OSError, subprocess.CalledProcessError) as wrong:
        sys.exit(f"ground_votes: {wrong}")
