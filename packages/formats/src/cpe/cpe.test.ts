import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applicationCpe, isCpe, parseCpe } from "./cpe.ts";

describe("one reader for both bindings", () => {
  test.each([
    ["cpe:2.3:a:redis:redis:7.0.1:rc1:*:*:*:node.js:*:*", ["a", "redis", "redis", "7.0.1", "rc1", "*", "node.js"]],
    ["cpe:2.3:a:Big\\+Co:any\\:thing:1.0:*:*:*:*:*:*:*", ["a", "big+co", "any:thing", "1.0", "*", "*", "*"]],
    ["cpe:2.3:o:amazon:amazon_linux:2", ["o", "amazon", "amazon_linux", "2", "*", "*", "*"]],
    ["cpe:/o:centos:linux:6:GA", ["o", "centos", "linux", "6", "ga", "*", "*"]],
    ["cpe:/o:redhat:enterprise_linux:9::baseos", ["o", "redhat", "enterprise_linux", "9", "*", "baseos", "*"]],
    ["cpe:/a:hp:insight:7.4.0.1%2b:-:~~online~linux~x64~", ["a", "hp", "insight", "7.4.0.1+", "-", "*", "linux"]],
    ["cpe:/a:hp:insight:8.%02", ["a", "hp", "insight", "8.*", "*", "*", "*"]],
  ])("%s", (text, [part, vendor, product, version, update, edition, targetSoftware]) => {
    expect(parseCpe(text)).toEqual({ part, vendor, product, version, update, edition, targetSoftware });
  });

  test.each([
    "",
    "redis",
    "cpe:",
    "cpe:2.2:a:b:c",
    "cpe:2.3:x:b:c",
    `cpe:2.3:a${":b".repeat(11)}`,
    `cpe:/a:${"b".repeat(2000)}`,
  ])("%.40s is no CPE name", (text) => {
    expect(parseCpe(text)).toBeUndefined();
  });

  test("any text is answered, and a name that was written is read", () => {
    const word = fc.stringMatching(/^[!-~]{1,12}$/);
    fc.assert(
      fc.property(word, word, word, (vendor, product, version) => {
        const text = applicationCpe(vendor, product, version);
        const [known, maker, name] = [version, vendor, product].map((each) => each.toLowerCase());

        expect(parseCpe(text)).toMatchObject({ part: "a", vendor: maker, product: name, version: known });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseCpe(text);
        parseCpe(`cpe:/${text}`);
        parseCpe(`cpe:2.3:${text}`);
      }),
    );
  });
});

test.each([
  ["cpe:2.3:a:redis:redis:7.0.1:*:*:*:*:*:*:*", true],
  ["cpe:/o:redhat:enterprise_linux:9::baseos", true],
  ["cpe:2.3:a:big\\+co:any\\:thing:1.0:*:*:*:*:*:*:*", true],
  ["cpe:2.3:a:redis:redis:7.0.1", false],
  ["cpe:2.3:a:re dis:redis:7.0.1:*:*:*:*:*:*:*", false],
])("%s in a document: %j", (text, expected) => {
  expect(isCpe(text)).toBe(expected);
});
