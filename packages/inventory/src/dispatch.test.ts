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
