import type { AffectedQualifiers, FixStatus } from "@plimsoll/model";
import { field, objectField, objectsField, textField, textsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/**
 * Facts of `ecosystem_specific` and `database_specific` that decide whether an entry applies to an installed package:
 *
 * - `imports`: JSON `[{ path, symbols?, goos?, goarch? }]`, Go: https://go.dev/doc/security/vuln/database#schema
 * - `customRanges`: `>=1.0 <1.2 || …`, Go: versions outside of the module proxy's knowledge
 * - `informational`: `unmaintained`, `unsound`, `notice`; RustSec
 * - `arch`, `os`, `functions`: comma-separated; RustSec
 * - `module`: `name:stream`, comma-separated, `arch`: comma-separated; distributions
 * - `binaries`: comma-separated names of binary packages; Ubuntu
 * - `urgency`: Debian
 */
export function readQualifiers(affected: JsonObject, modules: readonly string[] = []): AffectedQualifiers | undefined {
  const ecosystem = objectField(affected, "ecosystem_specific");
  const database = objectField(affected, "database_specific");
  const affects = objectField(ecosystem, "affects");
  const found: { -readonly [Name in keyof AffectedQualifiers]: AffectedQualifiers[Name] } = {};
  const put = (name: keyof AffectedQualifiers, value: string | undefined): void => {
    if (value !== undefined && value !== "") found[name] = value;
  };
  put("imports", imports(ecosystem));
  put("customRanges", customRanges(ecosystem));
  put("informational", textField(database, "informational"));
  put("arch", listed(affects, "arch") ?? listed(ecosystem, "arch") ?? textField(ecosystem, "arch"));
  put("os", listed(affects, "os"));
  put("functions", listed(affects, "functions"));
  put(
    "module",
    textField(ecosystem, "module") ?? textField(ecosystem, "modularity") ?? statedModules(affected, modules),
  );
  put("binaries", binaries(ecosystem));
  put("urgency", textField(ecosystem, "urgency"));
  return Object.keys(found).length === 0 ? undefined : found;
}

/**
 * The modules that the title of an erratum names: `Important: virt:rhel and virt-devel:rhel security update`. AlmaLinux's and Rocky's
 * records state it nowhere else.
 */
export function modulesIn(title: string): readonly string[] {
  return title.split(/[\s,]+/).filter((word) => /^[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*$/.test(word));
}

/** Only of an entry whose fix is a build of a module. */
function statedModules(affected: JsonObject, modules: readonly string[]): string | undefined {
  const fixes = objectsField(affected, "ranges").flatMap((range) =>
    objectsField(range, "events").flatMap((event) => textField(event, "fixed") ?? []),
  );
  return modules.length > 0 && fixes.some((fix) => /\.module[+_]/.test(fix)) ? modules.join(",") : undefined;
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

function imports(ecosystem: JsonObject | undefined): string | undefined {
  const entries = objectsField(ecosystem, "imports").flatMap((entry) => {
    const path = textField(entry, "path");
    if (path === undefined) return [];
    const lists = (["symbols", "goos", "goarch"] as const).flatMap((name) => {
      const values = textsField(entry, name);
      return values.length === 0 ? [] : [[name, values] as const];
    });
    return [{ path, ...Object.fromEntries(lists) }];
  });
  return entries.length === 0 ? undefined : JSON.stringify(entries);
}

function customRanges(ecosystem: JsonObject | undefined): string | undefined {
  const alternatives = objectsField(ecosystem, "custom_ranges").map((range) =>
    objectsField(range, "events")
      .flatMap((event) => {
        const introduced = textField(event, "introduced");
        const fixed = textField(event, "fixed");
        return introduced !== undefined ? [`>=${introduced}`] : fixed !== undefined ? [`<${fixed}`] : [];
      })
      .join(" ")
      .replaceAll(/ (?=>=)/g, " || "),
  );
  return alternatives.length === 0 ? undefined : alternatives.join(" || ");
}

function listed(holder: JsonObject | undefined, name: string): string | undefined {
  const values = textsField(holder, name);
  return values.length === 0 ? undefined : values.join(",");
}

/** `[{ binary_name, binary_version }]`, or older records' `[{ name: version }]`. */
function binaries(ecosystem: JsonObject | undefined): string | undefined {
  const names = objectsField(ecosystem, "binaries").flatMap((entry) =>
    field(entry, "binary_name") === undefined ? Object.keys(entry) : (textField(entry, "binary_name") ?? []),
  );
  return names.length === 0 ? undefined : [...new Set(names)].join(",");
}
