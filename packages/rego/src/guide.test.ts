import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { standardBuiltins } from "./builtins/index.ts";
import { refusedBuiltins } from "./builtins/refused.ts";
import { compileModules } from "./index.ts";

const page = readFileSync(new URL("../../../docs/guide/rego.md", import.meta.url), "utf8");

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, text = ""]) => text);
}

test("the guide's policy gives what the guide says, and its tests pass", () => {
  const modules = blocks("rego").map((text, index) => ({ path: `${index}.rego`, text }));
  const [input, answer] = blocks("json").map((text) => JSON.parse(text) as unknown);
  const policies = compileModules(modules, { strict: true });
  expect(policies.query("data.images.deny", { input })[0]?.expressions[0]).toEqual(answer);
  const results = policies.test();
  expect(results.length).toBe(2);
  expect(results.map(({ status }) => status)).toEqual(["pass", "pass"]);
});

test("docs/generated/rego-builtins.md lists every built-in function and every refusal", async () => {
  const names = [...standardBuiltins.keys()].filter((name) => !name.startsWith("internal.")).sort();
  const lines = names
    .filter((name) => !refusedBuiltins.has(name))
    .map((name) => `- \`${name}\`${standardBuiltins.get(name)?.deprecated === true ? " (v0 only)" : ""}`);
  const refused = [...refusedBuiltins].map(([name, reason]) => `| \`${name}\` | ${reason} |`);
  const text = `<!-- Made by the tests of packages/rego: \`npm run unit -- packages/rego -u\` -->

# Built-in functions of Rego

${lines.length} functions are there, with the names, types and messages of OPA 1.22.4:

${lines.join("\n")}

## Refused

${refused.length} are refused when they are called, never undefined. A caller who gives a function of the same name has it.

| function | reason |
| --- | --- |
${refused.join("\n")}

\`time.now_ns\`, \`rand.intn\` and \`uuid.rfc4122\` need a clock and randomness, and tokens signed with keys need cryptography: they are
there when the caller injects them, as the command line does.
`;
  expect(refusedBuiltins.size).toBeLessThanOrEqual(25);
  await expect(text).toMatchFileSnapshot("../../../docs/generated/rego-builtins.md");
});
