#!/usr/bin/env python3
"""share/review/spell/slips.tsv: common words of two characters with what is never written for them.

    tools/slips.py DICTIONARY LAWS... > share/review/spell/slips.tsv

DICTIONARY is cppjieba's jieba.dict.utf8 (MIT licence), LAWS are JSON Lines (.xz) with "text": statutes,
which are outside copyright.  A slip is a character of like sound or look (share/review/spell/chars.tsv)
that makes of a word of 200 uses and more a pair which the statutes never have and the dictionary does
not know.  Columns: word; slips for its first character; for its second.  Words of 20 uses are listed
without slips: what one of them explains is none.
"""
import collections
import json
import lzma
import re
import sys

LEAST_WORD, LEAST_RIGHT, LEAST_KNOWN, LOOKS = 20, 200, 50, 12
HAN = re.compile("[\u4e00-\u9fff]+")
# what stands alone in any sentence, figures and family names
ALONE = set("的和等或在与对及为以了是一二三四五六七八九十百千万亿不有其日月年区县市镇乡村省王李张刘陈再已将把被由从到至也都"
            "又还并且但而所之个各每某该此这那你我他她们只仅未无非可能会须应当要如若自向上下中内外前后第")

PLACE = set("市县区乡镇村州局办院坊")  # before these stands any name


def mistaken(path):
    """What each character may be mistaken for."""
    sounds, looks, akin = collections.defaultdict(set), {}, collections.defaultdict(set)
    readings = {}
    for line in open(path, encoding="utf-8"):
        if line[0] == "#":
            continue
        char, read, _, look = (line.rstrip("\n").split("\t") + [""] * 3)[:4]
        looks[char] = look[:LOOKS]
        readings[char] = [blur(r) for r in read.split()]
        for sound in readings[char]:
            sounds[sound].add(char)
    for char, look in looks.items():
        for other in look:
            akin[char].add(other)
            akin[other].add(char)
        for sound in readings[char]:
            akin[char] |= sounds[sound]
    return {char: sorted(others - {char} - ALONE) for char, others in akin.items()}


def blur(reading):
    """zh as z, ng as n, l as n: what is mixed up in speech."""
    reading = re.sub("^([zcs])h", r"\1", reading.rstrip("012345"))
    return re.sub("^l", "n", re.sub("ng$", "n", reading))


def main():
    known = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        word, uses = line.split(" ")[:2]
        if len(word) == 2 and HAN.fullmatch(word):
            known[word] = int(uses)
    pairs = collections.Counter()
    for path in sys.argv[2:]:
        for line in lzma.open(path, "rt", encoding="utf-8"):
            for run in HAN.findall(json.loads(line)["text"]):
                pairs.update(run[i:i + 2] for i in range(len(run) - 1))
    akin = mistaken("share/review/spell/chars.tsv")
    slip = {}
    for word, uses in sorted(pairs.items()):
        if uses < LEAST_RIGHT or known.get(word, 0) < LEAST_KNOWN:
            continue
        for place in 0, 1:
            for char in akin.get(word[place], ()):
                wrong = char + word[1] if place == 0 else word[0] + char
                if wrong in pairs or wrong in known or wrong[1] in PLACE:
                    continue
                if wrong not in slip or pairs[slip[wrong][0]] < uses:
                    slip[wrong] = word, place
    rows = {word: ["", ""] for word, uses in pairs.items()
            if uses >= LEAST_WORD and known.get(word, 0) >= LEAST_WORD}
    for wrong, (word, place) in sorted(slip.items()):
        rows[word][place] += wrong[place]
    print("# 常用双字词，以及把第一字、第二字写错的形式（音近、形近，法律法规中从未出现）。由tools/slips.py生成。")
    for word in sorted(rows):
        print("\t".join([word, *rows[word]]).rstrip("\t"))


main()
