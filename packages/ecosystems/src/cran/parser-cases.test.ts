import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { description, renvLock, sourceDescription } from "./description.ts";
import { cran } from "./index.ts";

testParserCases({
  folder: "r/renvlock",
  analyzers: cran.analyzers,
  as: () => "renv.lock",
  // They only know CRAN, and leave out what does not say where it comes from.
  ignore: ({ confidence, facts }) => facts?.["repository"] === "Bioconductor" || confidence === "approximate",
});

test("renv.lock: entries without a source are packages all the same, those from elsewhere say so", async () => {
  const entry = (more: object): object => ({ Package: "a", Version: "1.0", ...more });
  const { packages } = await observe(
    renvLock,
    "renv.lock",
    JSON.stringify({
      Packages: {
        none: entry({}),
        repository: entry({ Repository: "CRAN" }),
        github: entry({ Source: "GitHub", RemoteRepo: "a" }),
        local: entry({ Source: "Local" }),
        url: entry({ Source: "URL" }),
      },
    }),
  );

  expect(packages).toEqual([
    { name: "a", version: "1.0", confidence: "approximate" },
    { name: "a", version: "1.0" },
    { name: "a", version: "1.0", origin: "repository" },
    { name: "a", version: "1.0", origin: "path" },
    { name: "a", version: "1.0", origin: "archive" },
  ]);
});

test("a DESCRIPTION that names nothing is no package", async () => {
  const { packages } = await observe(sourceDescription, "DESCRIPTION", "Package:\nVersion: 1.0\n");

  expect(packages).toEqual([]);
});

test("the DESCRIPTION of sources is that of the project, of an installed package that of a package", async () => {
  const text = "Package: shop\nVersion: 0.3.1\nImports: jsonlite (>= 1.0), utils\nLicense: MIT\n";
  const common = { name: "shop", version: "0.3.1", licenses: ["MIT"], dependsOn: ["jsonlite", "utils"] };
  const built = `${text}Built: R 4.2.2; ; 2026-01-01 00:00:00 UTC; unix\n`;

  expect((await observe(sourceDescription, "app/DESCRIPTION", text)).packages).toEqual([
    { ...common, relationship: "root", origin: "project" },
  ]);
  expect((await observe(description, "app/DESCRIPTION", text)).all).toEqual([]);
  expect((await observe(description, "usr/lib/R/library/shop/DESCRIPTION", built)).packages).toEqual([common]);
  expect((await observe(sourceDescription, "usr/lib/R/library/shop/DESCRIPTION", built)).all).toEqual([]);
});
