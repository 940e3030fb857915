import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { recognized } from "../shared/reading/recognized-file.ts";

const shared = { kind: "file", revision: 1, matches: [{ basename: "cpanfile" }], maxBytes: 4 * 1024 * 1024 } as const;

/**
 * `cpanfile` (https://metacpan.org/pod/cpanfile): the modules that a program asks for. It is a program itself, which is not run: only
 * the usual `requires 'Module', 'range';` is read. What `==` pins is declared.
 */
export const cpanfile: FileAnalyzer = recognized(
  {
    ...shared,
    id: "cpan/cpanfile",
    evidence: "declared",
    async *analyze(file): AsyncGenerator<Observation> {
      for (const { module, range, dev, line } of requirementsOf(await file.text())) {
        const version = /^==\s*(v?\d[\w.]*)$/.exec(range)?.[1];
        if (version !== undefined) yield observationOf(module, version, { dev, line });
      }
    },
  },
  /^[ \t]*(?:(?:\w+_)?requires\b|(?:on|feature|recommends|suggests|conflicts)\b|#)/m,
);

/** Ranges of `cpanfile`; a plain version is the lowest that is allowed. */
export const cpanfileRequested: FileAnalyzer = {
  ...shared,
  id: "cpan/requested",
  evidence: "requested",
  async *analyze(file): AsyncGenerator<Observation> {
    for (const { module, range, dev, line } of requirementsOf(await file.text())) {
      const version = /^(?:>=\s*)?(v?\d[\w.]*)(?:\s*,|$)/.exec(range)?.[1];
      // 0 stands for any.
      if (version !== undefined && version !== "0")
        yield observationOf(module, version, { dev, line, requirement: range });
    }
  },
};

function observationOf(
  module: string,
  version: string,
  { dev, line, requirement }: { readonly dev: boolean; readonly line: number; readonly requirement?: string },
): Observation {
  return {
    kind: "package",
    package: {
      // A distribution is as a rule called like its main module; which one holds a module, the index alone knows.
      name: module.replaceAll("::", "-"),
      version,
      relationship: "direct",
      ...(dev ? { scope: "dev" as const } : {}),
      ...(requirement === undefined ? {} : { facts: { requirement } }),
    },
    line,
  };
}

interface Requirement {
  readonly module: string;
  readonly range: string;
  /** For tests, development, building or configuring. */
  readonly dev: boolean;
  readonly line: number;
}

function* requirementsOf(text: string): Generator<Requirement> {
  let dev = false;
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const code = raw.slice(0, 2_000);
    if (/^\s*#/.test(code)) continue;
    const [, phase] = /^\s*on\s+['"]?(\w+)['"]?\s*=>\s*sub\b/.exec(code) ?? [];
    if (phase !== undefined) dev = phase !== "runtime";
    else if (/^\s*\}\s*;?/.test(code)) dev = false;
    const [, phased, module, range = ""] =
      /^\s*(test_|author_|build_|configure_)?requires\s*(?:\(\s*)?['"]([\w:]+)['"]\s*(?:(?:,|=>)\s*['"]?([^'";)]*))?/.exec(
        code,
      ) ?? [];
    if (module === undefined || module === "perl") continue;
    yield { module, range: range.trim(), dev: dev || phased !== undefined, line };
  }
}
