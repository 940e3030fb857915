import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { parseSourceRpm } from "./source-rpm.ts";

describe("parseSourceRpm", () => {
  test.each([
    ["bash-5.1.8-4.el9.src.rpm", { name: "bash", version: "5.1.8-4.el9" }],
    ["util-linux-2.32.1-42.el8_8.src.rpm", { name: "util-linux", version: "2.32.1-42.el8_8" }],
    ["python3.11-setuptools-65.5.1-2.el9_2.1.src.rpm", { name: "python3.11-setuptools", version: "65.5.1-2.el9_2.1" }],
    ["a-1-1.nosrc.rpm", { name: "a", version: "1-1" }],
    ["", undefined],
    ["(none)", undefined],
    ["a.src.rpm", undefined],
    ["a-1.src.rpm", undefined],
    ["-1-1.src.rpm", undefined],
    ["a-1-1.rpm", undefined],
    ["a-1-.src.rpm", undefined],
  ])("of %j is %j", (fileName, expected) => {
    expect(parseSourceRpm(fileName)).toEqual(expected);
  });

  const known = sharedFile("conformance/rpmdb-expected-without-database.json");
  test.skipIf(known === undefined)("reads every source name of the shared databases", () => {
    const packages = JSON.parse(known ?? "[]") as { name: string; sourceRpm: string }[];
    const unread = packages.filter(
      ({ sourceRpm }) => sourceRpm !== "" && sourceRpm !== "(none)" && parseSourceRpm(sourceRpm) === undefined,
    );

    expect(unread).toEqual([]);
    expect(packages.length).toBeGreaterThan(1000);
  });
});
