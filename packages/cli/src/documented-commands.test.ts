import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseYaml } from "@plimsoll/formats";
import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

/** Every command line that documentation, examples and help show is one that the program understands. */

const root = fileURLToPath(new URL("../../../", import.meta.url));

function pages(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory())
        return ["generated", "node_modules", "dist", "src"].includes(entry.name) ? [] : below(path);
      return /\.(md|ya?ml)$/.test(entry.name) ? [path] : [];
    });
  return ["README.md", ...below("docs"), ...below("examples"), ...below("packages")];
}

/** Command lines of the program in a text: after `plimsoll`, up to a comment, a pipe or the end of the code. */
function commandsIn(text: string): readonly string[] {
  const code = text.replaceAll(/\\\n\s*/g, " ");
  return [
    ...code.matchAll(/(?:^|[|&;`(]|npx|- (?:run: )?|run: )[^\S\n]*plimsoll[^\S\n]+([a-z-][^\n`|;&#]*)/gm),
  ].flatMap(([, rest = ""]) => (rest.trim() === "" ? [] : [rest.trim()]));
}

const helps = new Map<string, Promise<string>>();

function helpOf(command: string): Promise<string> {
  const known = helps.get(command) ?? readHelp(command);
  helps.set(command, known);
  return known;
}

async function readHelp(command: string): Promise<string> {
  let text = "";
  const code = await runCli([...command.split(" ").filter(Boolean), "--help"], {
    stdout: { write: (part) => (text += part), columns: 200 },
    stderr: { write: () => undefined },
    env: {},
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  return code === 0 ? text : "";
}

/** The commands that a help lists. */
function namesIn(help: string): readonly string[] {
  const [, list = ""] = /\nCommands:\n((?:[^\n]+\n)+)/.exec(`${help}\n`) ?? [];
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
}

/** What is wrong with a command line; undefined when nothing is. */
async function problemOf(line: string): Promise<string | undefined> {
  const typed = line.split(/\s+/);
  // A bare target: whatever it is, image is a command that takes it and has the most options.
  const words = /[./:]/.test(typed[0] ?? "") ? ["image", ...typed] : typed;
  let command = "";
  let rest = words;
  for (let names = namesIn(await helpOf("")); rest.length > 0; names = namesIn(await helpOf(command))) {
    const at = rest.findIndex((word) => names.includes(word));
    if (names.length === 0) break;
    if (at < 0) {
      if (rest[0]?.startsWith("-") === true || rest[0] === "…") break;
      // A command of its own that has further ones below it, such as audit, takes what is none of their names.
      if (/^Usage:.*\[command\] [<[]/m.test(await helpOf(command))) break;
      return `${rest[0]} is no command`;
    }
    command = `${command} ${rest[at]}`.trim();
    rest = rest.toSpliced(at, 1);
  }
  const help = `${await helpOf(command)}\n${await helpOf("")}`;
  for (const word of rest) {
    const flag = /^\[?(--[a-z][a-z-]*)/.exec(word)?.[1];
    if (flag !== undefined && !new RegExp(`(^|[\\s,])${flag}([\\s,=]|$)`, "m").test(help))
      return `${flag} is no option of ${command}`;
  }
  return undefined;
}

test("every command line in the documentation is understood", async () => {
  const problems: string[] = [];
  let lines = 0;
  for (const page of pages())
    for (const line of commandsIn(readFileSync(join(root, page), "utf8"))) {
      lines += 1;
      const problem = await problemOf(line);
      if (problem !== undefined) problems.push(`${page}: plimsoll ${line}: ${problem}`);
    }

  expect(problems).toEqual([]);
  expect(lines).toBeGreaterThan(40);
});

test.each([
  ["plimsoll scan app.tar", "scan is no command"],
  ["npx plimsoll image --sverity HIGH app.tar", "--sverity is no option of image"],
  ["plimsoll db frobnicate", "frobnicate is no command"],
])("a mistake in %s is seen", async (text, expected) => {
  expect(await problemOf(commandsIn(text)[0] ?? "")).toBe(expected);
});

describe("every command", () => {
  test("has a help with examples of its own", async () => {
    const without: string[] = [];
    async function visit(command: string): Promise<void> {
      const help = await helpOf(command);
      const names = namesIn(help);
      if (!help.includes("Examples:")) without.push(command);
      for (const name of names) await visit(`${command} ${name}`.trim());
    }
    await visit("");

    expect(without).toEqual([]);
  });

  test("of the contract has the options of the contract", async () => {
    const contract: Readonly<Record<string, string>> = {
      image:
        "--input --db --format --output --severity --ignore-unfixed --ignore-status --ignorefile --vex --list-all-pkgs --pkg-types --platform --exit-code --exit-on-eol --offline --no-progress --quiet --timeout --cache-dir --show-suppressed --template",
      rootfs: "--db --format --output --severity --exit-code",
      fs: "--db --format --output --severity --exit-code",
      sbom: "--db --format --output --severity --exit-code",
      "db build": "--from --output",
      "db update": "--cache-dir",
      "db info": "--db",
      explain: "--db",
      diff: "--format --output",
    };
    const missing: string[] = [];
    for (const [command, options] of Object.entries(contract)) {
      const help = await helpOf(command);
      for (const option of options.split(" ")) if (!help.includes(option)) missing.push(`${command} ${option}`);
    }

    expect(missing).toEqual([]);
    for (const format of "table json cyclonedx cyclonedx-xml spdx-json spdx sarif html markdown junit gitlab github openvex template".split(
      " ",
    ))
      expect(await helpOf("image")).toMatch(new RegExp(`[ ,]${format}[,) \\n]`));
  });
});

describe("the pipelines of examples/ci", () => {
  test.each(readdirSync(join(root, "examples/ci")).filter((name) => name.endsWith(".yml")))("%s is YAML", (name) => {
    const [document] = parseYaml(readFileSync(join(root, "examples/ci", name), "utf8"));

    expect(Object.keys(document as object).length).toBeGreaterThan(0);
    expect(existsSync(join(root, "examples/ci/package.json"))).toBe(true);
  });
});
