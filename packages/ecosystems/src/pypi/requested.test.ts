import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { pypiRequirements } from "./requirements-file.ts";
import { guessVersion, pypiRequested } from "./requested.ts";

test.each([
  [">= 4.1.1", "4.1.1"],
  ["~=1.1", "1.1"],
  ["==2.0.*", "2.0.0"],
  [">=1,<=2,!=2", "1"],
  [">= 1.0.0, <= 2.0.0", "2.0.0"],
  ["==1.*,>=1.2", "1.2"],
])("%j is guessed to be %s", (specifiers, version) => {
  expect(guessVersion(specifiers)).toBe(version);
});

test.each(["", "!=3.5", ">1.0", "<2", "==5.*.*", "==4.*.1", "nonsense", Array(40).fill(">=1").join(",")])(
  "of %j nothing can be told",
  (specifiers) => {
    expect(guessVersion(specifiers)).toBeUndefined();
  },
);

test("a guess says what it was made from, and a pinned version is none", async () => {
  const { all } = await observe(pypiRequested, "requirements.txt", "a==1.0\nB >= 2.0 ; python_version > '3'\n");

  expect(all).toEqual([
    {
      kind: "package",
      package: { name: "B", version: "2.0", key: "b", relationship: "direct", facts: { requirement: ">= 2.0" } },
      line: 2,
    },
  ]);
});

test("text behind a version, which pip refuses, does not lose the package", async () => {
  const { packages } = await observe(pypiRequirements, "requirements.txt", "a==1.0 by the way\nb==1.0 , <2\n");

  expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(["a@1.0", "b@1.0"]);
});
