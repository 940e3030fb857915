import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { recognized } from "../shared/reading/recognized-file.ts";

/** `Gemfile.lock` and `gems.locked` of Bundler (bundler, `lib/bundler/lockfile_parser.rb`). */
export const gemfileLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "gem/gemfile-lock",
    revision: 4,
    evidence: "declared",
    matches: [{ basename: "Gemfile.lock" }, { basename: "gems.locked" }],
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file) {
      const { specs, direct } = readLock(await file.text());
      for (const { name, version, platform, source, remote, line, needs } of specs.values())
        yield {
          kind: "package",
          package: {
            name,
            version,
            key: name,
            relationship: source === "PATH" ? "workspace" : direct.has(name) ? "direct" : "indirect",
            ...(needs.length === 0 ? {} : { dependsOn: needs.filter((need) => specs.has(need)) }),
            ...originOf(source, remote),
            ...factsOf(source, remote, platform),
          },
          line,
        };
    },
  },
  /^(?:GEM|GIT|PATH|PLUGIN SOURCE|PLATFORMS|DEPENDENCIES|CHECKSUMS|RUBY VERSION|BUNDLED WITH)\s*$/m,
);

interface Spec {
  readonly name: string;
  readonly version: string;
  readonly platform: string | undefined;
  /** `GEM`, `GIT`, `PATH`. */
  readonly source: string;
  readonly remote: string | undefined;
  readonly line: number;
  readonly needs: string[];
}

function readLock(text: string): { readonly specs: ReadonlyMap<string, Spec>; readonly direct: ReadonlySet<string> } {
  const specs = new Map<string, Spec>();
  const direct = new Set<string>();
  let section = "";
  let remote: string | undefined;
  let inSpecs = false;
  let current: Spec | undefined;
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const content = raw.trimEnd();
    const indent = content.length - content.trimStart().length;
    if (indent === 0) {
      section = content;
      inSpecs = false;
      remote = undefined;
    } else if (indent === 2) {
      inSpecs = content === "  specs:";
      remote = /^ {2}remote: (\S+)/.exec(content)?.[1] ?? remote;
      const name = /^ {2}([\w.-]+)/.exec(content)?.[1];
      if (section === "DEPENDENCIES" && name !== undefined) direct.add(name);
    } else if (inSpecs && indent === 4) {
      current = specOf(content, section, remote, line);
      // One gem may be locked for several platforms: it is still one version.
      if (current !== undefined && !specs.has(current.name)) specs.set(current.name, current);
    } else if (inSpecs && indent === 6) {
      const need = /^ {6}([\w.-]+)/.exec(content)?.[1];
      if (need !== undefined) current?.needs.push(need);
    }
  }
  return { specs, direct };
}

function specOf(content: string, source: string, remote: string | undefined, line: number): Spec | undefined {
  const [, name, version, platform] = /^ {4}([\w.-]+) \((\d[^\s()-]*)(?:-([^\s()]+))?\)!?$/.exec(content) ?? [];
  return name === undefined || version === undefined
    ? undefined
    : { name, version, platform, source, remote, line, needs: [] };
}

/** Plugin sources are registries of another kind. */
function originOf(source: string, remote: string | undefined): Pick<FoundPackage, "origin"> {
  if (source === "PATH") return { origin: remote === "." ? "project" : "path" };
  return source === "GIT" ? { origin: "repository" } : {};
}

function factsOf(
  source: string,
  remote: string | undefined,
  platform: string | undefined,
): Pick<FoundPackage, "facts"> {
  const facts = {
    ...(source === "GEM" || remote === undefined ? {} : { from: remote }),
    ...(platform === undefined ? {} : { platform }),
  };
  return Object.keys(facts).length === 0 ? {} : { facts };
}
