import { field, listField, parseYaml, record } from "@plimsoll/formats";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../../ignore-rules.ts";

/**
 * Reads the list `ignore` of a YAML document; an entry for which `readEntry` returns a text is a problem with that reason. `alone`:
 * another key beside the list is a mistake; else any is allowed, since the file has other uses.
 */
export function readYamlRules(
  text: string,
  readEntry: (item: unknown, place: string) => IgnoreRule | string,
  alone = false,
): IgnoreRules {
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  const document = record(parseYaml(text)[0]);
  for (const name of Object.keys(document ?? {}))
    if (alone && name !== "ignore") problems.push({ place: name, problem: `"${name}" is none of ignore` });
  if (isWrongList(field(document, "ignore"))) problems.push({ place: "ignore", problem: "it is no list" });
  listField(document, "ignore").forEach((item, index) => {
    const place = `ignore[${index}]`;
    const rule = readEntry(item, place);
    if (typeof rule === "string") problems.push({ place, problem: rule });
    else rules.push(rule);
  });
  return { rules, problems };
}

/** Whether a value is there but is no list. */
export function isWrongList(value: unknown): boolean {
  return value !== undefined && value !== "" && !Array.isArray(value);
}

/** Whether a file of this base name, lower case, is YAML. */
export function isYaml(base: string): boolean {
  return /\.ya?ml$/.test(base);
}
