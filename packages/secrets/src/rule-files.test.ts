import { describe, expect, test } from "vitest";
import { everySecretRule, findSecrets, readGitleaksRules, readTrivySecretConfig } from "./index.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a gitleaks.toml", () => {
  test("gives its rules, with groups, entropy, paths and allowlists", () => {
    const { rules, problems } = readGitleaksRules(`
title = "ours"
[[rules]]
id = "a"
description = "A"
regex = '''(pre)-([a-z0-9]{8})'''
secretGroup = 2
entropy = 1.5
keywords = ["PRE-"]
[[rules.allowlists]]
condition = "AND"
paths = ['''\\.md$''']
regexes = ['''^aaaa''']
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''ok:''']
stopwords = ["stop"]
[[rules]]
id = "b"
path = '''\\.p12$'''
[allowlist]
paths = ['''^skip/''']
`);
    const find = (text: string, path = "a.txt") =>
      findSecrets(utf8(text), { path, rules, skippedPaths: [] }).map(({ id, column }) => `${id} ${column}`);

    expect(problems).toEqual([]);
    expect(find("pre-ab12cd34")).toEqual(["a 5"]);
    expect(find("pre-aaaaaaaa")).toEqual([]);
    expect(find("pre-aaaabc12", "x.md")).toEqual([]);
    expect(find("pre-aaaabc12", "x.txt")).toEqual(["a 5"]);
    expect(find("pre-stopxy12")).toEqual([]);
    expect(find("ok: pre-ab12cd34")).toEqual([]);
    expect(find("pre-ab12cd34", "skip/a")).toEqual([]);
    expect(find("anything", "k.p12")).toEqual(["b 1"]);
  });

  test("extends the built-in rules, changes one and switches one off", () => {
    const { rules, problems } = readGitleaksRules(`
[extend]
useDefault = true
disabledRules = ["github-oauth"]
[[rules]]
id = "github-pat"
[[rules.allowlists]]
paths = ["fixtures/"]
`);

    expect(problems).toEqual([]);
    expect(rules).toHaveLength(everySecretRule.length - 1);
    expect(rules.find(({ id }) => id === "github-pat")).toMatchObject({ severity: "CRITICAL", keywords: ["ghp_"] });
  });

  test("that extends another file reads it, and no deeper than two", () => {
    const chain = (path: string) =>
      path === "end" ? "" : `[extend]\npath = "${path}+"\n[[rules]]\nid = "${path}"\nregex = "x"\n`;
    const { rules, problems } = readGitleaksRules(chain("a"), { readFile: chain });

    expect(rules.map(({ id }) => id)).toEqual(["a++", "a+", "a"]);
    expect(problems).toHaveLength(1);
  });

  test("keeps what it can of broken rules and names the rest", () => {
    const { rules, problems } = readGitleaksRules(`
[[rules]]
id = "look-around"
regex = "(?=a)"
[[rules]]
regex = "a"
[[rules]]
id = "no-group"
regex = "(a)"
secretGroup = 4
[[rules]]
id = "number"
regex = 5
[[rules]]
id = "fine"
regex = "b"
`);

    expect(rules.map(({ id }) => id)).toEqual(["fine"]);
    expect(problems.map(({ rule }) => rule)).toEqual(["look-around", "rule 2", "no-group", "number"]);
    expect(readGitleaksRules("[[rules").problems).toHaveLength(1);
    expect(readGitleaksRules(`[[rules]]\nid = "large"\nregex = "${"a".repeat(1_000_000)}"`).problems).toMatchObject([
      { rule: "large" },
    ]);
  });
});

describe("a trivy-secret.yaml", () => {
  test("gives the built-in rules it leaves on and its own", () => {
    const { rules, problems } = readTrivySecretConfig(`
enable-builtin-rules: [github-pat, aws-access-key-id]
disable-rules: [aws-access-key-id]
rules:
  - id: ours
    category: general
    title: Ours
    severity: high
    regex: (?P<key>mine)-(?P<value>[0-9]{6})
    secret-group-name: value
    allow-rules:
      - id: zeros
        regex: "000$"
`);

    expect(problems).toEqual([]);
    expect(rules.map(({ id }) => id)).toEqual(["github-pat", "ours"]);
    expect(findSecrets(utf8("mine-123456 mine-123000"), { path: "a", rules })).toMatchObject([
      { id: "ours", severity: "HIGH", column: 6, endColumn: 12 },
    ]);
  });

  test("exempts tests and examples until that is switched off", () => {
    const rule = "rules:\n  - id: r\n    regex: mine-[0-9]{6}\n    severity: LOW\n";
    const find = (config: string, path: string) =>
      findSecrets(utf8("mine-123456"), { path, rules: readTrivySecretConfig(config).rules }).length;

    expect(find(rule, "app/test/a")).toBe(0);
    expect(find(`${rule}disable-allow-rules: [tests]\n`, "app/test/a")).toBe(1);
    expect(find(rule, "app/example.txt")).toBe(0);
  });

  test("leaves out blocks and paths that it names", () => {
    const config = readTrivySecretConfig(
      'rules:\n  - {id: r, regex: "mine-[0-9]{6}", severity: LOW}\nexclude-block:\n  regexes: ["--start--(?s:.)*?--end--"]\nskip-patterns: ["**/*.{bak,old}"]\n',
    );
    const find = (text: string, path: string) =>
      findSecrets(utf8(text), { path, rules: config, skippedPaths: config.skippedPaths }).length;

    expect(find("mine-123456 --start-- mine-654321 --end--", "a")).toBe(1);
    expect(find("mine-123456", "x/y.bak")).toBe(0);
    expect(find("mine-123456", "y.old")).toBe(0);
    expect(find("mine-123456", "y.bak.txt")).toBe(1);
  });

  test("names what it cannot use", () => {
    const { problems, rules } = readTrivySecretConfig(
      "rules:\n  - id: a\n    regex: '(?!a)'\n  - id: b\n    regex: b\n    severity: bad\nother: 1\ndisable-rules: [nope]\n",
    );

    expect(problems.map(({ rule, message }) => `${rule ?? ""}: ${message}`).sort()).toEqual([
      expect.stringContaining(": there is no rule named nope"),
      expect.stringContaining("unknown key other"),
      expect.stringMatching(/^a: error parsing regexp/),
      expect.stringMatching(/^b: unknown severity bad: must be one of /),
    ]);
    expect(rules.some(({ id }) => id === "b")).toBe(true);
    expect(readTrivySecretConfig("[1").problems).toHaveLength(1);
  });
});

test("a rule of a megabyte is told by its name, and the others hold", () => {
  const { rules, problems } = readGitleaksRules(
    `[[rules]]\nid = "big"\nregex = '''${"a|".repeat(500_000)}b'''\n[[rules]]\nid = "small"\nregex = "x{3}"\n`,
  );

  expect(rules.map(({ id }) => id)).toEqual(["small"]);
  expect(problems).toEqual([{ rule: "big", message: expect.stringContaining("is longer than") as string }]);
});
