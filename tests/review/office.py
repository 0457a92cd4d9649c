"""What we write and mend, opened by LibreOffice: it reads our documents as we meant them, knows our
tracked changes for changes, and its own documents are mended without losing a byte of the rest.

Skipped (77) where LibreOffice's writer is not installed."""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

OFFICIAL, FILES = os.environ["SUNMAO_OFFICIAL"], os.environ["SUNMAO_OFFICE_FILES"]
BIN = os.environ["SUNMAO_BIN"]
DEMO = os.environ["SUNMAO_DOCUMENTS"]
SOFFICE = shutil.which("soffice")
if not SOFFICE:
    print("skipped: soffice (libreoffice-writer-nogui) is not installed")
    sys.exit(77)


def run(*command):
    done = subprocess.run(command, capture_output=True, timeout=300)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr.decode()}")
    return done.stdout.decode()


def convert(top, to, out, *files):
    run(SOFFICE, f"-env:UserInstallation=file://{top}/profile", "--headless", "--convert-to", to,
        "--outdir", out, *files)
    made = [os.path.join(out, os.path.splitext(os.path.basename(f))[0] + "." + to.split(":")[0])
            for f in files]
    for f in made:
        assert os.path.exists(f), f"LibreOffice did not open what became {f}"
    return made


def raw_parts(path):
    """Name, packed bytes and attributes of every entry, in order."""
    with zipfile.ZipFile(path) as z, open(path, "rb") as f:
        for i in z.infolist():
            f.seek(i.header_offset + 26)
            name, extra = (int.from_bytes(f.read(2), "little") for _ in range(2))
            f.seek(i.header_offset + 30 + name + extra)
            yield i.filename, f.read(i.compress_size), i.external_attr, i.date_time


def only_changed(before, after, changed):
    a, b = list(raw_parts(before)), list(raw_parts(after))
    assert [x[0] for x in b[:len(a)]] == [x[0] for x in a], "the order of the parts"
    for x, y in zip(a, b):
        if x[0] in changed:
            assert x[0::2][:2] == y[0::2][:2], x[0]
        else:
            assert x == y, f"{x[0]} is another one"
    assert all(x[0] in changed for x in b[len(a):])


def part(path, name):
    with zipfile.ZipFile(path) as z:
        return z.read(name).decode()


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def check(top, docx, name):
    out = os.path.join(top, name)
    os.mkdir(out)
    print(name, run(FILES, docx, out).strip())
    names = ["mended.docx", "typeset.docx", "labelled.docx", "report.docx"]
    made = [os.path.join(out, n) for n in names]
    only_changed(docx, made[0], {"word/document.xml"})
    only_changed(docx, made[1], {"word/document.xml"})
    only_changed(docx, made[2], {"[Content_Types].xml", "_rels/.rels", "docProps/custom.xml"})
    with open(os.path.join(out, "accepted.txt")) as f:
        accepted = f.read()
    assert run(FILES, made[0]) == accepted, "our own reader"

    again = os.path.join(out, "again")
    os.mkdir(again)
    back = convert(top, "docx", again, *made)
    assert lines(run(FILES, back[0])) == lines(accepted), "LibreOffice reads another text"
    document = part(back[0], "word/document.xml")
    assert "<w:del " in document and "<w:ins " in document and 'w:author="榫卯"' in document
    assert "rPrChange" in part(back[1], "word/document.xml"), "a format change was lost"
    assert 'w:w="11906" w:h="16838"' in part(back[1], "word/document.xml").replace(
        'w:h="16838" w:w="11906"', 'w:w="11906" w:h="16838"')
    assert "AIGC" in part(back[2], "docProps/custom.xml"), "LibreOffice does not see the label"
    assert lines(run(FILES, back[3])) == lines(run(FILES, made[3]))


def check_old(top, docx):
    """A .doc is made a DOCX, which has the same text and can be mended."""
    old = convert(top, "doc", top, docx)[0]
    assert subprocess.run([BIN, "review", old], capture_output=True).returncode != 0, "it is refused"
    mended = os.path.join(top, "old.docx")
    done = subprocess.run([BIN, "review", "--convert", "--fix", mended, old], capture_output=True, timeout=300)
    assert done.returncode in (0, 1), done.stderr.decode()
    assert lines(run(FILES, mended)) == lines(run(FILES, docx)), "what was converted has another text"


def main():
    top = tempfile.mkdtemp(prefix="sunmao-test-")
    try:
        ours = []
        for stem in ("01-flood-plan", "07-service-bulletin", "08-request-subsidy",
                     "11-letter-allowance"):
            ours.append(os.path.join(top, stem + ".docx"))
            run(OFFICIAL, os.path.join(DEMO, stem + ".txt"), ours[-1])
        theirs = os.path.join(top, "theirs")
        os.mkdir(theirs)
        for docx, back in zip(ours, convert(top, "docx", theirs, *ours)):
            assert lines(run(FILES, docx)) == lines(run(FILES, back)), docx
        for docx, text in zip(ours, convert(top, "txt:Text (encoded):UTF8", theirs, *ours)):
            with open(text, encoding="utf-8-sig") as f:
                assert lines(f.read()) == lines(run(FILES, docx)), text
        check_old(top, ours[0])
        for docx in ours[:2]:
            check(top, docx, "ours-" + os.path.basename(docx))
            check(top, os.path.join(theirs, os.path.basename(docx)),
                  "theirs-" + os.path.basename(docx))
    finally:
        shutil.rmtree(top)
    print("ok")


main()
