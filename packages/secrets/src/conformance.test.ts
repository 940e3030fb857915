/** Every row of the shared samples: ../shared/conformance/secrets/README.md says what they are. No sample is stored whole. */

import { existsSync, readFileSync } from "node:fs";
import { sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everySecretRule, findSecrets, readTrivySecretConfig, type FoundSecret } from "./index.ts";

interface Sample {
  readonly id: string;
  readonly rule: string | null;
  readonly expect: boolean;
  readonly path: string;
  readonly above?: number;
  readonly parts: readonly string[];
  readonly secret?: readonly [number, number];
  readonly confirmed?: boolean;
}

interface TrivyFile {
  readonly name: string;
  readonly file: string;
  readonly encoding: string;
  readonly config?: string;
  readonly content: readonly string[];
  readonly findings: readonly { readonly ruleID: string; readonly startLine: number; readonly endLine: number }[];
}

interface Place {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

const folder = sharedPath("conformance/secrets");
const load = <T>(name: string): T => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as T;

const called = (secret: FoundSecret, rule: string | null) =>
  secret.id === rule || secret.aliases?.includes(rule ?? "") === true;

/**
 * Rows give the place of the whole match of some program's pattern, delimiters included, where the pattern names no group:
 * the secret lies within.
 */
const within = (secret: FoundSecret, place: Place) =>
  isOrdered(place.startLine, place.startColumn, secret.line, secret.column) &&
  isOrdered(secret.endLine, secret.endColumn, place.endLine, place.endColumn);

const isOrdered = (line: number, column: number, laterLine: number, laterColumn: number) =>
  line < laterLine || (line === laterLine && column <= laterColumn);

describe.skipIf(folder === undefined)("shared samples", async () => {
  // The body of a skipped suite runs, too.
  if (folder === undefined) return;
  const { file } = (await import(/* @vite-ignore */ `${folder}/expand.mjs`)) as {
    file: (sample: Sample, seed: number) => [string, Place];
  };
  const found = (sample: Sample, seed: number) => {
    const [text, place] = file(sample, seed);
    return { secrets: findSecrets(new TextEncoder().encode(text), { path: sample.path }), place };
  };
  const judged = (name: string) => load<Sample[]>(name).filter(({ confirmed }) => confirmed !== false);

  test.each([0, 7])("that are secrets are found at their place, filled with seed %i", (seed) => {
    const missed = judged("positive.json").filter((sample) => {
      const { secrets, place } = found(sample, seed);
      return !secrets.some((secret) => called(secret, sample.rule) && within(secret, place));
    });

    expect(missed.map(({ id }) => id)).toEqual([]);
  });

  test("docs/generated/secret-findings.md says what each rule finds of them", async () => {
    const rows = new Map<string, { positives: number; found: number; negatives: number; taken: number }>();
    const count = (name: "positive.json" | "negative.json"): void => {
      for (const sample of judged(name)) {
        const rule = everySecretRule.find(({ id, aliases = [] }) => [id, ...aliases].includes(sample.rule ?? ""))?.id;
        if (rule === undefined) continue;
        const row = rows.get(rule) ?? { positives: 0, found: 0, negatives: 0, taken: 0 };
        rows.set(rule, row);
        const isFound = found(sample, 0).secrets.some((secret) => called(secret, sample.rule));
        row[name === "positive.json" ? "positives" : "negatives"] += 1;
        if (isFound) row[name === "positive.json" ? "found" : "taken"] += 1;
      }
    };
    count("positive.json");
    count("negative.json");
    const lines = everySecretRule
      .map(({ id }) => id)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((id) => {
        const { positives, found: hits, negatives, taken } = rows.get(id) ?? {};
        return `| \`${id}\` | ${positives === undefined ? "no sample" : `${hits} of ${positives}`} | ${negatives === undefined ? "no sample" : `${taken} of ${negatives}`} |`;
      });
    const sum = (name: "positives" | "negatives"): number =>
      [...rows.values()].reduce((total, row) => total + row[name], 0);
    const samples = `${sum("positives")} samples of secrets and ${sum("negatives")} of what is none`;
    const text = `<!-- Made by the tests of packages/secrets: \`npm run unit -- packages/secrets -u\` -->

# What each rule finds

Of ${samples}, all made by a program and none of them real: how many each rule finds, and how many texts that only look like
its secret it takes for one. \`node benchmarks/secrets.mjs FOLDER…\` says the same of the files of a folder.

| rule | secrets found | others taken for one |
| --- | --- | --- |
${lines.join("\n")}
`;
    // Of other samples other numbers are right: the file is made anew where it is not there.
    const made = new URL("../../../docs/generated/secret-findings.md", import.meta.url);
    if (existsSync(made) && !readFileSync(made, "utf8").includes(samples))
      expect([...rows.values()].filter((row) => row.found < row.positives || row.taken > 0)).toEqual([]);
    else await expect(text).toMatchFileSnapshot("../../../docs/generated/secret-findings.md");
  });

  // The others state the whole match of some program's pattern, with delimiters or the name: docs/decisions/0190.
  test("that are secrets have the place of the row in nine of ten", () => {
    const rows = judged("positive.json");
    const exact = rows.filter((sample) => {
      const { secrets, place } = found(sample, 0);
      return secrets.some(
        (secret) =>
          called(secret, sample.rule) &&
          secret.line === place.startLine &&
          secret.column === place.startColumn &&
          secret.endLine === place.endLine &&
          secret.endColumn === place.endColumn,
      );
    });

    expect(exact.length / rows.length).toBeGreaterThanOrEqual(0.89);
  });

  test.each([0, 7])("that are none are not taken for any, filled with seed %i", (seed) => {
    const wrong = judged("negative.json").filter((sample) => {
      const { secrets } = found(sample, seed);
      return sample.rule === null ? secrets.length > 0 : secrets.some((secret) => called(secret, sample.rule));
    });

    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test("of gitleaks' own tests are judged as there", () => {
    const wrong = judged("published.json").filter(
      (sample) => found(sample, 0).secrets.some((secret) => called(secret, sample.rule)) !== sample.expect,
    );

    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test("of Trivy's own tests give what its configuration asks for", () => {
    const wrong = load<TrivyFile[]>("files.json").filter(({ file: path, encoding, config, content, findings }) => {
      const text = content.join("");
      const bytes =
        encoding === "base64"
          ? Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0))
          : new TextEncoder().encode(text);
      const rules = readTrivySecretConfig(config ?? "");
      const secrets = findSecrets(bytes, { path, rules, skippedPaths: rules.skippedPaths });
      const all = findings.every(({ ruleID, startLine, endLine }) =>
        secrets.some((secret) => called(secret, ruleID) && secret.line === startLine && secret.endLine === endLine),
      );
      return !all || (findings.length === 0 && secrets.length > 0);
    });

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("are of kinds that there are rules for", () => {
    const names = new Set(everySecretRule.flatMap(({ id, aliases = [] }) => [id, ...aliases]));
    const kinds = load<{ rule: string; names: Record<string, string> }[]>("rules.json");

    expect(
      kinds.flatMap(({ rule, names: others }) => [rule, ...Object.values(others)]).filter((name) => !names.has(name)),
    ).toEqual([]);
  });
});
