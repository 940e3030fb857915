import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { cranVersions } from "./versions.ts";

testVersionScheme(cranVersions, {
  ordered: ["10.0 > 9.0", "1.9 < 1.9.0", "1.0-1 = 1.0.1", "1.10 > 1.9"],
  invalid: ["", "a", "1.", "1..2", "-1"],
  arbitrary: fc.array(fc.nat(30).map(String), { minLength: 1, maxLength: 5 }).map((numbers) => numbers.join(".")),
});

testVersionTables(cranVersions, {
  table: "cran",
  except: [{ reason: "0 before everything is OSV's convention", row: ({ note }) => note === "osv-zero-sentinel" }],
});
