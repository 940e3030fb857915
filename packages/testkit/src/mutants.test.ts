import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly status: string;
  readonly reason?: string;
}
type Entry = Readonly<Partial<Record<"file" | "mutator" | "from" | "to" | "on", string | RegExp>>> & {
  readonly reason: string;
};
/** A line that a run says of a mutant. */
interface Said {
  readonly id: string;
  readonly begun?: true;
  readonly status?: string;
  readonly fresh?: string;
}
interface Judging {
  judgeSurvivors(
    tried: readonly Mutant[],
    known: readonly Entry[],
  ): { readonly tried: readonly Mutant[]; readonly stale: readonly Entry[] };
  countLoops(text: string, parse: (text: string) => object): string;
  noteOutcomes(said: readonly Said[], outcomes: Map<string, { readonly status: string }>, unsaid?: string): void;
  mutationPage(result: { readonly title: string; readonly tried: readonly Mutant[] }): string;
  verdictOf(result: { readonly tried: readonly Mutant[]; readonly stale: readonly Entry[] }): readonly string[];
  readonly knownSurvivors: readonly Entry[];
}

// Tasks are plain JavaScript, which runs before anything is built; only their test knows what they give.
async function load<Name extends keyof Judging>(file: string): Promise<Pick<Judging, Name>> {
  return (await import(new URL(`../tasks/mutation/${file}.mjs`, import.meta.url).href)) as Judging;
}

const mutant: Mutant = {
  file: "matcher/src/a.ts",
  line: 1,
  mutator: "ConditionalExpression",
  from: "list.length === 0",
  to: "false",
  text: "if (list.length === 0) return [];",
  status: "survived",
};
const fast = { file: "matcher/src/a.ts", from: "list.length === 0", to: "false", reason: "the loop gives the same" };
/** Enough mutants that tests notice. */
const noticed = Array.from({ length: 19 }, (_, line) => ({ ...mutant, line, to: "true", status: "killed" }));

describe("the list of survivors", () => {
  const problems = async (tried: readonly Mutant[], known: readonly Entry[]): Promise<readonly string[]> => {
    const { judgeSurvivors, verdictOf } = await load<"judgeSurvivors" | "verdictOf">("judge-survivors");
    return verdictOf(judgeSurvivors(tried, known));
  };

  test("is to hold each of them", async () => {
    expect(await problems([...noticed, mutant], [fast])).toEqual([]);
    expect(await problems([...noticed, mutant], [])).toEqual([
      "survived packages/matcher/src/a.ts:1 list.length === 0 → false",
    ]);
  });

  test("holds no others: an entry fails once a test notices its mutant, or its code is gone", async () => {
    const stale = "known-survivors.mjs tells of matcher/src/a.ts: list.length === 0 → false, which does not survive";

    expect(await problems([...noticed, { ...mutant, status: "killed" }], [fast])).toEqual([stale]);
    expect(await problems([...noticed, { ...mutant, status: "hangs" }], [fast])).toEqual([stale]);
    expect(await problems(noticed, [fast])).toEqual([stale]);
  });

  test("says nothing of files that another group tries", async () => {
    expect(await problems(noticed, [{ ...fast, file: "triage/src/a.ts" }])).toEqual([]);
  });

  test.each<Entry>([
    { ...fast, to: "true" },
    { ...fast, from: "list.length" },
    { ...fast, from: /list/ },
    { ...fast, on: /return \[\];/ },
    { ...fast, mutator: "ArrayDeclaration" },
    { ...fast, file: /matcher\/src\/b\.ts/ },
  ])("means the whole of what it names: %o does not fit", async (entry) => {
    expect(await problems([...noticed, mutant], [entry])).toContain(
      "survived packages/matcher/src/a.ts:1 list.length === 0 → false",
    );
  });

  test("may name those of one form", async () => {
    const form = {
      file: /matcher\/src\/\w+\.ts/,
      mutator: mutant.mutator,
      on: /if \(.*\) return \[\];/,
      reason: "fast",
    };

    expect(await problems([...noticed, mutant, { ...mutant, from: "none" }], [form])).toEqual([]);
  });

  test("does not help where too few are noticed", async () => {
    expect(await problems([...noticed.slice(0, 5), mutant], [fast])).toEqual([
      "5 of 6 noticed (83.3 %), 85 % are to be",
    ]);
  });

  test("gives each a reason", async () => {
    const { knownSurvivors } = await load<"knownSurvivors">("known-survivors");

    for (const { file, reason, ...rest } of knownSurvivors) {
      expect(reason).toMatch(/\w+ \w+/);
      expect(file).toBeDefined();
      expect(Object.keys(rest), reason).not.toEqual([]);
    }
  });
});

