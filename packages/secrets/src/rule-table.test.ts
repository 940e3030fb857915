import { expect, test } from "vitest";
import { defaultSkippedPaths, everySecretRule, type SecretRule } from "./index.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function whereOf({ path, near, pattern }: SecretRule): string {
  if (pattern === undefined) return `the file itself, by its name \`${path ?? ""}\``;
  const kind = near?.assignment === true ? "a value assigned to a telling name" : "anywhere";
  return path === undefined ? kind : `${kind}, in files \`${path}\``;
}

test("docs/generated/secret-rules.md lists every rule and every path that is left out", async () => {
  const rules = everySecretRule
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((rule) => {
      const { id, aliases = [], title, category, severity, keywords, minEntropy, check } = rule;
      const cells = [
        `\`${id}\`${aliases.length === 0 ? "" : `<br>${aliases.map((alias) => `\`${alias}\``).join(", ")}`}`,
        title,
        category,
        severity,
        keywords.map((keyword) => `\`${keyword}\``).join(", "),
        whereOf(rule),
        minEntropy === undefined ? "" : String(minEntropy),
        check ?? "",
      ];
      return `| ${cells.map(cell).join(" | ")} |`;
    });
  const paths = defaultSkippedPaths.map(
    ({ id, description, pattern }) => `| \`${id}\` | ${description} | \`${cell(pattern)}\` |`,
  );
  const text = `<!-- Made by the tests of packages/secrets: \`npm run unit -- packages/secrets -u\` -->

# Rules about secrets

${rules.length} rules. Below an id stand the names that other scanners have for the same kind. \`Entropy\` is what a secret must exceed, in bits a
character; \`check\` is a check of its form, which makes a finding surer or less sure.

| rule | finds | of | severity | keywords | where | entropy | check |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rules.join("\n")}

## Paths that are left out

\`--secret-all-paths\` searches them, too.

| name | what | pattern |
| --- | --- | --- |
${paths.join("\n")}
`;
  await expect(text).toMatchFileSnapshot("../../../docs/generated/secret-rules.md");
});
