import { field, listField, parseYaml, record, textField } from "@plimsoll/formats";
import type { FindingKind } from "@plimsoll/model";
import { textsField } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";
import { misreadField } from "./shared/known-fields.ts";
import { compileScope, describeScope } from "./shared/scope.ts";
import { isWrongList } from "./shared/yaml-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";
import { isYaml } from "./shared/yaml-rules.ts";

/** The sections, each for findings of one kind. */
const sections: readonly (readonly [name: string, kind: FindingKind])[] = [
  ["vulnerabilities", "vulnerability"],
  ["misconfigurations", "misconfiguration"],
  ["secrets", "secret"],
  ["licenses", "license"],
];

const forms = { id: "text", paths: "texts", purls: "texts", expired_at: "moment", statement: "text" } as const;

/** Trivy's rules with paths and dates: `.trivyignore.yaml`. */
export const trivyignoreYaml: IgnoreDialect<"trivyignore-yaml"> = {
  id: "trivyignore-yaml",
  claims: (base) => isYaml(base) && base.includes("trivy"),
  resembles: (text) => /^vulnerabilities\s*:/m.test(text),
  read: readTrivyignoreYaml,
};

/** Reads `.trivyignore.yaml`: https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml */
function readTrivyignoreYaml(text: string): IgnoreRules {
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  const document = record(parseYaml(text)[0]);
  const read = (item: unknown, place: string, kind: FindingKind): void => {
    const entry = record(item);
    const misread = entry === undefined ? "not a mapping" : misreadField(entry, forms);
    if (misread !== undefined) {
      problems.push({ place, problem: misread });
      return;
    }
    const id = textField(entry, "id");
    const expires = readExpiry(field(entry, "expired_at"));
    if (id === undefined) problems.push({ place, problem: "no id" });
    else if (expires === "unreadable") problems.push({ place, problem: `${id} has an expiry that is no date` });
    else {
      const paths = textsField(entry, "paths");
      const scope = { ids: [id], kinds: [kind], names: [], purls: textsField(entry, "purls"), paths };
      const matches = compileScope(scope);
      if (typeof matches === "string") problems.push({ place, problem: matches });
      else
        rules.push({
          scope: describeScope(scope),
          place,
          reason: textField(entry, "statement"),
          expires,
          ids: scope.ids,
          matches,
        });
    }
  };
  for (const name of Object.keys(document ?? {}))
    if (!sections.some(([section]) => section === name))
      problems.push({
        place: name,
        problem: `"${name}" is none of ${sections.map(([section]) => section).join(", ")}`,
      });
  for (const [name] of sections)
    if (isWrongList(field(document, name))) problems.push({ place: name, problem: "it is no list" });
  for (const [name, kind] of sections)
    listField(document, name).forEach((item, index) => read(item, `${name}[${index}]`, kind));
  return { rules, problems };
}