test("the pages that were written give reasons of the list", async () => {
  const { knownSurvivors } = await load<"knownSurvivors">("known-survivors");
  const reasons = new Set(["Without a reason yet", ...knownSurvivors.map(({ reason }) => reason)]);
  const folder = new URL("../../../docs/generated/mutants/", import.meta.url);
  const headings = readdirSync(folder).flatMap((name) =>
    [...readFileSync(new URL(name, folder), "utf8").matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading),
  );

  expect(headings.length).toBeGreaterThan(10);
  expect(headings.filter((heading) => !reasons.has(heading))).toEqual([]);
});

test("the page of a group has its survivors by reason", async () => {
  const { mutationPage } = await load<"mutationPage">("mutation-page");

  expect(mutationPage({ title: "Matcher", tried: [...noticed, { ...mutant, reason: fast.reason }] })).toBe(
    `# Mutants: Matcher

Written by \`npm run mutation\`. A mutant is one small change of a rule; it is noticed when a test of the same package fails.

19 of 20 are noticed, 95.0 %.

## the loop gives the same

- \`matcher/src/a.ts:1\` \`\` list.length === 0 \`\` becomes \`\` false \`\`

`,
  );
});

test("a mutant that is to be tried once more is none that was noticed, one that was begun and not ended is", async () => {
  const { noteOutcomes } = await load<"noteOutcomes">("note-outcomes");
  const said: readonly Said[] = [
    { id: "1", begun: true },
    { id: "1", status: "survived" },
    { id: "2", begun: true },
    { id: "2", fresh: "what it computes is remembered" },
    { id: "3", begun: true },
    { id: "4", fresh: "evaluated when the module is loaded" },
    { id: "5", begun: true },
  ];
  const noted = (unsaid?: string): readonly (readonly [string, string])[] => {
    const outcomes = new Map<string, { readonly status: string }>();
    noteOutcomes(said, outcomes, unsaid);
    return [...outcomes].map(([id, { status }]) => [id, status]);
  };

  expect(noted()).toEqual([
    ["1", "survived"],
    ["3", "killed"],
    ["5", "hangs"],
  ]);
  expect(noted("killed")).toEqual([
    ["1", "survived"],
    ["3", "killed"],
    ["5", "killed"],
  ]);
});

test("loops are counted, with and without braces", async () => {
  const { countLoops } = await load<"countLoops">("count-loops");
  const text = "while (go) { go--; } do go++; while (go < 3);";
  const loop = (type: string, kind: string, from: string, to: string): object => {
    const start = text.indexOf(from);
    return { type, body: { type: kind, start, end: start + to.length } };
  };
  const program = [
    loop("WhileStatement", "BlockStatement", "{ go--", "{ go--; }"),
    loop("DoWhileStatement", "ExpressionStatement", "go++;", "go++;"),
  ];
  const counted = countLoops(text, () => ({ program }));
  const rounds = (limit: number): unknown =>
    new Function("__loops__", `let go = 4; ${counted} return [go, __loops__.count];`)({ count: 0, limit });

  expect(rounds(100)).toEqual([3, 7]);
  expect(() => rounds(5)).toThrow("a loop that does not end");
});
