import { field, textField } from "@plimsoll/formats";
import type { AffectedImport, AffectedQualifiers, FixStatus } from "@plimsoll/model";
import { commaList } from "../shared/comma-list.ts";
import { readGoImport } from "../shared/go-import.ts";
import { objectField, objectsField, textsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/**
 * Facts of `ecosystem_specific` and `database_specific` that decide whether an entry applies to an installed package. `modules` are those
 * that the title of the record names.
 */
export function readQualifiers(affected: JsonObject, modules: readonly string[] = []): AffectedQualifiers | undefined {
  const ecosystem = objectField(affected, "ecosystem_specific");
  const database = objectField(affected, "database_specific");
  const affects = objectField(ecosystem, "affects");
  const informational = textField(database, "informational");
  const urgency = textField(ecosystem, "urgency");
  const module = textField(ecosystem, "module") ?? textField(ecosystem, "modularity");
  const lists = {
    imports: imports(ecosystem),
    customRanges: customRanges(ecosystem),
    // RustSec's, else that of a distribution: as a list, or as a text with commas.
    arch: [
      textsField(affects, "arch"),
      textsField(ecosystem, "arch"),
      commaList(textField(ecosystem, "arch") ?? ""),
    ].find(({ length }) => length > 0),
    os: textsField(affects, "os"),
    functions: textsField(affects, "functions"),
    modules: module === undefined ? statedModules(affected, modules) : commaList(module),
    binaries: binaries(ecosystem),
  };
  const found: AffectedQualifiers = {
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined && list.length > 0)),
    ...(informational === undefined ? {} : { informational }),
    ...(urgency === undefined ? {} : { urgency }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

/**
 * The modules that the title of an erratum names: `Important: virt:rhel and virt-devel:rhel security update`. AlmaLinux's and Rocky's
 * records state it nowhere else.
 */
export function modulesIn(title: string): readonly string[] {
  return title.split(/[\s,]+/).filter((word) => /^[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*$/.test(word));
}

/** The modules that the title names, for an entry whose fix is a build of a module; else none. */
function statedModules(affected: JsonObject, modules: readonly string[]): readonly string[] {
  const fixes = objectsField(affected, "ranges").flatMap((range) =>
    objectsField(range, "events").flatMap((event) => textField(event, "fixed") ?? []),
  );
  return fixes.some((fix) => /\.module[+_]/.test(fix)) ? modules : [];
}

/** What the publisher says about a fix: Wolfi's last event, Debian's end of life. */
export function readStatus(affected: JsonObject): FixStatus | undefined {
  const status = textField(objectField(affected, "database_specific"), "status");
  const known = status === undefined ? undefined : statuses.get(status);
  if (known !== undefined) return known;
  const urgency = textField(objectField(affected, "ecosystem_specific"), "urgency");
  return urgency === "end-of-life" ? "end_of_life" : undefined;
}

const statuses: ReadonlyMap<string, FixStatus> = new Map([
  ["fixed", "fixed"],
  ["pending-upstream-fix", "fix_deferred"],
  ["fix-not-planned", "will_not_fix"],
  ["true-positive-determination", "affected"],
  ["true-positive-determined", "affected"],
]);

function imports(ecosystem: JsonObject | undefined): readonly AffectedImport[] {
  return objectsField(ecosystem, "imports").flatMap((entry) => readGoImport(entry) ?? []);
}

function customRanges(ecosystem: JsonObject | undefined): readonly string[] {
  return objectsField(ecosystem, "custom_ranges").flatMap((range) =>
    objectsField(range, "events")
      .flatMap((event) => {
        const introduced = textField(event, "introduced");
        const fixed = textField(event, "fixed");
        return introduced !== undefined ? [`>=${introduced}`] : fixed !== undefined ? [`<${fixed}`] : [];
      })
      .join(" ")
      .split(/ (?=>=)/)
      .filter((part) => part !== ""),
  );
}

/** `[{ binary_name, binary_version }]`, or older records' `[{ name: version }]`. */
function binaries(ecosystem: JsonObject | undefined): readonly string[] {
  const names = objectsField(ecosystem, "binaries").flatMap((entry) =>
    field(entry, "binary_name") === undefined ? Object.keys(entry) : (textField(entry, "binary_name") ?? []),
  );
  return [...new Set(names)];
}
