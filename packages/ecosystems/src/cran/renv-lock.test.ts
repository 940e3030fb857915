import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { renvLock } from "./description.ts";

test("packages of renv.lock that do not say where they are from are packages all the same, and one without a version is told", async () => {
  const { packages, diagnostics } = await observe(
    renvLock,
    "renv.lock",
    JSON.stringify({
      R: { Version: "4.3.0" },
      Packages: {
        a: { Package: "a", Version: "1.0", Source: "Repository", Repository: "CRAN" },
        b: { Package: "b", Version: "2.0", Repository: "CRAN" },
        c: { Package: "c", Version: "3.0" },
        d: { Package: "d", Source: "Repository" },
      },
    }),
  );

  expect(packages.map(({ name, version, confidence }) => [name, version, confidence])).toEqual([
    ["a", "1.0", undefined],
    ["b", "2.0", undefined],
    ["c", "3.0", "approximate"],
  ]);
  expect(diagnostics).toMatchObject([{ code: "malformed-file", effect: "incomplete" }]);
});
