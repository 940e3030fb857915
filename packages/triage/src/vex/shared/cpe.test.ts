import { expect, test } from "vitest";
import { cpeFits } from "./cpe.ts";

test.each([
  ["cpe:/o:redhat:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux:8::baseos", true],
  ["cpe:/o:redhat:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux:8.6", true],
  ["cpe:/o:redhat:enterprise_linux:8.6", "cpe:/o:redhat:enterprise_linux:8", true],
  ["cpe:/o:redhat:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux:80", false],
  ["cpe:/o:redhat:enterprise_linux:80", "cpe:/o:redhat:enterprise_linux:8", false],
  ["cpe:/o:redhat:enterprise_linux:6", "cpe:/o:redhat:enterprise_linux:8.6", false],
  ["cpe:/o:redhat:enterprise_linux", "cpe:/o:redhat:enterprise_linux:8", true],
  ["cpe:/o:redhat:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux", true],
  ["cpe:/o:redhat:openshift:8", "cpe:/o:redhat:enterprise_linux:8", false],
  ["cpe:/o:oracle:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux:8", false],
  ["cpe:2.3:o:*:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux:8", true],
  ["cpe:/o:redhat:enterprise_linux:8", "cpe:2.3:o:*:*:8", true],
  ["cpe:/o:redhat:enterprise_linux:8", "Red Hat 8", undefined],
  ["cpe:/o:redhat:enterprise_linux:8", undefined, undefined],
  ["Red Hat 8", "cpe:/o:redhat:enterprise_linux:8", undefined],
  [undefined, "cpe:/o:redhat:enterprise_linux:8", undefined],
])("the platform %s covers the distribution %s: %s", (platform, distribution, expected) => {
  expect(cpeFits(platform, distribution)).toBe(expected);
});
