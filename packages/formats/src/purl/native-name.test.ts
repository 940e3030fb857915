import { expect, test } from "vitest";
import { isDistributionPurl, nativePurlName } from "./native-name.ts";
import { parsePurl } from "./purl.ts";

test.each([
  ["pkg:npm/%40babel/core@7.0.0", "@babel/core"],
  ["pkg:npm/lodash@4.17.4", "lodash"],
  ["pkg:maven/org.apache.commons/commons-text@1.9", "org.apache.commons:commons-text"],
  ["pkg:golang/github.com/gin-gonic/gin@v1.9.0", "github.com/gin-gonic/gin"],
  ["pkg:composer/symfony/http-kernel@5.0.0", "symfony/http-kernel"],
  ["pkg:deb/debian/curl@7.50.3-1", "curl"],
  ["pkg:apk/alpine/musl@1.1.22-r3", "musl"],
  ["pkg:cocoapods/GoogleUtilities@7.5.2#NSData+zlib", "GoogleUtilities/NSData+zlib"],
])("%s is called %s by its own tools", (purl, name) => {
  const parts = parsePurl(purl);

  expect(parts && nativePurlName(parts)).toBe(name);
});

test("tells packages of a distribution from libraries", () => {
  expect(["rpm", "npm"].map(isDistributionPurl)).toEqual([true, false]);
});
