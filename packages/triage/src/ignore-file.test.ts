import { FormatError } from "@plimsoll/formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { triage, ignoreFile } from "./index.ts";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import type { Triaged } from "./index.ts";

const openssl = pkg("pkg:apk/alpine/libssl3@3.1.0?arch=x86_64", { source: { name: "openssl", version: "3.1.0" } });
const left = pkg("pkg:npm/left@1.0.0", {
  locations: [{ path: "app/node_modules/left/package.json", evidence: "installed" }],
});
const findings = [
  finding("CVE-2020-0001", openssl, {
    aliases: ["ALPINE-CVE-2020-0001"],
    status: "fixed",
    fixedVersion: "3.1.1",
    explanation: {
      ...finding("x", openssl).explanation,
      key: { namespace: "Alpine:v3.20", name: "openssl" },
      advisory: "ALPINE-CVE-2020-0001",
    },
  }),
  finding("CVE-2020-0002", left, { aliases: ["GHSA-a"], status: "will_not_fix" }),
];

function judge(name: string, text: string, now?: string): Triaged {
  return triage(findings, [ignoreFile(text, { name, now })], [openssl, left]);
}

function suppressed(name: string, text: string, now?: string): readonly (readonly [string, string])[] {
  return judge(name, text, now).suppressed.map(({ finding: { id }, reason }) => [id, reason]);
}

function remarks(name: string, text: string, now?: string): readonly string[] {
  return judge(name, text, now).diagnostics.map(({ message }) => message);
}

describe(".trivyignore", () => {
  test("takes an id a line, aliases too, with the comment as the reason", () => {
    const text = "# accepted\r\nCVE-2020-0001\r\n\r\n  GHSA-a # not reachable\n";
    expect(suppressed(".trivyignore", text)).toEqual([
      ["CVE-2020-0001", ".trivyignore, line 2"],
      ["CVE-2020-0002", "not reachable (.trivyignore, line 4)"],
    ]);
  });

  test("reports rules that match nothing, with their line", () => {
    const { diagnostics } = judge(".trivyignore", "CVE-2020-0001\nCVE-1999-9999\n");
    expect(diagnostics).toEqual([
      {
        kind: "diagnostic",
        code: "triage",
        effect: "none",
        message: ".trivyignore: line 2: the rule for CVE-1999-9999 matched nothing",
        location: { path: ".trivyignore", line: 2 },
      },
    ]);
  });

  test.each([
    ["2024-12-31", ["CVE-2020-0001"], []],
    ["2025-01-01", [], [".trivyignore: line 1: the rule for CVE-2020-0001 expired on 2025-01-01"]],
    [undefined, ["CVE-2020-0001"], [".trivyignore: the expiry of its rules was not checked: no time was given"]],
  ])("a rule that expires on 2025-01-01 at %s hides %j", (now, expected, said) => {
    const text = "CVE-2020-0001 exp:2025-01-01";
    expect(suppressed(".trivyignore", text, now).map(([id]) => id)).toEqual(expected);
    expect(remarks(".trivyignore", text, now)).toEqual(said);
  });

  test("an expiry that is no date is not taken for never", () => {
    expect(suppressed(".trivyignore", "CVE-2020-0001 exp:soon")).toEqual([]);
    expect(remarks(".trivyignore", "CVE-2020-0001 exp:soon")).toEqual([
      ".trivyignore: line 1: CVE-2020-0001 has an expiry that is no date; the rule is not applied",
    ]);
  });
});

