import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { jsonEntries } from "./json-entries.ts";
import type { JsonEntry } from "./json-entries.ts";
import { parseJsonDocument } from "./json.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const twoDeep = (path: readonly unknown[]): boolean => path.length < 2;

/** Puts the entries together again; the later of two members of one name counts, as everywhere. */
function assembled(entries: Iterable<JsonEntry>): unknown {
  const holder: { document?: unknown } = {};
  const at = new Map<string, unknown>();
  for (const { path, kind, value } of entries) {
    const made = kind === "object" ? {} : kind === "list" ? [] : value;
    const parent = path.length === 0 ? holder : at.get(JSON.stringify(path.slice(0, -1)));
    const enumerable = { value: made, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(parent, path.at(-1) ?? "document", enumerable);
    if (kind !== "value") at.set(JSON.stringify(path), made);
  }
  return holder.document;
}

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { problem: error.problem, message: error.message };
  }
}

describe("JSON entry by entry", () => {
  test("gives what is entered, then its members", () => {
    const text = '\uFEFF{ "a": {"x": [1, {"y": 2}],\n "é\\n": null},\n "b": [true, "\\u0041"], "c": {} }';
    const entries = [...jsonEntries(bytesOf(text), twoDeep)];

    expect(entries.map(({ path, kind, value, line }) => [path.join("."), kind, value, line])).toEqual([
      ["", "object", undefined, 1],
      ["a", "object", undefined, 1],
      ["a.x", "value", [1, { y: 2 }], 1],
      ["a.é\n", "value", null, 2],
      ["b", "list", undefined, 3],
      ["b.0", "value", true, 3],
      ["b.1", "value", "A", 3],
      ["c", "object", undefined, 3],
    ]);
    const { start = 0, end = 0 } = entries[2] ?? {};
    expect(new TextDecoder().decode(bytesOf(text).subarray(start, end))).toBe('[1, {"y": 2}]');
  });

  test("is the same document, wherever it is entered", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), fc.nat(4), (value, indent, depth) => {
        const text = JSON.stringify(value, undefined, indent);

        expect(assembled(jsonEntries(bytesOf(text), (path) => path.length < depth))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("refuses what the reader of whole documents refuses, with the same words", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}":,a1e.\-\\ \n]{0,12}$/), fc.nat(3), (text, depth) => {
        expect(outcome(() => assembled(jsonEntries(bytesOf(text), (path) => path.length < depth)))).toEqual(
          outcome(() => parseJsonDocument(text).value),
        );
      }),
      { numRuns: 2000 },
    );
    for (const text of [
      "",
      "[\u0001]",
      '"\\q"',
      '{"a": 1}\n x',
      '{"a":\n  b}',
      "[".repeat(1_001),
      '{"a":'.repeat(1_001),
    ])
      for (const depth of [0, 1, 2_000])
        expect(outcome(() => assembled(jsonEntries(bytesOf(text), (path) => path.length < depth)))).toEqual(
          outcome(() => parseJsonDocument(text).value),
        );
  });

  test("reads no value that has most of the document in it", () => {
    const read = (count: number, enters: boolean): unknown =>
      outcome(() => [...jsonEntries(bytesOf(`[${"1,".repeat(count)}1]`), () => enters)].length);

    expect(read(320_000, false)).toEqual({ value: 1 });
    expect(read(320_001, false)).toEqual({
      problem: "limit-exceeded",
      message: "json: an entry has more than 320000 values (line 1)",
    });
    expect(read(320_001, true)).toEqual({ value: 320_003 });
  });

  test("knows the lines of what is in a value", () => {
    const [, , entry] = jsonEntries(bytesOf('{\n"a": {\n "b":\n  {"c":\n [{}]}}}'), twoDeep);
    const { value, lineOf } = entry?.located() ?? { value: undefined, lineOf: () => 0 };
    const { c } = value as { readonly c: readonly unknown[] };

    expect([entry?.line, lineOf(value), lineOf(c), lineOf(c[0])]).toEqual([3, 3, 4, 5]);
  });
});
