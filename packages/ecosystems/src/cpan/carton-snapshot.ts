import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { recognized } from "../shared/reading/recognized-file.ts";

/**
 * `cpanfile.snapshot` of Carton (https://metacpan.org/pod/Carton), "carton snapshot format: version 1.0": distributions, each with
 * its archive, the modules it provides and those it requires. Who provides a module tells which distribution is needed.
 */
export const cartonSnapshot: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "cpan/carton-snapshot",
    revision: 1,
    evidence: "declared",
    matches: [{ basename: "cpanfile.snapshot" }],
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file): AsyncGenerator<Observation> {
      const distributions = readSnapshot(await file.text());
      const providers = new Map<string, string>();
      for (const { heading, provides } of distributions)
        for (const module of provides) if (!providers.has(module)) providers.set(module, heading);
      for (const { heading, pathname, requires, line } of distributions) {
        const found = nameAndVersion(heading);
        if (found === undefined) {
          yield malformedFile(file, `${heading.slice(0, 80)} is no distribution with a version`, line);
          continue;
        }
        const needs = new Set(requires.flatMap((module) => providers.get(module) ?? []));
        needs.delete(heading);
        const author = /^[A-Z]\/[A-Z][\w-]?\/([\w-]+)\//.exec(pathname ?? "")?.[1];
        yield {
          kind: "package",
          package: {
            ...found,
            key: heading,
            ...(needs.size === 0 ? {} : { dependsOn: [...needs] }),
            ...(author === undefined ? {} : { facts: { author } }),
          },
          line,
        };
      }
    },
  },
  /^# carton snapshot format|^DISTRIBUTIONS\s*$/m,
);

interface Distribution {
  readonly heading: string;
  readonly line: number;
  readonly provides: string[];
  readonly requires: string[];
  pathname?: string;
}

/** Two spaces before a distribution, four before its fields, six before the modules of a field. */
function readSnapshot(text: string): readonly Distribution[] {
  const distributions: Distribution[] = [];
  let current: Distribution | undefined;
  let list: string[] | undefined;
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const indent = raw.search(/\S/);
    const [word = "", value] = raw.trim().split(/\s+/, 2);
    if (indent === 2) {
      current = { heading: word, line, provides: [], requires: [] };
      distributions.push(current);
      list = undefined;
    } else if (indent === 4 && current !== undefined) {
      list = word === "provides:" ? current.provides : word === "requirements:" ? current.requires : undefined;
      if (word === "pathname:" && value !== undefined) current.pathname = value;
    } else if (indent === 6 && word !== "") list?.push(word);
  }
  return distributions;
}

/** `Module-Build-0.4205`: the version begins behind the last hyphen before a digit, or before `v` and a digit. */
function nameAndVersion(heading: string): Pick<FoundPackage, "name" | "version"> | undefined {
  const [, name, version] = /^(.+)-(v?\d[\w.]*(?:-TRIAL\d*)?)$/.exec(heading.slice(0, 512)) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}