describe(".trivyignore.yaml", () => {
  test.each([
    ["ids", "vulnerabilities: [{ id: CVE-2020-0001, statement: ours }]", ["CVE-2020-0001"]],
    ["paths as globs", "vulnerabilities: [{ id: CVE-2020-0002, paths: ['**/node_modules/**'] }]", ["CVE-2020-0002"]],
    ["paths that do not fit", "vulnerabilities: [{ id: CVE-2020-0002, paths: [srv] }]", []],
    ["purls without a version", "vulnerabilities: [{ id: CVE-2020-0002, purls: ['pkg:npm/left'] }]", ["CVE-2020-0002"]],
    ["purls of another version", "vulnerabilities: [{ id: CVE-2020-0002, purls: ['pkg:npm/left@2'] }]", []],
    ["a purl that is none", "vulnerabilities: [{ id: CVE-2020-0002, purls: [left] }]", []],
    ["other sections", "misconfigurations: [{ id: CVE-2020-0002 }]", []],
    [
      "entries that are none",
      "vulnerabilities: [text, [], { statement: x }, { id: CVE-2020-0001 }]",
      ["CVE-2020-0001"],
    ],
  ])("knows %s", (_name, text, expected) => {
    expect(suppressed(".trivyignore.yaml", text).map(([id]) => id)).toEqual(expected);
  });

  test.each(["distro=alpine-3.9", "distro=3.9.0", "distro=alpine-3.9.0", "distro=alpine"])(
    "knows a release in several spellings: %s",
    (distro) => {
      const pkgOfRelease = pkg("pkg:apk/alpine/libssl3@3.1.0?distro=3.9.0");
      const rule = ignoreFile(`vulnerabilities: [{ id: CVE-1, purls: ["pkg:apk/alpine/libssl3?${distro}"] }]`, {
        name: ".trivyignore.yaml",
      });
      expect(triage([finding("CVE-1", pkgOfRelease)], [rule], [pkgOfRelease]).suppressed).toHaveLength(1);
    },
  );

  test("states expiry as a date", () => {
    const text = "vulnerabilities:\n  - id: CVE-2020-0001\n    expired_at: 2023-11-10\n";
    expect(remarks(".trivyignore.yaml", text, "2024-01-01T00:00:00Z")).toEqual([
      ".trivyignore.yaml: vulnerabilities[0]: the rule for CVE-2020-0001 expired on 2023-11-10",
    ]);
  });
});

describe(".plimsollignore.yaml", () => {
  test.each([
    ["an id", "{ id: CVE-2020-0001, reason: r }", ["CVE-2020-0001"]],
    ["several ids", "{ ids: [CVE-2020-0001, GHSA-a], reason: r }", ["CVE-2020-0001", "CVE-2020-0002"]],
    ["a package by its source's name", "{ package: openssl, reason: r }", ["CVE-2020-0001"]],
    ["a purl", "{ purl: 'pkg:npm/left@1.0.0', reason: r }", ["CVE-2020-0002"]],
    ["the source of a package by purl", "{ purl: 'pkg:apk/alpine/openssl', reason: r }", ["CVE-2020-0001"]],
    ["a path", "{ path: app/, reason: r }", ["CVE-2020-0002"]],
    ["all conditions at once", "{ id: CVE-2020-0001, path: app/, reason: r }", []],
  ])("ignores by %s", (_name, entry, expected) => {
    expect(suppressed(".plimsollignore.yaml", `ignore:\n  - ${entry}\n`).map(([id]) => id)).toEqual(expected);
  });

  test.each([
    ["{ id: CVE-2020-0001 }", "it gives no reason"],
    ["{ reason: r }", "it says neither id, kind, package, purl nor path"],
    ["{ id: CVE-2020-0001, reason: r, expires: never }", "its expiry is no date"],
    ["{ id: CVE-2020-0001, reason: r, packag: openssl }", '"packag" is none of id, ids'],
    ["text", "not a mapping"],
  ])("does not apply %s", (entry, problem) => {
    const text = `ignore:\n  - ${entry}\n`;
    expect(suppressed(".plimsollignore.yaml", text)).toEqual([]);
    expect(remarks(".plimsollignore.yaml", text)[0]).toContain(problem);
  });

  test("names the owner with the reason", () => {
    expect(
      suppressed(".plimsollignore.yaml", "ignore: [{ id: CVE-2020-0001, reason: accepted, owner: web team }]"),
    ).toEqual([["CVE-2020-0001", "accepted (web team) (.plimsollignore.yaml, ignore[0])"]]);
  });
});

describe("osv-scanner.toml", () => {
  test.each([
    ['[[IgnoredVulns]]\nid = "GHSA-a"\nreason = "r"', ["CVE-2020-0002"]],
    ['[[PackageOverrides]]\nname = "left"\nignore = true', ["CVE-2020-0002"]],
    ['[[PackageOverrides]]\nname = "left"\nversion = "2.0.0"\nignore = true', []],
    ['[[PackageOverrides]]\necosystem = "Alpine"\nvulnerability.ignore = true', ["CVE-2020-0001"]],
    ['[[PackageOverrides]]\necosystem = "Alp"\nvulnerability.ignore = true', []],
    ['[[PackageOverrides]]\nname = "left"\nlicense.ignore = true', []],
  ])("%j hides %j", (text, expected) => {
    expect(suppressed("osv-scanner.toml", text).map(([id]) => id)).toEqual(expected);
  });

  test("reads native dates, and knows the line of each rule", () => {
    const text = 'GoVersionOverride = "1.22"\n[[IgnoredVulns]]\nid = "CVE-2020-0001"\nignoreUntil = 2024-05-01\n';
    const { diagnostics } = judge("osv-scanner.toml", text, "2024-05-02");
    expect(diagnostics).toMatchObject([
      {
        message: "osv-scanner.toml: IgnoredVulns[0]: the rule for CVE-2020-0001 expired on 2024-05-01",
        location: { line: 2 },
      },
    ]);
  });
});

