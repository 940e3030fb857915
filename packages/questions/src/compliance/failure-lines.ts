import type { ScanResult } from "./scan-result.ts";

/** The failures of a result, one line each: where, the id, and what is wrong. */
export function failureLines({
  Target = "",
  Misconfigurations = [],
  Vulnerabilities = [],
  Secrets = [],
}: ScanResult): readonly string[] {
  const all: readonly object[] = [...Misconfigurations, ...Vulnerabilities, ...Secrets];
  return all.map((each) => {
    const fact = (name: string): string => {
      const value: unknown = Reflect.get(each, name);
      return typeof value === "string" ? value : "";
    };
    const id = fact("ID") || fact("AVDID") || fact("VulnerabilityID") || fact("RuleID");
    const place = [Target, lineOf(each)].filter(Boolean).join(":");
    const packaged = [fact("PkgName"), fact("InstalledVersion")].filter(Boolean).join(" ");
    const said = [packaged, fact("Message") || fact("Title")].filter(Boolean).join(": ");
    return [place, [id, fact("Severity")].filter(Boolean).join(" "), said].filter(Boolean).join(" · ");
  });
}

function lineOf(each: object): string {
  const cause: unknown = Reflect.get(each, "CauseMetadata") ?? each;
  const line: unknown = typeof cause === "object" && cause !== null ? Reflect.get(cause, "StartLine") : undefined;
  return typeof line === "number" ? String(line) : "";
}
