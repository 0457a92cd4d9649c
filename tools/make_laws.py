#!/usr/bin/env python3
"""Facts about laws from article files (.jsonl or .jsonl.xz, one {law, art, date, cat, text} a line).

    make_laws.py national.jsonl.xz local.jsonl.xz > share/laws.tsv

A law is 已废止 when another's articles say so (《…》同时废止) and its own text is not a later one; one
that is known only from such a sentence gets a line without date, articles and kind.  No text of any
law is written.
"""
import json
import lzma
import re
import sys

DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SNAPSHOT = "April 2025"


def number(text):
    if text.isdigit():
        return int(text)
    total = section = 0
    for c in text:
        if c in DIGIT:
            section = DIGIT[c]
        elif c in "十百千":
            total += (section or 1) * {"十": 10, "百": 100, "千": 1000}[c]
            section = 0
    return total + section


def short(title):
    title = re.sub(r"[（(][^）)]*[）)]", "", title)
    return title.removeprefix("中华人民共和国")


def repeals(text):
    """Titles that a sentence repeals as a whole; a title followed by its article is repealed in part."""
    for sentence in re.split("[。；;\n]", text):
        if not re.search("同时废止|即行废止|予以废止|同时失效", sentence):
            continue
        end = re.search("同时废止|即行废止|予以废止|同时失效", sentence).start()
        for m in re.finditer(r"《([^《》]+)》", sentence[:end]):
            after = sentence[m.end():m.end() + 2]
            if not re.match("第|中|有关|关于|的", after):
                yield m.group(1)


def read(paths):
    laws, ended = {}, {}
    for path in paths:
        opener = lzma.open if path.endswith(".xz") else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                a = json.loads(line)
                law = laws.setdefault(a["law"], {"date": "", "cat": a.get("cat") or "", "n": 0})
                art = re.search(r"第([零〇一二两三四五六七八九十百千0-9]+)条", a.get("art") or a.get("title") or "")
                if art:
                    law["n"] = max(law["n"], number(art.group(1)))
                law["date"] = max(law["date"], a.get("date") or "")
                for title in repeals(a.get("text") or ""):
                    ended.setdefault(title, set()).add(a["law"])
    return laws, ended


def main():
    laws, ended = read(sys.argv[1:])
    by_short = {short(title): title for title in laws}
    gone = set()
    for title, by in ended.items():
        title = title if title in laws else by_short.get(short(title), title)
        dates = [laws[b]["date"] for b in by if short(b) != short(title)]
        if not dates:
            continue  # an earlier edition under the same title
        if title not in laws:
            if re.search("(法|条例|办法|规定|细则|规则)$", title):
                gone.add(title)
        elif laws[title]["date"] < max(dates):
            gone.add(title)
    print("# title<TAB>short title<TAB>date of the text<TAB>state<TAB>articles<TAB>kind; facts only, "
          f"snapshot {SNAPSHOT},")
    print("# made by tools/make_laws.py")
    for title in sorted(laws.keys() | gone):
        law = laws.get(title, {"date": "", "n": 0, "cat": ""})
        state = "已废止" if title in gone else "现行有效"
        print("\t".join([title, short(title), law["date"], state, str(law["n"]), law["cat"]]))


if __name__ == "__main__":
    main()