describe(".grype.yaml", () => {
  test.each([
    ["vulnerability: CVE-2020-0001", ["CVE-2020-0001"]],
    ["vulnerability: ALPINE-CVE-2020-0001", ["CVE-2020-0001"]],
    ["vulnerability: GHSA-a", []],
    ["{ vulnerability: GHSA-a, include-aliases: true }", ["CVE-2020-0002"]],
    ["fix-state: wont-fix", ["CVE-2020-0002"]],
    ["fix-state: fixed", ["CVE-2020-0001"]],
    ["package: { name: 'lib.*' }", ["CVE-2020-0001"]],
    ["package: { name: 'left|right' }", ["CVE-2020-0002"]],
    ["package: { name: 'le' }", []],
    ["package: { upstream-name: openssl }", ["CVE-2020-0001"]],
    ["package: { type: npm, version: 1.0.0 }", ["CVE-2020-0002"]],
    ["package: { language: javascript }", ["CVE-2020-0002"]],
    ["package: { location: '/app/**' }", ["CVE-2020-0002"]],
  ])("%s hides %j", (rule, expected) => {
    expect(suppressed(".grype.yaml", `ignore:\n  - ${rule}\n`).map(([id]) => id)).toEqual(expected);
  });

  test.each([
    ["namespace: github:language:python", 'the condition "namespace" is not supported'],
    ["package: { name: '(a+)+' }", 'the pattern "(a+)+" is not supported'],
    ["fix-state: later", '"later" is no fix state'],
    ["reason: none", "it has no condition"],
  ])("does not apply %s", (rule, problem) => {
    const text = `ignore:\n  - ${rule}\n`;
    expect(suppressed(".grype.yaml", text)).toEqual([]);
    expect(remarks(".grype.yaml", text)[0]).toContain(problem);
  });
});

