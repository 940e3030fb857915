import { testVersionScheme, testVersionTables } from "@plimsoll/testkit";
import fc from "fast-check";
import { jvmVersions } from "./versions.ts";

const arbitrary = fc.oneof(
  fc
    .tuple(fc.nat(9), fc.nat(400), fc.constantFrom("", "-ea", "-b08"))
    .map(([major, update, rest]) => `1.${major}.0_${update}${rest}`),
  fc
    .tuple(
      fc.array(fc.nat(30).map(String), { minLength: 1, maxLength: 4 }),
      fc.constantFrom("", "+9", "-ea", "-ea+2", "+9-LTS"),
    )
    .map(([numbers, rest]) => numbers.join(".") + rest),
);

testVersionScheme(jvmVersions, {
  ordered: [
    "1.8.1 > 1.8.0",
    "8u292-ea < 8u292",
    "11-xlts < 11",
    "11-ea < 11",
    "11-b08 = 11",
    "17+9-LTS = 17",
    "17-LTS = 17",
    "17-lts2 < 17",
    "11-ea-b02 = 11-ea",
    "11-xb2 < 11",
    "11-ea1 < 11-ea2",
    "11+7-ea = 11",
    "1.8.0-beta < 1.8.0",
    "1.8 = 8",
    "1.10 = 10",
    "1.8.10 > 1.8.9",
    "1.8.0-update292 = 1.8.0_292",
    "1.8.0-update_292 = 1.8.0_292",
    "11u5 = 11.0.5",
    "9-ea9 > 9-ea10",
    "# JEP 223, JEP 322",
    "1.8.0_292 < 11",
    "8u292 = 1.8.0_292",
    "1.8.0_292-b10 = 8.0.292",
    "11.0.12+7 = 11.0.12",
    "17-ea < 17",
    "17.0.9+9-LTS = 17.0.9",
    "21.0.1 < 21.0.1.1",
  ],
  invalid: ["", "java", "1.8.0x", "17.a", "jdk8u292", "jdk-11.0.2"],
  arbitrary,
});

testVersionTables(jvmVersions, { table: "jvm" });
