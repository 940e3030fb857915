import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileModules } from "./policies.ts";
import { RegoError } from "./syntax/errors.ts";

interface Program {
  readonly name: string;
  readonly lines: readonly string[];
  readonly want: { readonly value?: string; readonly error?: string };
}

// Written by `npm run rego-differential -- --programs 400 --seed 77 --record …` with opa 1.22.4, which compares many more.
const { input, programs } = JSON.parse(
  readFileSync(new URL("./fixtures/opa-answers.json", import.meta.url), "utf8"),
) as { readonly input: unknown; readonly programs: readonly Program[] };

function answer({ name, lines }: Program): string {
  try {
    const policies = compileModules([{ path: "p.rego", text: `package g\n${lines.join("\n")}\n` }]);
    const text = policies.queryText(`data.g.${name}`, { input });
    return /^\[\{"bindings":\{\},"expressions":\[(.*)\]\}\]$/s.exec(text)?.[1] ?? "undefined";
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return "refused";
  }
}

test("generated programs have the values, as texts, that OPA gives them, and are refused where it refuses them", () => {
  const differing = programs.flatMap((program) => {
    const { value = "undefined", error } = program.want;
    const got = answer(program);
    return got === (error === undefined ? value : "refused") ? [] : [{ lines: program.lines, want: program.want, got }];
  });

  expect(differing).toEqual([]);
  expect(programs.length).toBeGreaterThan(350);
  expect(programs.filter(({ want }) => want.error === undefined).length).toBeGreaterThan(150);
});
