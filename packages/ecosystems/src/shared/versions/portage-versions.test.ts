import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { portageVersions } from "./portage-versions.ts";

const number = fc.oneof(fc.nat(20).map(String), fc.stringMatching(/^0{0,2}\d{1,22}$/));
const arbitrary = fc
  .tuple(
    fc.array(number, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join(".")),
    fc.constantFrom("", "", "a", "b"),
    fc.array(fc.constantFrom("_alpha", "_alpha1", "_beta2", "_pre", "_rc1", "_p", "_p20200101"), { maxLength: 2 }),
    fc.constantFrom("", "-r0", "-r1", "-r10"),
  )
  .map(([numbers, letter, suffixes, revision]) => numbers + letter + suffixes.join("") + revision);

testVersionScheme(portageVersions, {
  ordered: [
    "1-r9 < 1-r10",
    "1-r1 < 1-r11",
    "1.2 < 1.2.0",
    "1_p > 1",
    "1_rc < 1",
    "1.2 < 1.3.1",
    "1_alpha1_beta < 1_alpha1",
    "# Package Manager Specification, 3.3",
    "1.0_alpha1 < 1.0_beta1",
    "1.0_beta1 < 1.0_pre1",
    "1.0_pre1 < 1.0_rc1",
    "1.0_rc1 < 1.0",
    "1.0 < 1.0_p1",
    "1.0_p = 1.0_p0",
    "1.0 = 1.0-r0",
    "1.0 < 1.0-r1",
    "1.0a < 1.0b",
    "1.01 < 1.1",
    "1.010 = 1.01",
    "1.0 < 1.0.0",
    "1.9 < 1.10",
    "1.0_rc1_p1 > 1.0_rc1",
    "1.0_p1_alpha1 < 1.0_p1",
    "01 = 1",
  ],
  invalid: ["", "a", "1.", "1.a", "1_", "1_gamma", "1-1", "1-r", "1.0A", "1 0", "v1"],
  arbitrary,
});

testVersionTables(portageVersions, { table: "gentoo" });
