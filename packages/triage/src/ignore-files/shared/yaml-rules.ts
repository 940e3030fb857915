import { parseYaml } from "@plimsoll/formats";
import { fieldsOf, listField } from "../../document-fields.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../../ignore-rules.ts";

/** Reads the list `ignore` of a YAML document; an entry that `readEntry` answers with a text is a problem, and the others hold. */
export function readYamlRules(
  text: string,
  readEntry: (item: unknown, place: string) => IgnoreRule | string,
): IgnoreRules {
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  listField(fieldsOf(parseYaml(text)[0]), "ignore").forEach((item, index) => {
    const place = `ignore[${index}]`;
    const rule = readEntry(item, place);
    if (typeof rule === "string") problems.push({ place, problem: rule });
    else rules.push(rule);
  });
  return { rules, problems };
}
