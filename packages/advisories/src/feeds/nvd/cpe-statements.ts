import { cpeAny, cpeNotApplicable, field, textField } from "@plimsoll/formats";
import type { CpeName } from "@plimsoll/formats";
import type { AffectedPackage, AffectedRange } from "@plimsoll/model";
import { objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import { isForLinux, isLinuxPlatform, wholeCpe } from "../shared/cpe-criteria.ts";

/**
 * What a CVE's configurations say of applications (NVD API 2.0, `configurations`): one entry for each `vendor:product`.
 * Operating systems and hardware are left out, and so is software for another platform than a program of an image
 * (`target_sw` names WordPress, Node.js, Windows …): those are known by other names here.
 */
export function cpeStatements(cve: JsonObject, advisory: string): readonly AffectedPackage[] {
  const byName = new Map<string, { ranges: AffectedRange[]; versions: string[]; expressions: string[] }>();
  for (const configuration of objectsField(cve, "configurations")) {
    const nodes = objectsField(configuration, "nodes").filter((node) => field(node, "negate") !== true);
    if (textField(configuration, "operator") === "AND" && !runsOnLinux(nodes)) continue;
    for (const match of nodes.flatMap((node) => objectsField(node, "cpeMatch"))) {
      if (field(match, "vulnerable") !== true) continue;
      const name = wholeCpe(textField(match, "criteria") ?? "");
      if (name === undefined || name.part !== "a" || name.version === cpeNotApplicable) continue;
      if (!isForLinux(name.targetSoftware)) continue;
      const key = `${name.vendor}:${name.product}`;
      const entry = byName.get(key) ?? { ranges: [], versions: [], expressions: [] };
      byName.set(key, entry);
      addMatch(entry, match, name);
    }
  }
  return [...byName].map(([name, { ranges, versions, expressions }]) => ({
    advisory,
    namespace: "CPE",
    name,
    ranges,
    ...(versions.length === 0 ? {} : { versions: [...new Set(versions)] }),
    ...(expressions.length === 0 ? {} : { expressions }),
  }));
}

/** Whether the platforms that a configuration asks for beside its vulnerable software may be those of a container. */
function runsOnLinux(nodes: readonly JsonObject[]): boolean {
  return nodes.every((node) => {
    const matches = objectsField(node, "cpeMatch");
    if (matches.length === 0 || matches.some((match) => field(match, "vulnerable") === true)) return true;
    return matches.some((match) => isLinuxPlatform(wholeCpe(textField(match, "criteria") ?? "")));
  });
}

function addMatch(
  entry: { readonly ranges: AffectedRange[]; readonly versions: string[]; readonly expressions: string[] },
  match: JsonObject,
  name: CpeName,
): void {
  if (name.version !== cpeAny) {
    entry.versions.push(versionText(name));
    return;
  }
  const after = textField(match, "versionStartExcluding");
  const end = rangeEnd(match);
  if (after === undefined) {
    entry.ranges.push({ introduced: textField(match, "versionStartIncluding") ?? "0", end });
    return;
  }
  const until = end.kind === "open" ? "" : end.kind === "fixed" ? `, < ${end.version}` : `, <= ${end.version}`;
  entry.expressions.push(`> ${after}${until}`);
}

function rangeEnd(match: JsonObject): AffectedRange["end"] {
  const before = textField(match, "versionEndExcluding");
  if (before !== undefined) return { kind: "fixed", version: before };
  const upTo = textField(match, "versionEndIncluding");
  return upTo === undefined ? { kind: "open" } : { kind: "last-affected", version: upTo };
}

/** `1.0.2` and `beta1` are `1.0.2-beta1`; the updates of Java are part of its own version texts: `1.8.0_292`, `11u3`. */
function versionText({ version, update }: CpeName): string {
  if (update === cpeAny || update === cpeNotApplicable) return version;
  const java = /^update_?(\d+)$/.exec(update)?.[1];
  if (java !== undefined) return `${version}${version.startsWith("1.") ? "_" : "u"}${java}`;
  return `${version}-${update}`;
}
