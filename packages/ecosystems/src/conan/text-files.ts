import type { FileAnalyzer, Observation, PackageObservation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { parseReference, referenceFacts } from "./reference.ts";

/** `conanfile.txt`: what a project asks for. */
export const conanfile: FileAnalyzer = parsedFile({
  id: "conan/conanfile",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "conanfile.txt" }],
  sign: /^\[\w+\]/m,
  parse: readSections,
  *read(lines): Generator<Observation> {
    yield* references(lines, "requires", {});
    yield* references(lines, "tool_requires", { scope: "dev" });
    yield* references(lines, "build_requires", { scope: "dev" });
  },
});

/** `conaninfo.txt` in a package folder: the package itself is named by the folders above, its dependencies are listed. */
export const conaninfo: FileAnalyzer = parsedFile({
  id: "conan/conaninfo",
  revision: 1,
  matches: [{ basename: "conaninfo.txt" }],
  parse: readSections,
  *read(lines, file): Generator<Observation> {
    const [, name, version, user, channel] =
      /(?:^|\/)([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)\/package\/[0-9a-f]+\/conaninfo\.txt$/.exec(file.path) ?? [];
    const own = name === undefined ? undefined : parseReference(`${name}/${version}@${user}/${channel}`);
    if (own !== undefined) {
      yield { kind: "package", package: { name: own.name, version: own.version, ...referenceFacts(own) } };
    }
    yield* references(lines, "full_requires", {});
  },
});

interface Line {
  readonly section: string;
  readonly text: string;
  readonly number: number;
}

function readSections(text: string): readonly Line[] {
  const lines: Line[] = [];
  let section = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/(?:^|\s)#.*$/s, "").trim();
    const heading = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    else if (line !== "") lines.push({ section, text: line, number: index + 1 });
  }
  return lines;
}

function* references(
  lines: readonly Line[],
  section: string,
  rest: Partial<PackageObservation["package"]>,
): Generator<PackageObservation> {
  for (const line of lines) {
    const reference = line.section === section ? parseReference(line.text) : undefined;
    if (reference === undefined) continue;
    const { name, version } = reference;
    yield { kind: "package", package: { name, version, ...rest, ...referenceFacts(reference) }, line: line.number };
  }
}
