import { ScanError } from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatReference, parseReference } from "./reference.ts";

const digest = `sha256:${"ab".repeat(32)}`;

describe("image references", () => {
  test.each([
    ["alpine", "docker.io/library/alpine:latest"],
    ["alpine:3.19", "docker.io/library/alpine:3.19"],
    ["plimsoll/app", "docker.io/plimsoll/app:latest"],
    ["index.docker.io/library/alpine", "docker.io/library/alpine:latest"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app:1", "localhost:5000/app:1"],
    ["[::1]:5000/app", "[::1]:5000/app:latest"],
    ["127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest"],
    ["ghcr.io/a/b__c/d-e.f:v1.0", "ghcr.io/a/b__c/d-e.f:v1.0"],
    [`alpine@${digest}`, `docker.io/library/alpine@${digest}`],
    [`quay.io/a/b:1@${digest}`, `quay.io/a/b:1@${digest}`],
    ["Host/app", "Host/app:latest"],
  ])("%s means %s", (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  test.each([
    "",
    "Alpine",
    "a//b",
    "alpine:",
    "alpine:-x",
    "alpine@sha256:ab",
    "alpine@md5:00",
    "/alpine",
    "a b",
    "-a",
    "a_-b/c..d",
    `${"a".repeat(2000)}`,
    "exa mple.com/x",
    "a.b:c/d",
  ])("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(ScanError);
  });

  test("the full form means itself, and nothing but ScanError is ever thrown", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9.:/@_-]{0,40}$/)), (text) => {
        try {
          const full = formatReference(parseReference(text));
          expect(formatReference(parseReference(full))).toBe(full);
        } catch (error) {
          if (!(error instanceof ScanError)) throw error;
        }
      }),
    );
  });
});
