// Documents of the demo city as files to upload.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { bin, root } from "./support.mjs";

const official = process.env.SUNMAO_OFFICIAL ?? path.join(path.dirname(bin), "sunmao-official");
export const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const folder = mkdtempSync(path.join(tmpdir(), "sunmao-documents-"));

export const DOCX_FOLDER = { remove: () => rmSync(folder, { recursive: true, force: true }) };

/** `more`: a line of its notation in front; `change`: of all its notation. */
export function demo(file, name, more = "", change = (text) => text) {
    const text = readFileSync(path.join(root, "demo/documents", `${file}.txt`), "utf8").replace("\n", `\n${more ? more + "\n" : ""}`);
    const [from, to] = [path.join(folder, "in.txt"), path.join(folder, "out.docx")];
    writeFileSync(from, change(text));
    execFileSync(official, [from, to]);
    return { name, mimeType: DOCX, buffer: readFileSync(to) };
}
