import { parseYaml } from "@plimsoll/formats";
import { field, fieldsOf, listField, textField, textsField } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";
import { compileScope, describeScope } from "./shared/scope.ts";

/** Reads `.trivyignore.yaml`, its `vulnerabilities`: https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml */
export function readTrivyignoreYaml(text: string): IgnoreRules {
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  const document = fieldsOf(parseYaml(text)[0]);
  listField(document, "vulnerabilities").forEach((item, index) => {
    const place = `vulnerabilities[${index}]`;
    const entry = fieldsOf(item);
    const id = textField(entry, "id");
    const expires = readExpiry(field(entry, "expired_at"));
    if (id === undefined) problems.push({ place, problem: "no id" });
    else if (expires === "unreadable") problems.push({ place, problem: `${id} has an expiry that is no date` });
    else {
      const scope = { ids: [id], paths: textsField(entry, "paths"), purls: textsField(entry, "purls") };
      const matches = compileScope(scope);
      if (typeof matches === "string") problems.push({ place, problem: matches });
      else rules.push({ about: describeScope(scope), place, reason: textField(entry, "statement"), expires, matches });
    }
  });
  return { rules, problems };
}
