import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { hackageVersions } from "./versions.ts";

testVersionScheme(hackageVersions, {
  ordered: ["10.0 > 9.0", "1.0 < 1.0.0", "1.10 > 1.9", "1-20-0 > 1.20.0"],
  invalid: ["", "a", "1.", "1..2"],
  arbitrary: fc.array(fc.nat(30).map(String), { minLength: 1, maxLength: 5 }).map((numbers) => numbers.join(".")),
});

testVersionTables(hackageVersions, { table: "hackage" });
