import { testVersionScheme } from "@plimsoll/testkit";
import fc from "fast-check";
import { opamVersions } from "./versions.ts";

testVersionScheme(opamVersions, {
  // The manual's own chain, and what packages use.
  ordered: [
    "~~ < ~",
    "~ < ~beta2",
    "~beta2 < ~beta10",
    "~beta10 < 0.1",
    "0.1 < 1.0~beta",
    "1.0~beta < 1.0",
    "1.0 < 1.0-test",
    "1.0-test < 1.0.1",
    "1.0.1 < 1.0.10",
    "1.0.10 < dev",
    "dev < trunk",
    "v0.9.0 < v0.16.0",
    "4.14.0 < 4.14.0+options",
    "1.00 = 1.0",
  ],
  invalid: ["", "1 2", "1:2"],
  arbitrary: fc.stringMatching(/^[0-9a-z.~+-]{1,12}$/),
});
