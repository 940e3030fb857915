import { expect, test } from "vitest";
import { packageClass } from "./package-class.ts";

test.each([
  [{ class: "library", purl: "pkg:deb/debian/curl@1" }, "library"],
  [{ purl: "pkg:deb/debian/curl@1" }, "os"],
  [{ purl: "pkg:rpm/bash@1?arch=x86_64" }, "os"],
  [{ purl: "pkg:generic/kernel@5?distro=debian-12" }, "os"],
  [{ purl: "pkg:npm/deb@1" }, "library"],
  [{ purl: "" }, "library"],
] as const)("%o is %s", (pkg, expected) => {
  expect(packageClass(pkg)).toBe(expected);
});
