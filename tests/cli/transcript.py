#!/usr/bin/env python3
"""Runs one transcript of the command line:  transcript.py SUNMAO SOURCE FILE.t [--update]

    # a comment
    $ a command, run by sh          > lines that follow continue it
    the standard output, exactly, line by line
    ~a regular expression that one whole line of output matches
    ~~                              any lines, also none
    ? 2                             the exit status, 0 when not given

A blank line before the next command or comment is no output.  The commands share a new empty folder and find
in the environment: SUNMAO the program, D a data directory (the first twelve items of the demo and policies P01, P02
and P20), DEMO the demo's folder, AS_USER a prefix that gives up root's rights (empty when we have none), PICK a
filter that prints members of each JSON line:  | $PICK act items.0.code
Standard error is shown when a transcript fails; write 2>&1 to expect it.
"""
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile


def environment(sunmao, source, folder):
    env = {k: v for k, v in os.environ.items() if not k.startswith("SUNMAO_")}
    env.update(SUNMAO=os.path.abspath(sunmao), D=folder + "/data", DEMO=source + "/demo", LC_ALL="C.UTF-8",
               SUNMAO_SHARE=source + "/share", SUNMAO_TODAY="2026-11-23", AS_USER="",
               PICK=f"{sys.executable} {os.path.abspath(__file__)} --pick")
    if os.geteuid() == 0 and shutil.which("setpriv"):
        env["AS_USER"] = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    return env


def make_city(env):
    commands = """set -e
    head -n 12 "$DEMO/items.jsonl" >items.jsonl
    "$SUNMAO" init --data "$D" --regions "$DEMO/regions.tsv"
    "$SUNMAO" import --data "$D" --kind item items.jsonl
    "$SUNMAO" import --data "$D" --kind policy "$DEMO/policies/p01.md" "$DEMO/policies/p02.md" "$DEMO/policies/p20.md"
    """
    subprocess.run(["sh", "-c", commands], env=env, cwd=os.path.dirname(env["D"]), check=True,
                   stdout=subprocess.DEVNULL)


class Step:
    def __init__(self, line_no, command):
        self.line_no, self.command, self.wanted, self.status = line_no, command, [], 0


def read_steps(path):
    steps, blanks = [], 0
    with open(path, encoding="utf-8") as f:
        for line_no, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("$ "):
                steps.append(Step(line_no, line[2:]))
            elif line.startswith("#"):
                pass
            elif line == "":
                blanks += 1
                continue
            elif not steps:
                sys.exit(f"{path}:{line_no}: output before the first command")
            elif (line == ">" or line.startswith("> ")) and not steps[-1].wanted:
                steps[-1].command += "\n" + line[2:]
            elif line.startswith("? "):
                steps[-1].status = int(line[2:])
            else:
                steps[-1].wanted += [""] * blanks + [line]
            blanks = 0
    if not steps:
        sys.exit(f"{path}: no command: this transcript tests nothing")
    return steps


def agrees(wanted, got):
    """Whether the lines are the ones wanted; wanted may hold patterns."""
    if not wanted:
        return not got
    if wanted[0] == "~~":
        return any(agrees(wanted[1:], got[i:]) for i in range(len(got) + 1))
    if not got:
        return False
    same = re.fullmatch(wanted[0][1:], got[0]) if wanted[0].startswith("~") else wanted[0] == got[0]
    return bool(same) and agrees(wanted[1:], got[1:])


def run_step(step, env, folder):
    done = subprocess.run(["sh", "-c", step.command], env=env, cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    got = done.stdout.decode("utf-8", "backslashreplace").split("\n")
    while got and got[-1] == "":
        got.pop()
    return done.returncode, got, done.stderr.decode("utf-8", "backslashreplace")


def pick(names):
    for line in sys.stdin:
        values = []
        for name in names:
            value = json.loads(line)
            for key in name.split("."):
                if isinstance(value, list):
                    value = value[int(key)] if int(key) < len(value) else None
                else:
                    value = value.get(key) if isinstance(value, dict) else None
            values.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        print(" ".join(values))


def main():
    if sys.argv[1] == "--pick":
        return pick(sys.argv[2:])
    sunmao, source, path = sys.argv[1:4]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sunmao-transcript-") as folder:
        os.chmod(folder, 0o755)
        env = environment(sunmao, os.path.abspath(source), folder)
        make_city(env)
        for step in read_steps(path):
            status, got, err = run_step(step, env, folder)
            if "--update" in sys.argv:
                command = "$ " + step.command.replace("\n", "\n> ")
                print("\n".join([command] + got + ([f"? {status}"] if status else [])), end="\n\n")
                continue
            if agrees(step.wanted, got) and status == step.status:
                continue
            failed += 1
            print(f"{path}:{step.line_no}: $ {step.command}")
            print("\n".join(difflib.unified_diff(step.wanted, got, "wanted", "got", lineterm="", n=2)))
            if status != step.status:
                print(f"exit status {status}, wanted {step.status}")
            print(err, end="")
        subprocess.run(["chmod", "-R", "u+w", folder], check=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
