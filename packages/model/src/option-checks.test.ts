import { describe, expect, test } from "vitest";
import { checkOptions, optionIs } from "./option-checks.ts";

interface Options {
  readonly levels?: readonly string[] | undefined;
  readonly quick?: boolean;
  readonly store?: object;
}

const check = (options: unknown): void =>
  checkOptions("act", options as Options, {
    levels: optionIs.listOf(optionIs.oneOf(["HIGH", "LOW"])),
    quick: optionIs.flag,
    store: optionIs.either(optionIs.oneOf([false]), optionIs.having("get", "put")),
  });

describe("options that nobody's types have checked", () => {
  test.each([
    [{ level: ["HIGH"] }, 'act has no option "level"; there are levels, quick, store'],
    [{ __proto__x: 1 }, 'act has no option "__proto__x"'],
    [{ constructor: 1 }, 'act has no option "constructor"'],
    [{ levels: ["high"] }, 'act: levels: "high" is none of HIGH, LOW'],
    [{ levels: "HIGH" }, 'act: levels: "HIGH" is no list'],
    [{ quick: "yes" }, 'act: quick: "yes" is neither true nor false'],
    [{ quick: null }, "act: quick: null is neither true nor false"],
    [{ store: { get: () => 1 } }, "act: store: an object is none of false"],
    [[], "act: the options are a list, and no object"],
    [null, "act: the options are null, and no object"],
    ["HIGH", 'act: the options are "HIGH", and no object'],
  ])("%j are refused by name", (options, message) => {
    expect(() => check(options)).toThrow(TypeError);
    expect(() => check(options)).toThrow(message);
  });

  test.each([{}, { levels: undefined, quick: true }, { levels: ["LOW"], store: false }])("%j pass", (options) => {
    expect(() => check(options)).not.toThrow();
  });
});

test("a list of anything is not walked through", () => {
  const list = new Proxy<unknown[]>([1, 2, 3], {
    get: (target, name) => {
      if (name === "0" || name === Symbol.iterator) throw new Error("looked at");
      return Reflect.get(target, name) as unknown;
    },
  });

  expect(() => checkOptions("review", { inventory: list }, { inventory: optionIs.listOf(optionIs.any) })).not.toThrow();
  expect(() => checkOptions("review", { inventory: list }, { inventory: optionIs.listOf(optionIs.text) })).toThrow(
    "looked at",
  );
});
