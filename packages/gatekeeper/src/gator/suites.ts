import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { compareText, checkOptions, optionIs } from "@plimsoll/model";
import { compile } from "@plimsoll/re2";
import { isConstraint } from "../constraints/constraint.ts";
import { isExpansionTemplate } from "../expansion/expansion-template.ts";
import { IgnoredFailures, type IgnoredFailure } from "../ignored-failures.ts";
import { isAdmissionReview } from "../match/admission-request.ts";
import { gvkOf } from "../match/object-facts.ts";
import { loadPolicies } from "../load-policies.ts";
import { type LoadOptions, type Policies, type Violation, loadChecks } from "../policies.ts";
import { PolicyError } from "../policy-error.ts";
import { isTemplate } from "../templates/template.ts";
import { crossCheck, type CrossCheck } from "./cross-check.ts";
import { readObjects } from "./read-objects.ts";
import { reviewsOf, violationsOf } from "./review-expanded.ts";
import { suiteFilter, type SuiteFilter } from "./suite-filter.ts";
import type { OptionChecks } from "@plimsoll/model";

/** The result of one case. */
export interface CaseResult {
  readonly name: string;
  readonly skipped?: true;
  readonly error?: SuiteError;
  /** Policies with failure policy `Ignore` that failed for the object; the assertions of the case do not cover them. */
  readonly ignored?: readonly IgnoredFailure[];
}

/** The result of one test: a template with a constraint. */
export interface TestResult {
  readonly name: string;
  readonly skipped?: true;
  readonly error?: SuiteError;
  readonly cases: readonly CaseResult[];
}

/** The result of a suite. */
export interface SuiteResult {
  readonly path: string;
  readonly skipped?: true;
  readonly error?: SuiteError;
  readonly tests: readonly TestResult[];
}

/** Why a suite, test or case failed; `code` is the name of the error in gator (`ErrNumViolations`). */
export interface SuiteError {
  readonly code: string;
  readonly message: string;
}

/** Options of {@link verifySuites}. */
export interface SuiteOptions extends LoadOptions {
  /** Which tests and cases run: `regex`, or `test-regex//case-regex`, as gator's `--run`. */
  readonly run?: string | undefined;
}

/**
 * Compares the CEL and the Rego of the templates in a suite, on the objects of its cases and variants of them, and lists the validations that none
 * of them reaches. Tests that cannot be read are skipped; `runSuite` reports them.
 */
export function crossCheckSuite(suite: JsonObject, path: string, read: ReadFile): readonly CrossCheck[] {
  const runner = new Runner(path.split("/").slice(0, -1).join("/"), read, {});
  return asList(member(suite, "tests")).flatMap((test) => runner.crossCheck(test));
}

/** The text of a file by its path; undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

/** Whether an object is a suite of gator. */
export function isSuite(object: unknown): boolean {
  const { group, kind } = gvkOf(object);
  return group === "test.gatekeeper.sh" && kind === "Suite";
}

const suiteChecks: OptionChecks<SuiteOptions> = { ...loadChecks, run: optionIs.text };

/**
 * Runs every suite among files, as `gator verify` does.
 * @param files Texts by path, separated by `/`; suites name others relative to their own folder.
 * @throws {PolicyError} `ErrInvalidFilter` for an invalid filter.
 */
export function verifySuites(
  files: Readonly<Record<string, string>>,
  options: SuiteOptions = {},
): readonly SuiteResult[] {
  checkOptions("verifySuites", options, suiteChecks);
  const read: ReadFile = (path) => (Object.hasOwn(files, path) ? files[path] : undefined);
  return Object.keys(files)
    .filter((path) => /\.ya?ml$/.test(path))
    .sort(compareText)
    .flatMap((path) => {
      if (!mayHoldSuite(files[path] ?? "")) return [];
      try {
        return readObjects(files[path] ?? "", path)
          .filter(isSuite)
          .map((suite) => runSuite(suite, path, read, options));
      } catch (error) {
        return [{ path, error: toError(error), tests: [] }];
      }
    });
}

