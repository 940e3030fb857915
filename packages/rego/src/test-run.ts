/** One test that is run: what it prints, which cases it comes to, and what becomes of it. */

import type { Environment } from "./builtins/builtin.ts";
import type { ContextOptions } from "./evaluation/context.ts";
import type { Location } from "./syntax/ast.ts";
import { RegoError } from "./syntax/errors.ts";
import { compareStrings } from "./values/value.ts";
import { keyText } from "./values/text.ts";

/** A rule that is a test. */
export interface TestRule {
  /** The name in its result; see `TestResult`. */
  readonly name: string;
  readonly package: string;
  /** The query that runs the test. */
  readonly query: string;
  readonly location: Location;
  readonly isSkipped: boolean;
  readonly hasCases: boolean;
}

/** The result of one case of a test that has several: `test_sums[note] if { some note, case in cases; … }`. */
export interface TestCase {
  readonly name: string;
  readonly status: "pass" | "fail";
  /** The cases below it, if case names are paths. */
  readonly cases: readonly TestCase[];
}

/** The result of a test. */
export interface TestResult {
  /** `data.package.test_name`; of several rules with one name, the second is `test_name#01`. */
  readonly name: string;
  /** `data.package`. */
  readonly package: string;
  /** `skip`: its name begins with `todo_`, so it was not run. */
  readonly status: "pass" | "fail" | "error" | "skip";
  /** Where the rule stands. */
  readonly location: Location;
  /** The error, with status `error`. */
  readonly error?: RegoError;
  /** The output of `print`, each line with its newline. */
  readonly printed: string;
  /** Duration in milliseconds. */
  readonly milliseconds: number;
  /** The results of its cases, if it has any, sorted by name. */
  readonly cases?: readonly TestCase[];
}

/** Collects the result of a test while it runs. */
export class TestRun {
  readonly #test: TestRule;
  readonly #print: Environment["print"];
  readonly #environment: Environment;
  readonly #clock: () => number;
  readonly #started: number;
  readonly #reached: Map<string, readonly string[]> = new Map();
  #printed = "";

  /** @param clock a monotonic clock in milliseconds */
  constructor(test: TestRule, environment: Environment, clock: () => number) {
    this.#clock = clock;
    this.#started = clock();
    this.#test = test;
    this.#environment = environment;
    this.#print = environment.print;
  }

  /** The settings with which the test must be evaluated. */
  get settings(): Pick<ContextOptions, "environment" | "onTestCase"> {
    const print = (text: string): void => {
      this.#printed += `${text}\n`;
      this.#print?.(text);
    };
    return {
      environment: { ...this.#environment, ...(this.#print === undefined ? {} : { print }) },
      onTestCase: (path) => {
        const names = path.map(keyText);
        this.#reached.set(JSON.stringify(names), names);
      },
    };
  }

  /** The result of a skipped test. */
  skipped(): TestResult {
    return { ...this.#named(), status: "skip", printed: "", milliseconds: 0 };
  }

  /** Runs `query` and returns the result of the test by what it returns or throws. */
  ended(query: () => readonly { readonly expressions: readonly unknown[] }[]): TestResult {
    const ended = {
      ...this.#named(),
      printed: this.#printed,
      milliseconds: this.#clock() - this.#started,
    };
    let value: unknown;
    try {
      value = query()[0]?.expressions[0];
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      return { ...ended, status: "error", error };
    }
    if (value === undefined || !this.#test.hasCases) return { ...ended, status: value === true ? "pass" : "fail" };
    const cases = casesOf(value, [...this.#reached.values()]);
    return { ...ended, status: cases.every(({ status }) => status === "pass") ? "pass" : "fail", cases };
  }

  #named(): Pick<TestResult, "name" | "package" | "location"> {
    const { name, package: packageName, location } = this.#test;
    return { name, package: packageName, location };
  }
}

/** The cases that a test's value tells of, and those that were come to and are not in it: they failed. */
function casesOf(value: unknown, reached: readonly (readonly string[])[]): readonly TestCase[] {
  const members = new Map<string, unknown>(
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [],
  );
  const paths = new Map<string, (readonly string[])[]>();
  for (const [first, ...rest] of reached) {
    if (first === undefined) continue;
    paths.set(first, [...(paths.get(first) ?? []), ...(rest.length === 0 ? [] : [rest])]);
  }
  const names = [...new Set([...members.keys(), ...paths.keys()])].sort(compareStrings);
  return names.map((name) => {
    const member = members.get(name);
    const further = paths.get(name) ?? [];
    const isNested = typeof member === "object" && member !== null && !Array.isArray(member);
    const cases = isNested || further.length > 0 ? casesOf(member, further) : [];
    const failed = !(member === true || isNested) || cases.some(({ status }) => status === "fail");
    return { name, status: failed ? "fail" : "pass", cases };
  });
}