describe("any ignore file", () => {
  test.each([
    ["rules.yaml", "vulnerabilities: [{ id: CVE-2020-0001 }]"],
    ["rules.yaml", "ignore:\n  - vulnerability: CVE-2020-0001\n"],
    ["rules.yaml", "ignore:\n  - id: CVE-2020-0001\n    reason: r\n"],
    ["rules.toml", '[[IgnoredVulns]]\nid = "CVE-2020-0001"'],
    ["rules", "CVE-2020-0001"],
    ["rules.yaml.txt", "CVE-2020-0001"],
    ["rules.yml", "vulnerabilities : [{ id: CVE-2020-0001 }]"],
    ["rules.yml", "ignore:\n  - vulnerability : CVE-2020-0001\n"],
    // What stands in a reason tells nothing.
    ["rules.yaml", "ignore:\n  - id: CVE-2020-0001\n    reason: 'no vulnerability: it is ours'\n"],
    ["rules.yaml", "ignore:\n  - id: CVE-2020-0001\n    reason: 'no vulnerabilities: it is ours'\n"],
    ["rules.yaml", "ignore:\n  - vulnerability: CVE-2020-0001\n    reason: 'no vulnerabilities: it is ours'\n"],
    ["rules.yaml", "vulnerabilities:\n  - id: CVE-2020-0001\n    statement: |\n      vulnerability: none\n"],
    ["rules.yaml", "vulnerabilities :\n  - id: CVE-2020-0001\n    statement: |\n      vulnerability: none\n"],
  ])("named %s tells its format by content: %j", (name, text) => {
    expect(suppressed(name, text).map(([id]) => id)).toEqual(["CVE-2020-0001"]);
  });

  test.each([
    [".trivyignore.yaml", "a: [b"],
    ["osv-scanner.toml", "a = ["],
  ])("that is broken is refused by name: %s", (name, text) => {
    expect(() => ignoreFile(text, { name })).toThrow(`Cannot read ${name}`);
  });

  test.each([
    ["rules/trivy/mine.yaml", "ignore:\n  - id: CVE-2020-0001\n    reason: r\n"],
    ["rules/.grype.yaml", "ignore: [{ vulnerability: CVE-2020-0001 }]"],
    ["TrivyIgnore.YML", "vulnerabilities: [{ id: CVE-2020-0001 }]"],
    ["rules.yaml", "\uFEFFvulnerabilities: [{ id: CVE-2020-0001 }]"],
  ])("is told by its own name, not by that of its directory: %s", (name, text) => {
    expect(suppressed(name, text).map(([id]) => id)).toEqual(["CVE-2020-0001"]);
  });

  test.each([
    ["grype", "ignore: [{ vulnerability: CVE-2020-0001 }]"],
    ["osv-scanner", "[[IgnoredVulns]]\nid = 'CVE-2020-0001'"],
    ["plimsollignore", "ignore: [{ id: CVE-2020-0001, reason: r }]"],
    ["trivyignore", "CVE-2020-0001"],
    ["trivyignore-yaml", "vulnerabilities: [{ id: CVE-2020-0001 }]"],
  ] as const)("has the format that is asked for, whatever it is called: %s", (format, text) => {
    const rule = ignoreFile(text, { name: ".gitleaksignore", format });

    expect(triage(findings, [rule]).suppressed).toHaveLength(1);
  });

  test("of ours is known by its name before its content", () => {
    expect(remarks("team.plimsollignore.yaml", "vulnerabilities: [{ id: CVE-2020-0001 }]")).toEqual([
      'team.plimsollignore.yaml: vulnerabilities: "vulnerabilities" is none of ignore; the rule is not applied',
    ]);
    expect(remarks("team.gitleaksignore", "CVE-2020-0001")).toEqual([
      "team.gitleaksignore: line 1: CVE-2020-0001 is no fingerprint; the rule is not applied",
    ]);
  });

  test("is judged at a time of either form, and at no other", () => {
    const at = (now: string | Date) => ignoreFile("CVE-2020-0001 exp:2025-01-01", { name: ".trivyignore", now });

    expect(triage(findings, [at(new Date("2025-01-01T00:00:00Z"))]).suppressed).toEqual([]);
    expect(triage(findings, [at(new Date("2024-12-31T23:59:59Z"))]).suppressed).toHaveLength(1);
    expect(() => at("soon")).toThrow('ignoreFile: now: "soon" is no time');
    expect(() => at({} as Date)).toThrow("ignoreFile: now: an object is no time"); // as: no types have checked it
    expect(() => ignoreFile("", { name: "x", format: "trivy" as "grype" })).toThrow(
      'ignoreFile: format: "trivy" is none of gitleaksignore, grype, osv-scanner, plimsollignore, trivyignore, trivyignore-yaml',
    );
  });

  test.each([
    [".trivyignore", "# nothing yet\n", []],
    [
      ".gitleaksignore",
      "# nothing yet\n",
      [".gitleaksignore: the file: it has no rules in it; the rule is not applied"],
    ],
    [".grype.yaml", "# nothing yet\n", [".grype.yaml: the file: it has no rules in it; the rule is not applied"]],
    [".grype.yaml", "\n", []],
  ])("without rules is told where that is likely a mistake: %s with %j", (name, text, expected) => {
    expect(remarks(name, text)).toEqual(expected);
  });

  test("that is broken is told with what the reader said", () => {
    expect(() => ignoreFile("a = [", { name: "osv-scanner.toml" })).toThrow(
      expect.objectContaining({
        failure: { kind: "malformed-document", label: "osv-scanner.toml", reason: expect.any(String) },
        cause: expect.any(FormatError),
      }),
    );
  });

  test("tells the place of a remark, with a line only where there is one", () => {
    const where = (name: string, text: string) => judge(name, text).diagnostics.map(({ location }) => location);

    expect(where(".trivyignore", "\nCVE-1")).toStrictEqual([{ path: ".trivyignore", line: 2 }]);
    expect(where(".grype.yaml", "ignore: [{ vulnerability: CVE-1 }]")).toStrictEqual([{ path: ".grype.yaml" }]);
  });

  test("counts each run by itself", () => {
    const rule = ignoreFile("CVE-2020-0001", { name: ".trivyignore" });
    expect(triage(findings, [rule]).diagnostics).toEqual([]);
    expect(triage([], [rule]).diagnostics).toHaveLength(1);
  });

  test("made of anything throws nothing but a malformed document", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom("x", "x.yaml", "trivy.yaml", "grype.yaml", "plimsoll.yaml", "x.toml"),
        (text, name) => {
          try {
            triage(findings, [ignoreFile(text, { name })], [openssl, left]);
          } catch (error) {
            expect(error).toMatchObject({ failure: { kind: "malformed-document" } });
          }
        },
      ),
    );
  });
});

