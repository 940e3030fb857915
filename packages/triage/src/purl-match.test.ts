import { findingsOf } from "@plimsoll/model";
import { everyKindReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import { purlPattern } from "./purl-match.ts";

const curl = pkg("pkg:deb/debian/libcurl4@7.64.0-4?arch=amd64&distro=debian-10", { version: "1:7.64.0-4" });
const inCurl = finding("CVE-1", curl, {
  explanation: {
    key: { namespace: "Debian:10", name: "curl" },
    comparedVersion: "7.64.0-4+deb10u1",
    advisory: "CVE-1",
    range: "< 8",
    scheme: "dpkg",
    confidence: "exact",
  },
});

describe("a package URL matches a package", () => {
  test.each([
    ["pkg:deb/debian/libcurl4", true],
    ["pkg:deb/debian/libcurl3", false],
    ["pkg:deb/ubuntu/libcurl4", false],
    ["pkg:deb/libcurl4", false],
    ["pkg:rpm/debian/libcurl4", false],
    ["pkg:deb/debian/libcurl4@7.64.0-4", true],
    ["pkg:deb/debian/libcurl4@1:7.64.0-4", true],
    ["pkg:deb/debian/libcurl4@7.64.0-5", false],
    ["pkg:deb/debian/libcurl4@7.64.0-4%2Bdeb10u1", false],
    ["pkg:deb/debian/libcurl4?arch=amd64", true],
    ["pkg:deb/debian/libcurl4?arch=arm64", false],
    ["pkg:deb/debian/libcurl4?arch=amd64&epoch=1", false],
    ["pkg:deb/debian/libcurl4?arch=source", false],
    ["pkg:deb/debian/libcurl4?distro=buster", true],
    ["pkg:deb/debian/libcurl4?distro=debian-10.13", true],
    ["pkg:deb/debian/libcurl4?distro=bullseye", false],
    ["pkg:deb/debian/libcurl4?distro=%20", false],
    ["pkg:deb/debian/libcurl4?vendor=buster", false],
  ])("%s: %s", (text, expected) => {
    expect(purlPattern(text)?.matches(inCurl)).toBe(expected);
    expect(purlPattern(text)?.names(curl)).toBe(expected);
  });

  test.each(["pkg:deb/debian/libcurl4?arch=amd64", "pkg:deb/debian/libcurl4?distro=buster"])(
    "that tells nothing of what %s asks for: no",
    (text) => {
      expect(purlPattern(text)?.names({ purl: "pkg:deb/debian/libcurl4@1", version: "1" })).toBe(false);
    },
  );

  test("whose own package URL can't be read: no", () => {
    const odd = pkg("libcurl4");

    expect(purlPattern("pkg:deb/debian/libcurl4")?.matches(finding("CVE-1", odd))).toBe(false);
  });

  test("asked for a second time, likewise", () => {
    const answers = ["pkg:deb/debian/libcurl4", "pkg:deb/debian/other"].flatMap((text) => {
      const pattern = purlPattern(text);
      return [pattern?.names(curl), pattern?.names(curl)];
    });

    expect(answers).toEqual([true, true, false, false]);
  });
});

describe("a package URL matches the source package that an advisory was looked up by", () => {
  test.each([
    ["pkg:deb/debian/curl", true],
    ["pkg:deb/ubuntu/curl", false],
    ["pkg:deb/debian/curl@7.64.0-4%2Bdeb10u1", true],
    ["pkg:deb/debian/curl@7.64.0-4", false],
    ["pkg:deb/debian/curl?arch=source", true],
    ["pkg:deb/debian/curl?arch=src", true],
    ["pkg:deb/debian/curl?arch=amd64", true],
    ["pkg:deb/debian/curl?arch=arm64", false],
    ["pkg:deb/debian/curl?arch=source&distro=buster", true],
    ["pkg:deb/debian/curl?arch=source&distro=bullseye", false],
  ])("%s: %s", (text, expected) => {
    expect(purlPattern(text)?.matches(inCurl)).toBe(expected);
    expect(purlPattern(text)?.names(curl)).toBe(false);
  });
});

test("a package URL matches findings of any kind that are about its package", () => {
  const about = (text: string): readonly string[] =>
    findingsOf(everyKindReport)
      .filter((each) => purlPattern(text)?.matches(each))
      .map(({ kind, id }) => `${kind} ${id}`);

  expect(about("pkg:apk/alpine/ssl_client")).toEqual(["license GPL-2.0-only"]);
  expect(about("pkg:apk/alpine/other")).toEqual([]);
});

test.each(["libcurl4", "pkg:deb", ""])("%j is no package URL", (text) => {
  expect(purlPattern(text)).toBeUndefined();
});
