import type { FileAnalyzer } from "@plimsoll/model";
import { classifiers } from "./classifiers.ts";
import type { Classifier } from "./classifiers.ts";

const byFile: ReadonlyMap<string, readonly Classifier[]> = grouped();

/** Bytes before and after an anchor in which its pattern may match. */
const windowBefore = 64;
const windowAfter = 192;

/** An anchor that stands in a file more often than this says nothing. */
const maxAnchors = 1_000;

/** Programs that were built from source or copied in: no package manager knows them, but their own text does. */
export const programText: FileAnalyzer = {
  kind: "file",
  id: "program/text",
  revision: 2,
  unownedOnly: true,
  matches: [...byFile.keys()].map((basename) => ({ basename })),
  async *analyze(file) {
    const base = file.path.slice(file.path.lastIndexOf("/") + 1);
    const bytes = await file.bytes();
    const isScript = !isProgram(bytes);
    const seen = new Set<string>();
    for (const classifier of byFile.get(base) ?? []) {
      if (isScript && classifier.script !== true) continue;
      const version = versionIn(bytes, classifier);
      if (version === undefined || seen.has(classifier.name)) continue;
      seen.add(classifier.name);
      yield {
        kind: "package",
        package: {
          name: classifier.name,
          version,
          cpes: classifier.cpes.map((cpe) => `cpe:2.3:a:${cpe}:${cpeText(version)}:*:*:*:*:*:*:*`),
        },
      };
    }
  },
};

function grouped(): ReadonlyMap<string, readonly Classifier[]> {
  const found = new Map<string, Classifier[]>();
  for (const classifier of classifiers) {
    for (const file of new Set(classifier.files)) found.set(file, [...(found.get(file) ?? []), classifier]);
  }
  return found;
}

/** Every byte is a character, of which ASCII ones keep their meaning. */
const latin1 = new TextDecoder("latin1");

/** ELF, PE or Mach-O: a script of that name is something else. */
function isProgram(bytes: Uint8Array): boolean {
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return magic === "7f454c46" || magic.startsWith("4d5a") || /^(?:feedfac[ef]|c[ef]faedfe|cafebabe)$/.test(magic);
}

/** Text that is looked through at once where there is no anchor, and how much of it is looked at again with the next. */
const pieceBytes = 1024 * 1024;
const overlapBytes = 256;

function versionIn(bytes: Uint8Array, { anchor, pattern }: Classifier): string | undefined {
  if (anchor === "") {
    for (let at = 0; at < bytes.length; at += pieceBytes - overlapBytes) {
      const match = pattern.exec(latin1.decode(bytes.subarray(at, at + pieceBytes)));
      const version = match?.[1] ?? match?.[2];
      if (version !== undefined) return version;
    }
    return undefined;
  }
  const wanted = Uint8Array.from(anchor, (char) => char.charCodeAt(0));
  let anchors = 0;
  for (let at = indexOf(bytes, wanted, 0); at !== -1 && anchors < maxAnchors; at = indexOf(bytes, wanted, at + 1)) {
    anchors++;
    const window = bytes.subarray(Math.max(0, at - windowBefore), at + wanted.length + windowAfter);
    const match = pattern.exec(latin1.decode(window));
    const version = match?.[1] ?? match?.[2];
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Anchors have no long repetitions, so looking for their first byte and comparing is linear in practice and bounded by both lengths. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  // The rarest byte is rarely the first; zero bytes fill programs.
  const pivot = wanted[0] === 0 ? 1 : 0;
  const first = wanted[pivot] ?? 0;
  for (let at = bytes.indexOf(first, from + pivot); at !== -1; at = bytes.indexOf(first, at + 1)) {
    const start = at - pivot;
    let same = 0;
    while (same < wanted.length && bytes[start + same] === wanted[same]) same++;
    if (same === wanted.length) return start;
  }
  return -1;
}

/** CPE 2.3 quotes every character but letters, digits, dots, hyphens and underscores; dots need no quoting. */
function cpeText(version: string): string {
  return version.replaceAll(/[^\w.-]/g, String.raw`\$&`);
}
