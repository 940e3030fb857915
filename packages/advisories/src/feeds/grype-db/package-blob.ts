import { field, textField } from "@plimsoll/formats";
import type { AffectedPackage, AffectedQualifiers, AffectedRange, FixStatus } from "@plimsoll/model";
import { commaList } from "../shared/comma-list.ts";
import { readGoImport } from "../shared/go-import.ts";
import { objectField, objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** What a package blob states about versions: https://github.com/anchore/grype, grype/db/v6/blobs.go. */
export type BlobStatement = Omit<AffectedPackage, "advisory" | "namespace" | "name">;

/** Reads a package blob into a statement for each of its ranges, since the state of the fix holds for its own range only. */
export function readPackageBlob(blob: JsonObject): readonly BlobStatement[] {
  const qualifiers = readQualifiers(objectField(blob, "qualifiers"));
  return objectsField(blob, "ranges").flatMap((range) => {
    const fix = objectField(range, "fix");
    const state = textField(fix, "state");
    if (state === "not-affected") return [];
    const version = state === "fixed" ? textField(fix, "version") : undefined;
    const constraint = field(objectField(range, "version"), "constraint");
    const status = version === undefined ? statuses.get(state ?? "") : undefined;
    return [
      {
        ...readConstraint(typeof constraint === "string" ? constraint : "", version),
        ...(version === undefined ? {} : { patched: [version] }),
        ...(status === undefined ? {} : { status }),
        ...(qualifiers === undefined ? {} : { qualifiers }),
      },
    ];
  });
}

const statuses: ReadonlyMap<string, FixStatus> = new Map([
  ["not-fixed", "affected"],
  ["wont-fix", "will_not_fix"],
]);

/**
 * `>= 1, < 2 || = 3` (grype/version): alternatives that are plain spans become ranges, others stay expressions. An empty one
 * holds for every version. Only a bound that is the stated fix is written as one.
 */
export function readConstraint(
  constraint: string,
  fix: string | undefined,
): Pick<AffectedPackage, "ranges" | "versions" | "expressions"> {
  const ranges: AffectedRange[] = [];
  const versions: string[] = [];
  const expressions: string[] = [];
  for (const alternative of constraint.split("||").map((part) => part.trim())) {
    const range = spanOf(alternative, fix);
    const exact = /^=?\s*([^\s<>=,|]+)$/.exec(alternative)?.[1];
    if (alternative === "") ranges.push({ introduced: "0", end: { kind: "open" } });
    else if (exact !== undefined) versions.push(exact);
    else if (range !== undefined) ranges.push(range);
    else expressions.push(alternative);
  }
  return {
    ranges,
    ...(versions.length === 0 ? {} : { versions }),
    ...(expressions.length === 0 ? {} : { expressions }),
  };
}

function spanOf(alternative: string, fix: string | undefined): AffectedRange | undefined {
  const [, from, operator, to] =
    /^(?:>=\s*([^\s<>=,|]+)\s*(?:,\s*)?)?(?:(<=?)\s*([^\s<>=,|]+))?$/.exec(alternative) ?? [];
  const introduced = from ?? "0";
  if (to === undefined) return from === undefined ? undefined : { introduced, end: { kind: "open" } };
  if (operator === "<=") return { introduced, end: { kind: "last-affected", version: to } };
  return to === fix ? { introduced, end: { kind: "fixed", version: to } } : undefined;
}

function readQualifiers(stated: JsonObject | undefined): AffectedQualifiers | undefined {
  // An empty text is a statement, too: it is about the plain build.
  const module = field(stated, "rpm_modularity");
  const architecture = textField(stated, "architecture");
  const imports = objectsField(stated, "go_imports").flatMap((entry) => readGoImport(entry) ?? []);
  const found: AffectedQualifiers = {
    ...(typeof module === "string" ? { modules: commaList(module) } : {}),
    ...(architecture === undefined || architecture === "binary-no-arch-specified" ? {} : { arch: [architecture] }),
    ...(imports.length === 0 ? {} : { imports }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}