/** A quick look: most files beside suites are none, and need not be readable. */
function mayHoldSuite(text: string): boolean {
  return /\bkind["']?\s*:\s*["']?Suite\b/.test(text);
}

/** {@link crossCheckSuite} for every suite among files; those that cannot be read are skipped, as `verifySuites` reports them. */
export function crossCheckSuites(files: Readonly<Record<string, string>>): readonly CrossCheck[] {
  const read: ReadFile = (path) => (Object.hasOwn(files, path) ? files[path] : undefined);
  return Object.keys(files)
    .filter((path) => /\.ya?ml$/.test(path) && mayHoldSuite(files[path] ?? ""))
    .sort(compareText)
    .flatMap((path) => {
      try {
        return readObjects(files[path] ?? "", path)
          .filter(isSuite)
          .flatMap((suite) => crossCheckSuite(suite, path, read));
      } catch (error) {
        if (error instanceof PolicyError) return [];
        throw error;
      }
    });
}

/** Runs one suite that lies at `path`. @throws {PolicyError} `ErrInvalidFilter` for an invalid filter. */
export function runSuite(suite: JsonObject, path: string, read: ReadFile, options: SuiteOptions = {}): SuiteResult {
  checkOptions("runSuite", options, suiteChecks);
  const { run = "", ...load } = options;
  const filter = suiteFilter(run);
  if (member(suite, "skip") === true) return { path, skipped: true, tests: [] };
  const folder = path.split("/").slice(0, -1).join("/");
  const runner = new Runner(folder, read, load);
  return { path, tests: asList(member(suite, "tests")).map((test) => runner.test(test, filter)) };
}

class Runner {
  readonly #folder: string;
  readonly #read: ReadFile;
  readonly #load: LoadOptions;

  constructor(folder: string, read: ReadFile, load: LoadOptions) {
    this.#folder = folder;
    this.#read = read;
    this.#load = load;
  }

  test(test: unknown, filter: SuiteFilter): TestResult {
    const name = asText(member(test, "name")) ?? "";
    const cases = asList(member(test, "cases"));
    const caseNames = cases.map((each) => asText(member(each, "name")) ?? "");
    if (member(test, "skip") === true || !filter.test(name, caseNames)) return { name, skipped: true, cases: [] };
    try {
      const policies = this.#policies(test);
      if (policies === "refused as expected") return { name, cases: [] };
      return { name, cases: cases.map((each) => this.#case(each, name, policies, filter)) };
    } catch (error) {
      return { name, error: toError(error), cases: [] };
    }
  }

  /** Template, constraint and expansions of a test. */
  #policies(test: unknown): Policies | "refused as expected" {
    const template = this.#template(test);
    const withTemplate = loadPolicies([template], this.#load);
    const [broken] = withTemplate.problems;
    if (broken !== undefined) throw new PolicyError("template", broken.message, "ErrAddingTemplate");
    const constraint = this.#constraint(test);
    const expansions = this.#expansions(member(test, "expansion"));
    const policies = loadPolicies([template, constraint, ...expansions], this.#load);
    const refused = policies.problems.find(({ kind }) => kind === gvkOf(constraint).kind);
    if (member(test, "invalid") === true) {
      if (refused?.code === "ErrSchema") return "refused as expected";
      throw new PolicyError("constraint", "constraint should have failed schema validation", "ErrValidConstraint");
    }
    const [problem] = policies.problems;
    if (problem !== undefined)
      throw new PolicyError(
        "constraint",
        problem.message,
        refused === undefined ? "ErrAddingExpansion" : "ErrAddingConstraint",
      );
    return policies;
  }

  crossCheck(test: unknown): readonly CrossCheck[] {
    try {
      const template = this.#template(test);
      const constraint = this.#constraint(test);
      const objects = asList(member(test, "cases")).flatMap((each) => {
        const path = asText(member(each, "object")) ?? "";
        return path === "" ? [] : readObjects(this.#file(path), path).filter((object) => !isAdmissionReview(object));
      });
      return [crossCheck(template, constraint, objects)];
    } catch (error) {
      if (error instanceof PolicyError) return [];
      throw error;
    }
  }

  #template(test: unknown): JsonObject {
    return this.#single(member(test, "template"), "template", isTemplate, "ErrNotATemplate", "ErrAddingTemplate");
  }

  #constraint(test: unknown): JsonObject {
    return this.#single(
      member(test, "constraint"),
      "constraint",
      isConstraint,
      "ErrNotAConstraint",
      "ErrAddingConstraint",
    );
  }

  #file(path: string): string {
    const full = normalize(this.#folder, path);
    const text = this.#read(full);
    if (text === undefined) throw new PolicyError("review", `${full}: file does not exist`, "ErrNotExist");
    return text;
  }

  #single(
    path: unknown,
    what: string,
    isOne: (object: unknown) => boolean,
    wrongKind: string,
    unreadable: string,
  ): JsonObject {
    if (typeof path !== "string" || path === "") throw new PolicyError("review", `missing ${what}`, "ErrInvalidSuite");
    const text = this.#file(path);
    try {
      const [object] = readObjects(text, path);
      if (object === undefined) throw new PolicyError("review", `${path} holds no object`, wrongKind);
      if (!isOne(object)) throw new PolicyError("review", `${path} holds no ${what}`, wrongKind);
      return object;
    } catch (error) {
      if (error instanceof PolicyError && error.code === "ErrInvalidYAML")
        throw new PolicyError("review", error.message, unreadable);
      throw error;
    }
  }

  #expansions(path: unknown): readonly JsonObject[] {
    if (typeof path !== "string" || path === "") return [];
    const objects = readObjects(this.#file(path), path);
    if (objects.length === 0 || !objects.every(isExpansionTemplate))
      throw new PolicyError("review", `${path} must hold expansion templates only`, "ErrNotAnExpansion");
    return objects;
  }

  #case(given: unknown, testName: string, policies: Policies, filter: SuiteFilter): CaseResult {
    const name = asText(member(given, "name")) ?? "";
    if (member(given, "skip") === true || !filter.case(testName, name)) return { name, skipped: true };
    const ignored = new IgnoredFailures();
    const done = (): Pick<CaseResult, "name" | "ignored"> =>
      ignored.all.length === 0 ? { name } : { name, ignored: ignored.all };
    try {
      const assertions = asList(member(given, "assertions"));
      const path = asText(member(given, "object")) ?? "";
      if (path === "") throw new PolicyError("review", "must define object", "ErrInvalidCase");
      if (assertions.length === 0) throw new PolicyError("review", "assertions must be non-empty", "ErrInvalidCase");
      const violations = this.#violations(path, asList(member(given, "inventory")), policies, ignored);
      for (const assertion of assertions) assertCount(assertion, violations);
      return done();
    } catch (error) {
      return { ...done(), error: toError(error) };
    }
  }

  #violations(
    path: string,
    inventoryPaths: readonly unknown[],
    policies: Policies,
    found: IgnoredFailures,
  ): readonly Violation[] {
    const tell = ({ policy, message }: IgnoredFailure): void => found.add(policy, message);
    const objects = readObjects(this.#file(path), path);
    const [object] = objects;
    if (object === undefined) throw new PolicyError("review", `path "${path}" defines no YAML objects`, "ErrNoObjects");
    if (objects.length > 1)
      throw new PolicyError("review", `"${path}" defines ${objects.length} objects`, "ErrMultipleObjects");
    const inventory = inventoryPaths.flatMap((each) => readInventory(this.#file(String(each)), String(each)));
    const options = { enforcementPoint: "gator.gatekeeper.sh", inventory } as const;
    if (isAdmissionReview(object)) {
      const { violations, ignored } = policies.reviewStrictly(object, options);
      ignored.forEach(tell);
      return violations;
    }
    const reviews = reviewsOf(object, policies.expand(object, { namespace: namespaceFor(object) }), options);
    return Array.from(policies.reviewEach(reviews), (review) => violationsOf(review, tell)).flat();
  }
}

/** An object without a namespace is expanded as if it lay in a namespace without a name, as gator has it. */
function namespaceFor(object: JsonObject): unknown {
  const name = asText(member(object, "metadata", "namespace")) ?? "";
  if (name === "" || name === "default") return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  return undefined;
}

function readInventory(text: string, path: string): readonly JsonObject[] {
  const objects = readObjects(text, path);
  if (objects.length === 0) throw new PolicyError("review", `path "${path}" defines no YAML objects`, "ErrNoObjects");
  return objects;
}

/** A path relative to a folder, without `.` and `..`. */
function normalize(folder: string, path: string): string {
  const steps: string[] = [];
  for (const step of `${folder}/${path}`.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return (folder.startsWith("/") ? "/" : "") + steps.join("/");
}

/** Counts the violations whose message matches, and holds the count against what is asserted; `yes` unless told. */
function assertCount(assertion: unknown, violations: readonly Violation[]): void {
  const pattern = asText(member(assertion, "message"));
  const matching = violations.filter(({ message }) => pattern === undefined || matchesMessage(pattern, message)).length;
  // YAML 1.1 reads an unquoted yes as true.
  const given = member(assertion, "violations") ?? true;
  const wanted = given === "yes" ? true : given === "no" ? false : given;
  if (typeof wanted === "number" ? !(Number.isInteger(wanted) && wanted >= 0) : typeof wanted !== "boolean")
    throw new PolicyError(
      "review",
      'assertion.violation, if set, must be a nonnegative integer, "yes", or "no"',
      "ErrInvalidYAML",
    );
  const held = typeof wanted === "number" ? matching === wanted : matching > 0 === wanted;
  if (held) return;
  const which = pattern === undefined ? "violations" : `violations containing "${pattern}"`;
  const want =
    typeof wanted === "number" ? `want exactly ${wanted}` : wanted === true ? "want at least 1" : "want none";
  const messages = violations.map(({ message }) => message).join(" ");
  throw new PolicyError(
    "review",
    `unexpected number of violations: got ${matching} ${which} but ${want}: got messages [${messages}]`,
    "ErrNumViolations",
  );
}

function matchesMessage(pattern: string, message: string): boolean {
  try {
    return compile(pattern).test(message);
  } catch (error) {
    throw new PolicyError("review", `message contains invalid regular expression: ${String(error)}`, "ErrInvalidRegex");
  }
}

function toError(error: unknown): SuiteError {
  if (!(error instanceof PolicyError)) throw error;
  return { code: error.code ?? error.kind, message: error.message };
}
