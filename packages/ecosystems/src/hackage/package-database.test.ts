import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { ghcPackages } from "./package-database.ts";

test("a library in GHC's package database, with what it was built against", async () => {
  const text = `name:                 text-manipulate
version:              0.3.1.0
visibility:           public
id:                   text-manipulate-0.3.1.0-BcJs9XG
license:              MPL-2.0
description:
    version: 9.9.9 is only mentioned here
depends:
    base-4.15.1.0 text-1.2.5.0
    unordered-containers-0.2.17.0-8kHvX2 z-lib-z-inner-1.0-abc
`;
  const { packages } = await observe(ghcPackages, "var/lib/ghc/package.conf.d/text-manipulate-0.3.1.0.conf", text);

  expect(packages).toEqual([
    {
      name: "text-manipulate",
      version: "0.3.1.0",
      licenses: ["MPL-2.0"],
      dependsOn: ["base", "text", "unordered-containers", "z-lib-z-inner"],
    },
  ]);
});

test.each([
  ["etc/nginx/nginx.conf", "name: a\nversion: 1\n", 0],
  ["package.conf.d/broken.conf", "\0\0\nname", 1],
  ["package.db/empty.conf", "", 1],
])("%s says nothing", async (path, text, problems) => {
  const { packages, diagnostics } = await observe(ghcPackages, path, text);

  expect([packages.length, diagnostics.length]).toEqual([0, problems]);
});
