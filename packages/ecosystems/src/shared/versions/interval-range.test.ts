import { formatVers, versFromNative } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { versionScheme } from "../../index.ts";

const written = (id: string, range: string): string | undefined => {
  const scheme = versionScheme(id);
  const read = scheme === undefined ? undefined : versFromNative(id, range, scheme);
  return read === undefined ? undefined : formatVers(read);
};

describe("ranges in intervals", () => {
  test.each([
    ["maven", "[1.0,2.0)", "vers:maven/>=1.0|<2.0"],
    ["maven", "(,1.0],[1.2,)", "vers:maven/<=1.0|>=1.2"],
    ["maven", "(1.0,2.0],[3.0,4.0)", "vers:maven/>1.0|<=2.0|>=3.0|<4.0"],
    ["maven", "[1.5]", "vers:maven/1.5"],
    ["maven", "(,)", "vers:maven/*"],
    ["nuget", "[1.0, 2.0)", "vers:nuget/>=1.0|<2.0"],
    ["nuget", "(1.0,)", "vers:nuget/>1.0"],
    ["nuget", "1.0", "vers:nuget/>=1.0"],
    ["conan", "[>1.0 <2.0]", "vers:conan/>1.0|<2.0"],
    ["maven", ">=1.0,<2.0", "vers:maven/>=1.0|<2.0"],
    ["maven", " [ 1.0 , 2.0 ) , [ 3.0 ] ", "vers:maven/>=1.0|<2.0|3.0"],
    ["maven", "[,2.0]", "vers:maven/<=2.0"],
  ])("of %s: %s is %s", (id, range, expected) => {
    expect(written(id, range)).toBe(expected);
  });

  test.each([
    "[1.0",
    "(1.5)",
    "[1.5)",
    "(1.5]",
    "[1.0,2.0);[3.0]",
    "[1.0,2.0)[3.0]",
    "[1.0,2.0),x[3.0,4.0]",
    "[1.0],1.5.1,[2.0]",
    "[1.0,2.0),",
    "[1.0,2.0) x",
    "[]",
    "[1,2,3]",
  ])("that are none are refused: %s", (range) => {
    expect(written("maven", range)).toBeUndefined();
  });
});
