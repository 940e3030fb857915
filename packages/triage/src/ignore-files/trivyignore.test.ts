import { describe, expect, test } from "vitest";
import { trivyignore } from "./trivyignore.ts";

describe("a line of .trivyignore", () => {
  test.each<[string, string, string | undefined]>([
    ["CVE-1", "CVE-1", undefined],
    ["\tCVE-1\t ", "CVE-1", undefined],
    ["CVE-1 #", "CVE-1", undefined],
    ["CVE-1 # exp: see the wiki", "CVE-1", "exp: see the wiki"],
    ["CVE-1  (note: ours) unexpected", "CVE-1", undefined],
    ["CVE-1#2", "CVE-1#2", undefined],
  ])("%j is about %s, because %s", (line, scope, reason) => {
    expect(trivyignore.read(`\n${line}`)).toMatchObject({
      rules: [{ scope, reason, place: "line 2", line: 2, expires: undefined }],
      problems: [],
    });
  });

  test.each(["", "  ", "# CVE-1", "#CVE-1", "  # CVE-1 # twice"])("%j says nothing", (line) => {
    expect(trivyignore.read(line)).toEqual({ rules: [], problems: [] });
  });

  test.each([
    ["CVE-1 exp 2030-01-01", '"exp" behind CVE-1 is no exp:DATE'],
    ["CVE-1 EXP:2030-01-01", '"EXP:2030-01-01" behind CVE-1 is no exp:DATE'],
    ["CVE-1 ours path=srv", '"path=srv" behind CVE-1 is no exp:DATE'],
    ["CVE-1 exp:", undefined],
    ["CVE-1 exp:2030", "CVE-1 has an expiry that is no date"],
  ])("%j is void: %s", (line, problem) => {
    expect(trivyignore.read(line).problems).toEqual(
      problem === undefined ? [] : [{ place: "line 1", line: 1, problem }],
    );
  });
});
