import { FormatError, decompress, parseJson, shape } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { ownValue, textOf } from "../shared/reading/untrusted.ts";
import { ubuntuPackage } from "./ubuntu-sources.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const entryShape = shape.texts("kind", "name", "version", "arch", "slice", "path");

/** Expanded bytes; the manifest of a large image has some hundred thousand. */
const maxManifestBytes = 64 * 1024 * 1024;

/** The manifest of chiselled Ubuntu, which has no dpkg database: JSON lines in Zstandard, each of a `kind`. */
export const chisel: FileAnalyzer = {
  kind: "file",
  id: "deb/chisel",
  revision: 2,
  matches: [{ path: "var/lib/chisel/manifest.wall" }],
  maxBytes: maxManifestBytes,
  async *analyze(file): AsyncGenerator<Observation> {
    const owned = new Map<string, string[]>();
    for (const line of await readLines(file)) {
      if (typeof line !== "string") {
        yield line;
        continue;
      }
      const entry = readOrReport(file, () => parseJson(line));
      if ("problem" in entry) yield entry.problem;
      else {
        yield* reportWrongParts(file, entry.value, entryShape);
        yield* readEntry(file, entry.value, owned);
      }
    }
    for (const [owner, paths] of owned) yield { kind: "ownership", owner, paths };
  },
};

/** The lines before damage, and the damage. */
async function readLines(file: AnalyzedFile): Promise<readonly (string | Observation)[]> {
  const decoder = new TextDecoder();
  let text = "";
  let problem: Observation | undefined;
  try {
    for await (const chunk of decompress(file.stream())) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > maxManifestBytes) throw new FormatError("zstd", "limit-exceeded", "the manifest is too large");
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problem = malformedFile(file, error.message);
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (problem === undefined) return lines.length === 0 ? [malformedFile(file, "the manifest is empty")] : lines;
  // The last line is cut.
  return [...lines.slice(0, -1), problem];
}

function* readEntry(file: AnalyzedFile, entry: unknown, owned: Map<string, string[]>): Generator<Observation> {
  const kind = ownValue(entry, "kind");
  if (kind === "package") {
    const name = textOf(ownValue(entry, "name"));
    const version = textOf(ownValue(entry, "version"));
    const architecture = textOf(ownValue(entry, "arch"));
    if (name === undefined || version === undefined)
      yield malformedFile(file, `a package has no ${name === undefined ? "name" : "version"}`);
    else yield ubuntuPackage(name, version, architecture);
  } else if (kind === "content") {
    // {"kind":"content","slice":"libc6_libs","path":"/lib/x"}: slices are named after their package.
    const owner = textOf(ownValue(entry, "slice"))?.split("_", 1)[0];
    const path = textOf(ownValue(entry, "path"))?.replace(/^\/+/, "");
    if (owner === undefined || path === undefined || path === "" || path.endsWith("/")) return;
    const paths = owned.get(owner);
    if (paths === undefined) owned.set(owner, [path]);
    else paths.push(path);
  }
}
