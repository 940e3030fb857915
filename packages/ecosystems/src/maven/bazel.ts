import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, listOf, ownValue, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { isToken, mavenName, mavenPackage } from "./coordinates.ts";
import type { Coordinates } from "./coordinates.ts";
import { readStarlark } from "./starlark.ts";
import type { StarlarkCall, StarlarkValue } from "./starlark.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  dependency_tree: shape.fields({
    dependencies: shape.list(shape.fields({ coord: shape.text, directDependencies: shape.list(shape.text) })),
  }),
  artifacts: shape.entries(shape.texts("version")),
  dependencies: shape.entries(shape.list(shape.text)),
});

/**
 * Artifacts that `MODULE.bazel` and `WORKSPACE` ask rules_jvm_external for
 * (https://github.com/bazel-contrib/rules_jvm_external/blob/master/docs/api.md): `install` and `artifact` of its module extension, and
 * `maven_install`. A rule of the same name that comes from elsewhere is another.
 */
export const bazelMaven: FileAnalyzer = parsedFile({
  id: "maven/bazel",
  revision: 2,
  evidence: "declared",
  maxBytes: 16 * 1024 * 1024,
  matches: [{ basename: "MODULE.bazel" }, { basename: "WORKSPACE" }, { basename: "WORKSPACE.bazel" }],
  sign: /^[A-Za-z_][\w.]{0,64}[ \t]{0,8}[(=]/m,
  parse: readStarlark,
  *read(statements, file): Generator<Observation> {
    const rules = new Set<string>();
    const seen = new Set<string>();
    for (const statement of statements) {
      if (statement.kind === "unread") {
        if (statement.names.has("artifacts") || [...rules].some((rule) => statement.names.has(rule)))
          yield malformedFile(file, "artifacts are computed in a way that is not followed", statement.line);
        continue;
      }
      for (const rule of loadedRules(statement)) rules.add(rule);
      const request = requestOf(statement, rules);
      if (request === undefined) continue;
      const isDev = request.isDev ? { scope: "dev" as const } : {};
      for (const artifact of request.artifacts) {
        const coordinates = coordinatesOf(artifact);
        if (coordinates === "unknown")
          yield malformedFile(file, "an artifact is computed in a way that is not followed", statement.line);
        if (typeof coordinates === "string") continue;
        const pkg = mavenPackage(coordinates, { relationship: "direct", ...isDev });
        if (seen.has(`${pkg.name}:${pkg.version}`)) continue;
        seen.add(`${pkg.name}:${pkg.version}`);
        yield { kind: "package", package: pkg, line: statement.line };
      }
    }
  },
});

const home = /^@{0,2}rules_jvm_external(?:[~+][^/]*)?\/\//;

/** The names that `load("@rules_jvm_external//:defs.bzl", "maven_install", other = "maven_install")` gives to the rule. */
function loadedRules({ callee, positional, named }: StarlarkCall): readonly string[] {
  const [label, ...names] = positional;
  if (nameOf(callee) !== "load" || typeof label !== "string" || !home.test(label)) return [];
  return [
    ...names.flatMap((name) => (name === "maven_install" ? [name] : [])),
    ...[...named].flatMap(([alias, name]) => (name === "maven_install" ? [alias] : [])),
  ];
}

function nameOf(value: StarlarkValue): string | undefined {
  return isKind(value, "name") && value.of === undefined ? value.name : undefined;
}

function isKind<K extends "name" | "call">(
  value: StarlarkValue,
  kind: K,
): value is Extract<StarlarkValue, { readonly kind: K }> {
  return typeof value === "object" && "kind" in value && value.kind === kind;
}

interface Request {
  readonly artifacts: readonly StarlarkValue[];
  readonly isDev: boolean;
}

/** What a call asks for; undefined when it is none of rules_jvm_external's. */
function requestOf(call: StarlarkCall, rules: ReadonlySet<string>): Request | undefined {
  const { callee, named } = call;
  const artifacts = named.get("artifacts");
  // Artifacts that are no list at all are one that is unknown.
  const listed: readonly StarlarkValue[] =
    artifacts === undefined && !named.has("artifacts") ? [] : Array.isArray(artifacts) ? artifacts : [undefined];
  const rule = nameOf(callee);
  if (rule !== undefined) return rules.has(rule) ? { artifacts: listed, isDev: false } : undefined;
  if (!isKind(callee, "name") || !isKind(callee.of, "call")) return undefined;
  const extension = callee.of;
  const [label, name] = extension.positional;
  if (
    nameOf(extension.callee) !== "use_extension" ||
    typeof label !== "string" ||
    !home.test(label) ||
    name !== "maven"
  )
    return undefined;
  const isDev = nameOf(extension.named.get("dev_dependency")) === "True" || nameOf(named.get("testonly")) === "True";
  if (callee.name === "install") return { artifacts: listed, isDev };
  return callee.name === "artifact" ? { artifacts: [call], isDev } : undefined;
}

/** Of `group:artifact[:packaging[:classifier]]:version`, or of a call with these as arguments; a bill of materials may say the version. */
function coordinatesOf(value: StarlarkValue): Coordinates | "unknown" | "unversioned" {
  if (typeof value === "string") {
    const parts = value.split("@", 1)[0]?.split(":") ?? [];
    return parts.length === 2
      ? "unversioned"
      : checked(parts[0], parts[1], parts.length > 5 ? undefined : parts.at(-1));
  }
  if (!isKind(value, "call")) return "unknown";
  const argument = (name: string, at: number): string | undefined => {
    const given = value.named.get(name) ?? value.positional[at];
    return typeof given === "string" ? given : undefined;
  };
  if (!value.named.has("version") && value.positional.length < 3 && value.named.has("artifact")) return "unversioned";
  return checked(argument("group", 0), argument("artifact", 1), argument("version", 2));
}

function checked(
  group: string | undefined,
  artifact: string | undefined,
  version: string | undefined,
): Coordinates | "unknown" {
  return isToken(group) && isToken(artifact) && isToken(version) ? { group, artifact, version } : "unknown";
}

/** `maven_install.json`, in which rules_jvm_external pins what it resolved: version 2, and the tree of version 1. */
export const bazelMavenLock: FileAnalyzer = parsedFile({
  id: "maven/bazel-lock",
  revision: 2,
  evidence: "declared",
  matches: [{ suffix: "maven_install.json" }],
  sign: /"(?:dependency_tree|artifacts)"\s*:/,
  language: "json",
  steps: jsonDocumentSteps,
  *read({ value, lineOf }, file): Generator<Observation> {
    if (!isRecord(value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, value, lockShape, lineOf);
    for (const entry of listOf(ownValue(ownValue(value, "dependency_tree"), "dependencies"))) {
      const coordinates = coordinatesOf(textOf(ownValue(entry, "coord")) ?? undefined);
      const line = lineOf(entry);
      if (typeof coordinates === "string") yield malformedFile(file, "an entry has no coordinates", line);
      else {
        const dependsOn = textsOf(ownValue(entry, "directDependencies")).flatMap(nameOfCoordinates);
        yield { kind: "package", package: mavenPackage(coordinates, edges(dependsOn)), ...lineFact(line) };
      }
    }
    const needs = ownValue(value, "dependencies");
    for (const [key, entry] of entriesOf(ownValue(value, "artifacts"))) {
      const [group, artifact] = key.split(":");
      const version = textOf(ownValue(entry, "version"));
      const coordinates = checked(group, artifact, version);
      const line = lineOf(entry);
      if (coordinates === "unknown") yield malformedFile(file, `${key.slice(0, 80)} has no version`, line);
      else
        yield {
          kind: "package",
          package: mavenPackage(coordinates, edges(textsOf(ownValue(needs, key)).flatMap(nameOfCoordinates))),
          ...lineFact(line),
        };
    }
  },
});

function nameOfCoordinates(text: string): readonly string[] {
  const [group, artifact] = text.split(":");
  return isToken(group) && isToken(artifact) ? [mavenName(group, artifact)] : [];
}

function edges(dependsOn: readonly string[]): { readonly dependsOn?: readonly string[] } {
  return dependsOn.length === 0 ? {} : { dependsOn: [...new Set(dependsOn)] };
}

function lineFact(line: number | undefined): { readonly line?: number } {
  return line === undefined ? {} : { line };
}
