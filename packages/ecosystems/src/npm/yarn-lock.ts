import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/malformed-file.ts";
import { hashesOf } from "./integrity.ts";

/**
 * `yarn.lock` of Yarn 1 (https://classic.yarnpkg.com/lang/en/docs/yarn-lock/) and of later ones, whose YAML is simple enough
 * for the same reader. The file alone does not tell what is for development.
 */
export const yarnLock: FileAnalyzer = {
  kind: "file",
  id: "npm/yarn-lock",
  revision: 1,
  evidence: "declared",
  matches: [{ basename: "yarn.lock" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const entries = readEntries(await file.text());
    const keys = new Map(
      entries.flatMap((entry) => entry.descriptors.map((descriptor) => [descriptor, keyOf(entry)] as const)),
    );
    for (const entry of entries) {
      if (entry.version === undefined) {
        yield malformedFile(file, `the entry ${entry.descriptors[0]?.slice(0, 80)} has no version`, entry.line);
        continue;
      }
      const dependsOn = entry.needs.flatMap(([name, range]) => {
        const key = keys.get(`${name}@${range}`) ?? keys.get(`${name}@npm:${range}`);
        return key === undefined ? [] : [key];
      });
      yield { kind: "package", package: packageOf(entry, entry.version, dependsOn), line: entry.line };
    }
  },
};

interface Entry {
  readonly line: number;
  /** `name@range`, as dependencies ask for it. */
  readonly descriptors: readonly string[];
  readonly name: string;
  version: string | undefined;
  resolution: string | undefined;
  resolved: string | undefined;
  integrity: string | undefined;
  readonly needs: (readonly [string, string])[];
}

function packageOf(entry: Entry, version: string, dependsOn: readonly string[]): FoundPackage {
  const { name, local, from } = sourceOf(entry);
  const hashes = hashesOf(entry.integrity);
  return {
    name,
    version,
    key: keyOf(entry),
    ...(local ? { relationship: "workspace" as const } : {}),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(hashes === undefined ? {} : { hashes }),
    ...(from === undefined ? {} : { facts: { from } }),
  };
}

function keyOf({ name, version, line }: Entry): string {
  return `${name}@${version ?? ""}#${line}`;
}

const localProtocol = /^(?:workspace|link|portal|file|exec):/;
const otherProtocol = /^(?:git\b|git\+|https?:|ssh:|github:|gitlab:|bitbucket:|[\w.-]+\/[\w.-]+(?:#|$))/;

/** The real name behind aliases, and where the package came from when that is not a registry. */
function sourceOf({ name, resolution, resolved, descriptors }: Entry): {
  readonly name: string;
  readonly local: boolean;
  readonly from?: string;
} {
  const [resolvedName, reference] = splitDescriptor(resolution ?? descriptors[0] ?? "");
  // The registry's address tells the real name even where an alias is written without its protocol.
  const fetched = /\/((?:@[^/]+\/)?[^/]+)\/-\//.exec(resolved?.replaceAll(/%2f/gi, "/") ?? "")?.[1];
  const alias = /^npm:((?:@[^/@]+\/)?[^/@]+)@/.exec(reference)?.[1];
  const real = alias ?? (resolution === undefined ? (fetched ?? name) : resolvedName);
  const plain = reference.replace(/^virtual:[^#]*#/, "");
  return {
    name: real === "" ? name : real,
    local: localProtocol.test(plain),
    ...(localProtocol.test(plain) || otherProtocol.test(plain) ? { from: plain } : {}),
  };
}

/** `@scope/name@range` in two. */
function splitDescriptor(descriptor: string): readonly [string, string] {
  const at = descriptor.indexOf("@", 1);
  return at === -1 ? [descriptor, ""] : [descriptor.slice(0, at), descriptor.slice(at + 1)];
}

function readEntries(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let current: Entry | undefined;
  let inDependencies = false;
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const content = raw.trimEnd();
    const indent = content.length - content.trimStart().length;
    if (content === "" || content.trimStart().startsWith("#")) continue;
    if (indent === 0) {
      current = entryOf(content, line);
      inDependencies = false;
      if (current !== undefined) entries.push(current);
    } else if (current !== undefined && indent === 2) {
      inDependencies = /^ {2}(?:dependencies|optionalDependencies):$/.test(content);
      if (!inDependencies) addField(current, content);
    } else if (current !== undefined && inDependencies && indent === 4) {
      const [name, range] = fieldOf(content) ?? [];
      if (name !== undefined && range !== undefined) current.needs.push([name, range]);
    }
  }
  return entries;
}

/** The heading of an entry: descriptors joined by commas, quoted one by one in Yarn 1 and as a whole later. */
function entryOf(content: string, line: number): Entry | undefined {
  if (!content.endsWith(":") || content.startsWith("__metadata")) return undefined;
  const descriptors = content
    .slice(0, -1)
    .split(",")
    .map((part) => part.trim().replace(/^"|"$/g, ""));
  const [name] = splitDescriptor(descriptors[0] ?? "");
  // A protocol that nobody knows tells nothing about what would be installed.
  if (name === "" || descriptors.some((descriptor) => descriptor.includes("@unsupported:"))) return undefined;
  return {
    line,
    descriptors,
    name,
    version: undefined,
    resolution: undefined,
    resolved: undefined,
    integrity: undefined,
    needs: [],
  };
}

function addField(entry: Entry, content: string): void {
  const [name, value] = fieldOf(content) ?? [];
  if (name === "version") entry.version = value;
  else if (name === "resolution") entry.resolution = value;
  else if (name === "resolved") entry.resolved = value;
  else if (name === "integrity") entry.integrity = value;
}

/** `name "value"` of Yarn 1, `name: value` later; either side may be quoted. */
function fieldOf(content: string): readonly [string, string] | undefined {
  const [, quoted, bare, quotedValue, value] =
    /^\s+(?:"([^"]+)"|([^\s:"]+(?::[^\s:"]+)*)):?\s+(?:"([^"]*)"|(.+))$/.exec(content) ?? [];
  const name = quoted ?? bare;
  const text = quotedValue ?? value;
  return name === undefined || text === undefined ? undefined : [name, text];
}
