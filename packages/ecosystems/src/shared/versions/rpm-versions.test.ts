import { sharedTable, testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adoptEpoch } from "./adopt-epoch.ts";
import { rpmVersions as versions } from "./rpm-versions.ts";

const part = fc.stringMatching(/^[0-9ab.~^_+]{0,8}$/);
const arbitrary = fc
  .tuple(fc.constantFrom("", "", "0:", "1:", "010:"), part, fc.option(part))
  .map(([epoch, version, release]) => epoch + version + (release === null ? "" : `-${release}`));

testVersionScheme(versions, {
  ordered: [
    "a1:2 < 1",
    "10:0 > 10:0~0",
    "1:0 > 1:0~0",
    "1.ab1 > 1.a1",
    "1^A < 1A",
    "12:1 > 2:1",
    "1-9 < 1-10",
    "1^ > 1",
    "1^a < 1a",
    "1.abc < 1.abd",
    "# rpm, tests/rpmvercmp.at",
    "1.0 = 1.0",
    "1.0 < 2.0",
    "2.0.1a > 2.0.1",
    "5.5p1 < 5.5p2",
    "10xyz < 10.1xyz",
    "xyz10 < xyz10.1",
    "xyz.4 < 8",
    "1.0010 > 1.9",
    "1.05 = 1.5",
    "2_0 = 2.0",
    "1.0~rc1 < 1.0",
    "1.0~rc1 < 1.0~rc2",
    "1.0~rc1~git123 < 1.0~rc1",
    "1.0^ > 1.0",
    "1.0^git1 < 1.0^git2",
    "1.0^git1 < 1.01",
    "1.0^20160101^git1 > 1.0^20160101",
    "1.0~rc1^git1 > 1.0~rc1",
    "1.0^git1~pre < 1.0^git1",
    "1:1.0-1 > 2.0-1",
    "0:1.0-1 = 1.0-1",
    "1.0-1.el9 < 1.0-1.el9_2",
    "1.0 < 1.0-1",
    "0 < 0~0",
    "99999999999999999999 < 100000000000000000000",
  ],
  invalid: [" ", "1 0", "1\n", "1.0\u0000"],
  arbitrary,
});

testVersionTables(versions, {
  table: "rpm",
  except: [
    {
      reason:
        "these rows ignore an epoch that one side lacks, as ranges do here; two versions are compared as rpm does",
      row: (row) => row["note"] === "one-sided-epoch" && row["op"] !== ">",
    },
    {
      reason: "rpm 4.18 answers that 5.el8.0.0 is newer than 5.el8",
      row: (row) => row["version"] === "8.3.1-5.el8.0.0",
    },
  ],
});

const epochs = sharedTable("conformance/versions-missing-epoch.csv")?.filter(({ scheme }) => scheme === "rpm");

describe.skipIf(epochs === undefined)("missing epochs", () => {
  test.each(epochs ?? [])("$package_version $op $advisory_version by $strategy", (row) => {
    const { package_version: version = "", advisory_version: bound = "", strategy, op = "" } = row;
    const holds =
      strategy === "zero"
        ? Math.sign(versions.compare(version, bound) ?? Number.NaN) === { "<": -1, "=": 0, ">": 1 }[op]
        : versions.satisfies(version, `${op}${bound}`) &&
          versions.satisfies(adoptEpoch(version, bound), `${op}${bound}`);

    expect(holds).toBe(true);
  });
});

const oneSided = sharedTable("conformance/versions/rpm.csv")?.filter((row) => row["note"] === "one-sided-epoch");

test.skipIf(oneSided === undefined).each(oneSided ?? [])("in a range, $a $op $b", ({ a = "", op = "", b = "" }) => {
  expect(versions.satisfies(a, op + b)).toBe(true);
});
