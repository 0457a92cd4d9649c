#!/usr/bin/env python3
"""share/review/spell/chars.tsv: the common characters with what they are mistaken for.

    tools/spell_chars.py UNIHAN FONT > share/review/spell/chars.tsv

UNIHAN is the folder with Unihan_*.txt.bz2 (Debian's unicode-data; Unicode licence), FONT a font of
simplified characters (WenQuanYi Micro Hei was used: only how alike two pictures are is kept).
Needs python3-numpy and python3-pil.  Columns: character; readings with tone; Cangjie code; up to
30 characters of the same look, most alike first.
"""
import bz2
import sys
import unicodedata

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

TONES = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}
NEIGHBOURS = 30


def unihan(folder, name):
    for line in bz2.open(f"{folder}/Unihan_{name}.txt.bz2", "rt", encoding="utf-8"):
        if line.startswith("U+"):
            code, key, value = line.rstrip("\n").split("\t")
            yield chr(int(code[2:], 16)), key, value


def syllable(text):
    tone, out = 5, ""
    for ch in unicodedata.normalize("NFD", text):
        if ch in TONES:
            tone = TONES[ch]
        elif ch == "\u0308":
            out = out[:-1] + "v"
        elif ch.isalpha():
            out += ch
    return f"{out}{tone}"


def readings(folder):
    found = {}
    for char, key, value in unihan(folder, "Readings"):
        if key in ("kTGHZ2013", "kXHC1983"):
            parts = [p for part in value.split(" ") for p in part.split(":")[1].split(",")]
        elif key == "kMandarin":
            parts = value.split(" ")[:1]
        elif key == "kHanyuPinlu":
            parts = [p.split("(")[0] for p in value.split(" ")]
        else:
            continue
        found.setdefault(char, set()).update(syllable(p) for p in parts)
    return found


def picture(char, font):
    image = Image.new("L", (48, 48), 0)
    ImageDraw.Draw(image).text((4, 0), char, fill=255, font=font)
    box = image.crop(image.getbbox()).resize((32, 32)).filter(ImageFilter.GaussianBlur(1.2))
    return np.asarray(box, np.float32).ravel()


def pictures(chars, path):
    font = ImageFont.truetype(path, 40)
    missing = picture("\U000ffffe", font)  # drawn for every character the font does not have
    rows = np.stack([picture(char, font) for char in chars])
    rows[(rows == missing).all(1)] = 0
    rows -= rows.mean(1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def main():
    folder, font = sys.argv[1:]
    level = {c: int(v.split(":")[1]) for c, k, v in unihan(folder, "OtherMappings") if k == "kTGH"}
    cangjie = {c: v for c, k, v in unihan(folder, "DictionaryLikeData") if k == "kCangjie"}
    sounds = readings(folder)
    chars = sorted(c for c in level if level[c] <= 6500)
    rows = pictures(chars, font)
    print("# 通用规范汉字表一、二级字：字、读音、仓颉码、形近字。由tools/spell_chars.py生成；")
    print("# 读音和仓颉码取自Unicode的Unihan数据库（Unicode License），形近按字形图像相似度计算。")
    for i, char in enumerate(chars):
        alike = rows @ rows[i]
        order = np.argsort(-alike, kind="stable")[: NEIGHBOURS + 1]
        near = "".join(chars[j] for j in order if j != i and alike[j] > 0)
        print(char, " ".join(sorted(sounds.get(char, ()))), cangjie.get(char, ""), near, sep="\t")


if __name__ == "__main__":
    main()
