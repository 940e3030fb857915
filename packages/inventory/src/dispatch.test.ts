import { expect, test } from "vitest";
import { compileDispatcher } from "./dispatch.ts";

test("files below a directory are wanted at any depth, and those beside it are not", () => {
  const store = { matches: [{ below: "nix/store" }] };
  const dispatcher = compileDispatcher([store]);

  expect(dispatcher.byPath("nix/store/a/b/c")).toEqual([store]);
  expect(dispatcher.byPath("nix/store/a")).toEqual([store]);
  for (const path of ["nix/store", "nix/storeroom/a", "opt/nix/store/a", "nix/var/a"])
    expect(dispatcher.byPath(path)).toEqual([]);
});

test("the same lists of matchers are compiled once, for whoever asks with them", () => {
  let looks = 0;
  const matcher = {
    get suffix() {
      looks++;
      return ".lock";
    },
  };
  const lists = [[matcher], [{ basename: "a.lock" }]];
  const of = (...names: readonly string[]) =>
    compileDispatcher(names.map((name, at) => ({ name, matches: lists[at] ?? [] })));
  const first = of("one", "two");
  const looksOfFirst = looks;
  const one = of("alone");
  const looksOfOne = looks;
  const second = of("three", "four");

  expect(looksOfFirst).toBeGreaterThan(0);
  expect(looks).toBe(looksOfOne);
  expect(of("alone").matches).toBe(one.matches);
  expect(second.matches).toBe(first.matches);
  expect(second.byPath("x/a.lock").map(({ name }) => name)).toEqual(["three", "four"]);
  expect(
    of("five")
      .byPath("x/a.lock")
      .map(({ name }) => name),
  ).toEqual(["five"]);
});

test("who ignores a directory is not shown its files, although the same matchers were compiled for another", () => {
  const matches = [{ basename: "package.json" }];
  const outside = [{ name: "node_modules" }];

  expect(compileDispatcher([{ matches }]).byPath("node_modules/a/package.json")).toHaveLength(1);
  expect(compileDispatcher([{ matches, outside }]).byPath("node_modules/a/package.json")).toEqual([]);
});

test("files of a name are wanted inside of a directory only, or outside of one, where the matcher says so", () => {
  const inside = { matches: [{ basename: "LICENSE", inside: "var/db/pkg" }] };
  const outside = { matches: [{ basename: "LICENSE", outside: "deps" }] };
  const both = { matches: [{ basename: "LICENSE", inside: "var", outside: "deps" }] };
  const dispatcher = compileDispatcher([inside, outside, both]);

  expect(dispatcher.byPath("var/db/pkg/a/b-1/LICENSE")).toEqual([inside, outside, both]);
  expect(dispatcher.byPath("var/deps/LICENSE")).toEqual([]);
  for (const path of ["LICENSE", "opt/var/db/pkg/a/LICENSE", "usr/LICENSE"])
    expect(dispatcher.byPath(path)).toEqual([outside]);
});
