/** What type errors tell beyond their message: what there is and what is wanted. */

import type { RefTerm, Term } from "../syntax/ast.ts";
import type { IssueDetails } from "../syntax/errors.ts";
import { termTree } from "../syntax/json-tree.ts";
import { printRef, printTerm } from "../syntax/print.ts";
import { jsonText, termText } from "../values/text.ts";
import { compareValues, type Value } from "../values/value.ts";
import { unifies, unrolled, type FunctionType, type Type } from "./static-types.ts";
import { argumentLines, mismatchLines, namedTypeJson, typeJson, typeText, type NamedType } from "./type-text.ts";

/** The details of arguments that do not fit a function. */
export function argumentDetails(have: readonly (Type | undefined)[], wanted: FunctionType): IssueDetails {
  const types = wanted.result === undefined ? wanted.args : [...wanted.args, wanted.result];
  const want = types.map((type, index): NamedType => ({ name: wanted.names?.[index] || undefined, type }));
  return {
    lines: argumentLines(have, want, wanted.variadic, unifies),
    json: {
      have: have.map((type) => typeJson(type)),
      want: {
        ...(want.length === 0 ? {} : { args: want.map(namedTypeJson) }),
        ...(wanted.variadic === undefined ? {} : { variadic: typeJson(wanted.variadic) }),
      },
    },
  };
}

/** The details of two types that cannot be equal. */
export function mismatchDetails(left: Type | undefined, right: Type | undefined): IssueDetails {
  return { lines: mismatchLines(left, right), json: { a: typeJson(left), b: typeJson(right) } };
}

/** The details of a key that is not there; `names` are the ones that are. */
export function keyDetails(
  term: RefTerm,
  position: number,
  have: Type | undefined,
  want: Type | undefined,
  names: readonly Value[] | undefined,
): IssueDetails {
  const pad = " ".repeat(printRef(term.head, term.path.slice(0, position - 1)).length + 1);
  const key = term.path[position - 1] as Term; // as: the position is within the reference
  const wanted =
    names !== undefined && names.length > 0
      ? `want (one of): [${names.map(termText).join(" ")}]`
      : want === undefined
        ? "want (one of): []"
        : `want (type): ${typeText(want)}`;
  return {
    lines: [
      printTerm(term),
      `${pad}^`,
      `${pad}${have === undefined ? `have: ${printTerm(key)}` : `have (type): ${typeText(have)}`}`,
      `${pad}${wanted}`,
    ],
    json: {
      ref: referenceJson(term),
      pos: position,
      ...(have === undefined ? {} : { have: typeJson(have) }),
      want: typeJson(want),
      oneOf: names === undefined || names.length === 0 ? null : names.map(plain),
    },
  };
}

/** The details of a reference into what has no parts; `position` counts the parts before. */
export function unsupportedDetails(term: RefTerm, position: number, have: Type): IssueDetails {
  return {
    lines: [
      printTerm(term),
      "^".repeat(printRef(term.head, term.path.slice(0, position)).length),
      `have: ${typeText(have)}`,
    ],
    json: { ref: referenceJson(term), pos: position, have: typeJson(have) },
  };
}

function referenceJson(term: RefTerm): unknown {
  return [term.head, ...term.path].map((part) => plain(termTree(part)));
}

function plain(value: Value): unknown {
  // Written by jsonText.
  return JSON.parse(jsonText(value));
}

/** The names that an object type has, or one of several, in the order of Rego. */
export function namesOfFields(given: Type): Value[] {
  const type = unrolled(given);
  const names =
    type?.kind === "object"
      ? type.fields.map(([key]) => key)
      : type?.kind === "any"
        ? type.of.flatMap(namesOfFields)
        : [];
  return names.sort(compareValues).filter((name, index, sorted) => {
    const before = sorted[index - 1];
    return before === undefined || compareValues(name, before) !== 0;
  });
}
