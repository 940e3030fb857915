import { goesBy } from "@plimsoll/model";
import { readExpiry } from "../expiry.ts";
import type { IgnoreRule, IgnoreRules, RuleProblem } from "../ignore-rules.ts";
import type { IgnoreDialect } from "../ignore-dialect.ts";

/** Trivy's list of ids: `.trivyignore`. Most lists of other names are written so, too. */
export const trivyignore: IgnoreDialect<"trivyignore"> = {
  id: "trivyignore",
  claims: (base) => base.endsWith(".trivyignore"),
  mayBeEmpty: true,
  read: readTrivyignore,
};

/** Reads `.trivyignore`: one id a line, `#` for comments, `exp:2023-01-01` behind an id. https://trivy.dev/latest/docs/configuration/filtering */
function readTrivyignore(text: string): IgnoreRules {
  const rules: IgnoreRule[] = [];
  const problems: RuleProblem[] = [];
  text.split("\n").forEach((content, index) => {
    const line = index + 1;
    const place = `line ${line}`;
    const [before = "", comment] = splitComment(content);
    const [id, ...words] = before.split(/\s/).filter((word) => word !== "");
    if (id === undefined) return;
    // Prose behind an id is common; what looks like a condition is none here, and would be dropped.
    const odd = words.find((word) => /^exp(?!:)/i.test(word) || (/^[\w-]+[:=]/.test(word) && !word.startsWith("exp:")));
    if (odd !== undefined) {
      problems.push({ place, line, problem: `"${odd}" behind ${id} is no exp:DATE` });
      return;
    }
    const expires = readExpiry(words.find((word) => word.startsWith("exp:"))?.slice("exp:".length));
    if (expires === "unreadable") problems.push({ place, line, problem: `${id} has an expiry that is no date` });
    else
      rules.push({
        scope: id,
        place,
        line,
        reason: comment,
        expires,
        ids: [id],
        matches: (finding) => goesBy(finding, [id]),
      });
  });
  return { rules, problems };
}

/** A comment begins at a `#` that stands first or behind a space: ids hold none. */
function splitComment(line: string): readonly [before: string, comment: string | undefined] {
  const at = /(?:^|\s)#/.exec(line)?.index;
  if (at === undefined) return [line, undefined];
  const comment = line.slice(line.indexOf("#", at) + 1).trim();
  return [line.slice(0, at), comment === "" ? undefined : comment];
}
