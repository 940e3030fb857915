import { compile } from "@plimsoll/re2";
import { PolicyError } from "../policy-error.ts";

/** Which tests and cases of a suite run. */
export interface SuiteFilter {
  test(name: string, caseNames: readonly string[]): boolean;
  case(testName: string, caseName: string): boolean;
}

/**
 * gator's `--run`: one regular expression that a test or a case must match, or two, separated by `//`, for both.
 * @throws {PolicyError} `ErrInvalidFilter` for more than two, and for an invalid regular expression.
 */
export function suiteFilter(run: string): SuiteFilter {
  if (run === "") return { test: () => true, case: () => true };
  const [first = "", second, ...others] = run.split("//");
  if (others.length > 0) throw new PolicyError("review", 'a filter may include at most one "//"', "ErrInvalidFilter");
  const tests = pattern(first);
  if (second === undefined) {
    const either = (test: string, name: string): boolean => tests(name) || tests(test);
    return { test: (name, cases) => tests(name) || cases.some((each) => either(name, each)), case: either };
  }
  const cases = pattern(second);
  return { test: tests, case: (test, name) => tests(test) && cases(name) };
}

function pattern(text: string): (name: string) => boolean {
  try {
    const compiled = compile(text);
    return (name) => compiled.test(name);
  } catch (error) {
    throw new PolicyError("review", `invalid test filter: ${String(error)}`, "ErrInvalidFilter");
  }
}
