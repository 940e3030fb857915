import { PolicyError } from "../policy-error.ts";
import { formatLocation, sameNode, type Location } from "./location.ts";

/** A condition on a prefix of a mutator's location: it must exist, or must not exist, for the mutator to change anything. */
export interface PathTest {
  readonly subPath: Location;
  readonly condition: "MustExist" | "MustNotExist";
}

/** Answers for each depth of a location whether the mutator may proceed, given that the step exists or not. */
export interface PathTester {
  existsOkay(depth: number): boolean;
  missingOkay(depth: number): boolean;
}

/**
 * Compiles the path tests of a mutator.
 * @throws {PolicyError} `ErrPrefix` for a sub-path that the location does not begin with, `ErrConflict` for tests that
 * no object can meet.
 */
export function pathTester(location: Location, tests: readonly PathTest[]): PathTester {
  const conditions = new Map<number, PathTest["condition"]>();
  for (const { subPath, condition } of tests) {
    if (subPath.length > location.length || !subPath.every((node, index) => same(node, location[index])))
      throw new PolicyError(
        "path-test",
        `all subpaths must be a prefix of the location value of the mutation: "${formatLocation(subPath)}"`,
        "ErrPrefix",
      );
    const depth = subPath.length - 1;
    if ((conditions.get(depth) ?? condition) !== condition) throw conflict(subPath);
    conditions.set(depth, condition);
  }
  refuseImpossible(tests);
  return {
    existsOkay: (depth) => conditions.get(depth) !== "MustNotExist",
    missingOkay: (depth) => conditions.get(depth) !== "MustExist",
  };
}

function same(node: Location[number], other: Location[number] | undefined): boolean {
  return other !== undefined && sameNode(node, other);
}

/** A step cannot exist below one that must not. */
function refuseImpossible(tests: readonly PathTest[]): void {
  const lengths = (wanted: PathTest["condition"]): readonly number[] =>
    tests.filter(({ condition }) => condition === wanted).map(({ subPath }) => subPath.length);
  const forbidden = Math.min(...lengths("MustNotExist"), Number.POSITIVE_INFINITY);
  const impossible = tests.find(({ condition, subPath }) => condition === "MustExist" && subPath.length > forbidden);
  if (impossible !== undefined) throw conflict(impossible.subPath);
}

function conflict(subPath: Location): PolicyError {
  return new PolicyError(
    "path-test",
    `conflicting path test conditions at "${formatLocation(subPath)}"`,
    "ErrConflict",
  );
}
