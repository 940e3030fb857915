import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { slackware } from "./index.ts";

const [records] = slackware.analyzers as readonly [FileAnalyzer];

test("takes the package from the name of its record and claims its files", async () => {
  const text = "PACKAGE NAME:     aaa_glibc-solibs-2.33-x86_64-5\nFILE LIST:\n./\nlib64/\nlib64/libc.so.6\n";

  const { all } = await observe(records, "var/lib/pkgtools/packages/aaa_glibc-solibs-2.33-x86_64-5_slack15.0", text);

  expect(all).toEqual([
    {
      kind: "package",
      package: {
        name: "aaa_glibc-solibs",
        version: "2.33-5_slack15.0",
        architecture: "x86_64",
        key: "aaa_glibc-solibs-2.33-x86_64-5_slack15.0",
      },
    },
    { kind: "ownership", owner: "aaa_glibc-solibs-2.33-x86_64-5_slack15.0", paths: ["lib64/libc.so.6"] },
  ]);
});

test.each(["var/log/packages/a-1-x86_64", "var/log/packages/--", "var/log/packages/x"])("reports %s", async (path) => {
  const { packages, diagnostics } = await observe(records, path, "");

  expect(packages).toEqual([]);
  expect(diagnostics).toHaveLength(1);
});

test("says that nobody publishes advisories", () => {
  const pkg = { id: "1", ecosystem: "slackware", purl: "", name: "a", version: "1-1", locations: [] };

  expect(slackware.lookupGap?.(pkg, { id: "slackware", versionId: "15.0" })?.code).toBe("unsupported-distro");
});
