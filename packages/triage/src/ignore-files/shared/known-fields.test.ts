import { expect, test } from "vitest";
import { misreadField } from "./known-fields.ts";

const forms = { id: "text", ids: "texts", all: "flag", until: "moment", package: "mapping" } as const;

test.each<[string, unknown, string | undefined]>([
  ["id", "a", undefined],
  ["id", ["a"], '"id" is no text'],
  ["ids", "a", undefined],
  ["ids", ["a", "b"], undefined],
  ["ids", ["a", 1], '"ids" is neither a text nor a list of texts'],
  ["ids", ["a", ""], '"ids" is neither a text nor a list of texts'],
  ["ids", { a: "b" }, '"ids" is neither a text nor a list of texts'],
  ["all", true, undefined],
  ["all", "true", undefined],
  ["all", "false", undefined],
  ["all", "yes", '"all" is neither true nor false'],
  ["until", "2030-01-01", undefined],
  ["until", new Date(0), undefined],
  ["until", 2030, '"until" is no date'],
  ["package", { name: "a" }, undefined],
  ["package", ["a"], '"package" is no mapping'],
  ["package", "a", '"package" is no mapping'],
  ["name", "a", '"name" is none of id, ids, all, until, package'],
  ["constructor", "a", '"constructor" is none of id, ids, all, until, package'],
])("a field %s with %j: %s", (name, value, expected) => {
  expect(misreadField({ [name]: value }, forms)).toBe(expected);
});

test.each(Object.keys(forms))("an empty field counts as absent: %s", (name) => {
  for (const empty of [undefined, null, ""]) expect(misreadField({ [name]: empty }, forms)).toBeUndefined();
});
