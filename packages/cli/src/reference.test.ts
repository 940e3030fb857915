import { readdirSync, readFileSync } from "node:fs";
import { everyEcosystem } from "@plimsoll/ecosystems";
import type { Analyzer, FileMatcher } from "@plimsoll/model";
import { expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

/** The reference pages are made from the declarations; `npm run unit -- packages/cli -u` writes them anew. */

const generated = "<!-- Made from the declarations: `npm run unit -- packages/cli -u` writes it anew. -->\n\n";

function page(name: string): string {
  return new URL(`../../../docs/generated/${name}.md`, import.meta.url).pathname;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function describeMatcher(matcher: FileMatcher): string {
  if ("path" in matcher) return `\`${matcher.path}\``;
  if ("basename" in matcher)
    return `\`**/${matcher.basename}\`${matcher.outside === undefined ? "" : ` outside of \`${matcher.outside}\``}`;
  if ("stem" in matcher) return `\`**/${matcher.stem}*\``;
  if ("suffix" in matcher) return `\`**${matcher.suffix.startsWith(".") ? "/*" : ""}${matcher.suffix}\``;
  if ("directory" in matcher) return `\`${matcher.directory}/*\``;
  if ("below" in matcher) return `\`${matcher.below}/**\``;
  return matcher.executable === true ? "executables by their first bytes" : "files by their first bytes";
}

/** Names that differ in their numbers alone are told as one: `libavcodec.so.N`. */
function joinFamilies(files: readonly string[]): readonly string[] {
  const families = new Map<string, string[]>();
  for (const file of files) {
    const family = file.replaceAll(/\d+/g, "N");
    families.set(family, [...(families.get(family) ?? []), file]);
  }
  return [...families].flatMap(([family, members]) => (members.length > 2 ? [family] : members));
}

function analyzerRow(analyzer: Analyzer): string {
  const files = joinFamilies([...new Set(analyzer.matches.map(describeMatcher))]).join(" ");
  return `| \`${analyzer.id}\` | ${analyzer.evidence ?? "installed"} | ${cell(files)} |`;
}

/** Whether the analyzers of an ecosystem hand over what metadata state of licences: told by their sources. */
function statesLicenses(id: string): boolean {
  const folder = new URL(`../../ecosystems/src/${id}/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !/\.(?:test|fuzz)\.ts$/.test(name))
    .some((name) => /\blicenses\b/.test(readFileSync(new URL(name, folder), "utf8")));
}

test("docs/generated/support.md lists every ecosystem", async () => {
  const sections = everyEcosystem.map((ecosystem) =>
    [
      `## ${ecosystem.id}`,
      "",
      `${ecosystem.class === "os" ? "Packages of distributions" : "Language packages"}; versions by the scheme \`${ecosystem.versions.id}\`. Licences: ${
        statesLicenses(ecosystem.id) ? "as metadata state them, and by texts" : "by texts"
      }.`,
      "",
      "| analyzer | evidence | files |",
      "| --- | --- | --- |",
      ...ecosystem.analyzers.map(analyzerRow),
      "",
    ].join("\n"),
  );
  const text = `${generated}# What Plimsoll reads\n\nEvidence \`installed\` is read everywhere; \`declared\` in source trees, and in images with \`--declared\`; \`requested\`, guesses from ranges, with \`--requested\`. Licences that metadata state are those of packages; texts are licence files beside them, looked for with \`--scanners license\`. In names of files, \`N\` stands for numbers.\n\n${sections.join("\n")}`;

  await expect(text).toMatchFileSnapshot(page("support"));
});

test("docs/generated/command-line.md lists every command and option", async () => {
  const commands = [
    "",
    "image",
    "rootfs",
    "fs",
    "sbom",
    "explain",
    "diff",
    "db",
    "db build",
    "db update",
    "db import",
    "db export",
    "db pull",
    "db push",
    "db info",
    "completion",
  ];
  const sections: string[] = [];
  for (const command of commands) {
    let help = "";
    await runCli([...command.split(" ").filter(Boolean), "--help"], {
      stdout: { write: (text) => (help += text), columns: 120 },
      stderr: { write: () => undefined },
      env: {},
      signal: new AbortController().signal,
      now: () => "2026-01-01T00:00:00Z",
    });
    sections.push(`## plimsoll ${command}`.trimEnd(), "", "```text", help.trimEnd(), "```", "");
  }

  await expect(`${generated}# The command line\n\n${sections.join("\n")}`).toMatchFileSnapshot(page("command-line"));
});

test("docs/generated/diagnostics.md lists every code", async () => {
  const source = readFileSync(new URL("../../model/src/diagnostic.ts", import.meta.url), "utf8");
  const union = /export type DiagnosticCode =\n([^]+?)";\n/.exec(source)?.[1] ?? "";
  const codes = [...union.matchAll(/(?:\/\*\* ([^\n]+?) \*\/\n\s+)?\| "([a-z-]+)"/g)].map(
    ([, meaning = "", code = ""]) => ({ code, meaning }),
  );

  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter(({ meaning }) => meaning === "").map(({ code }) => code)).toEqual([]);
  const rows = codes.map(({ code, meaning }) => `| \`${code}\` | ${cell(meaning)} |`);
  await expect(
    `${generated}# Diagnostics\n\n| code | meaning |\n| --- | --- |\n${rows.join("\n")}\n`,
  ).toMatchFileSnapshot(page("diagnostics"));
});
