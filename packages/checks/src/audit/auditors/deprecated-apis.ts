import { outdatedApi } from "../../shared/outdated-apis.ts";
import type { ClusterVersion } from "../audit-config.ts";
import type { Auditor, AuditLevel } from "../auditor.ts";

/** API versions that are deprecated or gone. Add to `shared/outdated-apis.ts` when a release deprecates more. */
export const deprecatedApis: Auditor = {
  name: "deprecatedapis",
  *audit({ object }, { config }) {
    const outdated = outdatedApi(object.apiVersion, object.kind);
    if (outdated === undefined) return;
    const deprecated = versionOf(outdated.deprecated);
    const removed = versionOf(outdated.removed);
    const { introduced } = outdated;
    const early = config.currentVersion !== undefined && isBefore(config.currentVersion, deprecated);
    const gone = config.targetedVersion !== undefined && !isBefore(config.targetedVersion, removed);
    const level: AuditLevel = gone ? "error" : early ? "info" : "warning";
    yield {
      rule: "DeprecatedAPIUsed",
      level,
      message: [
        `${object.apiVersion} ${object.kind} is deprecated in v${outdated.deprecated}+, unavailable in v${outdated.removed}+`,
        introduced === "" ? "" : `, introduced in v${introduced}+`,
        outdated.replacement === "" ? "" : `; use ${outdated.replacement} ${object.kind}`,
      ].join(""),
      metadata: {
        ...majorMinor("Deprecated", deprecated),
        ...majorMinor("Removed", removed),
        ...(introduced === "" ? {} : majorMinor("Introduced", versionOf(introduced))),
        ...(outdated.replacement === ""
          ? {}
          : { ReplacementGroup: outdated.replacement, ReplacementKind: object.kind }),
      },
      path: [...object.path, "apiVersion"],
    };
  },
};

function versionOf(text: string): ClusterVersion {
  const [major = "0", minor = "0"] = text.split(".");
  return [Number(major), Number(minor)];
}

function isBefore([major, minor]: ClusterVersion, [otherMajor, otherMinor]: ClusterVersion): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

function majorMinor(name: string, [major, minor]: ClusterVersion): Readonly<Record<string, string>> {
  return { [`${name}Major`]: String(major), [`${name}Minor`]: String(minor) };
}