describe("what is not understood of a rule makes it void, in every dialect, and is said", () => {
  test.each<readonly [string, string, string]>([
    [
      ".trivyignore.yaml",
      "vulnerabilities: [{ id: CVE-2020-0001, path: [usr/lib/other] }]",
      '"path" is none of id, paths',
    ],
    [".trivyignore.yaml", "vulnerabilities: [{ id: CVE-2020-0001, purl: [pkg:npm/x] }]", '"purl" is none of'],
    [
      ".trivyignore.yaml",
      "vulnerabilities: [{ id: CVE-2020-0001, expires_at: 2020-01-01 }]",
      '"expires_at" is none of',
    ],
    [".trivyignore.yaml", "vulnerabilities: [{ id: CVE-2020-0001, paths: { a: b } }]", '"paths" is neither a text nor'],
    [".trivyignore.yaml", "vulnerabilites: [{ id: CVE-2020-0001 }]", '"vulnerabilites" is none of vulnerabilities'],
    [".trivyignore.yaml", "vulnerabilities: { id: CVE-2020-0001 }", "vulnerabilities: it is no list"],
    [".trivyignore", "CVE-2020-0001 pkg:libssl3", '"pkg:libssl3" behind CVE-2020-0001'],
    [".trivyignore", "CVE-2020-0001 exp=2020-01-01", '"exp=2020-01-01" behind CVE-2020-0001'],
    [".trivyignore", "CVE-2020-0001 expires 2020-01-01", '"expires" behind CVE-2020-0001'],
    [".plimsollignore.yaml", "ignore: [{ id: CVE-2020-0001, packge: x, reason: r }]", '"packge" is none of id'],
    [".plimsollignore.yaml", "ignore: [{ id: CVE-2020-0001, path: { x: y }, reason: r }]", '"path" is neither'],
    [".plimsollignore.yaml", "rules: [{ id: CVE-2020-0001, reason: r }]", '"rules" is none of ignore'],
    [
      "osv-scanner.toml",
      '[[IgnoredVulns]]\nid = "CVE-2020-0001"\nignoreuntil = 2020-11-09',
      '"ignoreuntil" is none of id',
    ],
    [
      "osv-scanner.toml",
      '[[PackageOverrides]]\nnam = "musl"\necosystem = "Alpine"\nignore = true',
      '"nam" is none of name',
    ],
    ["osv-scanner.toml", '[[PackageOverrides]]\nname = ["musl"]\nignore = true', '"name" is no text'],
    ["osv-scanner.toml", '[[ignoredVulns]]\nid = "CVE-2020-0001"', '"ignoredVulns" is none of IgnoredVulns'],
    [".grype.yaml", "ignore: [{ vulnerability: CVE-2020-0001, package: musl }]", '"package" is no mapping'],
    [".grype.yaml", "ignore: [{ vulnerability: CVE-2020-0001, package: { nam: musl } }]", '"nam" is none of name'],
    [".grype.yaml", "ignore: [{ vulnerability: CVE-2020-0001, packages: { name: musl } }]", '"packages" is none of'],
    [".grype.yaml", "ignores: [{ vulnerability: CVE-2020-0001 }]", "it has no rules in it"],
  ])("%s: %s", (name, text, problem) => {
    expect(suppressed(name, text)).toEqual([]);
    expect(remarks(name, text).join("\n")).toContain(problem);
  });

  test("and prose behind an id, which Trivy leaves alone, does not", () => {
    expect(suppressed(".trivyignore", "CVE-2020-0001 accepted by the team").map(([id]) => id)).toEqual([
      "CVE-2020-0001",
    ]);
  });

  test("both a package's type and its language must hold", () => {
    const rule = (language: string): string => `ignore: [{ package: { type: npm, language: ${language} } }]`;
    expect(suppressed(".grype.yaml", rule("javascript"))).toHaveLength(1);
    expect(suppressed(".grype.yaml", rule("python"))).toEqual([]);
  });
});
