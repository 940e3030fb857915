import { describe, expect, test } from "vitest";
import { trivyignoreYaml } from "./trivyignore-yaml.ts";

describe(".trivyignore.yaml", () => {
  test.each([
    ["vulnerabilities: [CVE-1]", "vulnerabilities[0]", "not a mapping"],
    ["vulnerabilities: [{ statement: ours }]", "vulnerabilities[0]", "no id"],
    ["secrets: [{ id: key, expired_at: soon }]", "secrets[0]", "key has an expiry that is no date"],
    ["licenses: [{ id: MIT, purls: [left] }]", "licenses[0]", '"left" is not a package URL'],
    ["misconfigurations: DS-1", "misconfigurations", "it is no list"],
    ["secret: []", "secret", '"secret" is none of vulnerabilities, misconfigurations, secrets, licenses'],
  ])("%s has no rule in it", (text, place, problem) => {
    expect(trivyignoreYaml.read(text)).toEqual({ rules: [], problems: [{ place, problem }] });
  });

  test("tells what a rule is about, why, and until when", () => {
    const text = `
vulnerabilities:
  - id: CVE-1
    purls: ["pkg:npm/left"]
    paths: [srv/*, opt/*]
    statement: ours
    expired_at: 2030-01-01
secrets:
licenses: ""
`;

    expect(trivyignoreYaml.read(text)).toMatchObject({
      rules: [
        {
          place: "vulnerabilities[0]",
          scope: "CVE-1 in pkg:npm/left, srv/*, opt/*",
          reason: "ours",
          expires: { text: "2030-01-01" },
        },
      ],
      problems: [],
    });
  });

  test.each([undefined, "- a"])("that is no mapping has no rules: %j", (text = "") => {
    expect(trivyignoreYaml.read(text)).toEqual({ rules: [], problems: [] });
  });
});
