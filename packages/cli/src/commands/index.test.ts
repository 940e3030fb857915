import { Command } from "commander";
import { expect, test } from "vitest";
import type { Terminal } from "../command-line.ts";
import { everyCommandFile } from "./index.ts";

const terminal: Terminal = {
  stdout: { write: () => undefined },
  stderr: { write: () => undefined },
  env: {},
  signal: new AbortController().signal,
  now: () => "2026-01-01T00:00:00Z",
};

test.each(everyCommandFile.map((file) => [Object.keys(file.commands).join(", "), file] as const))(
  "the file of %s declares these commands, in this order, and leaves what the list says of them to the list",
  async (names, file) => {
    const program = new Command("plimsoll");
    (await file.load())(program, terminal, () => undefined);

    expect(program.commands.map((command) => [command.name(), ...command.aliases()].join("|")).join(", ")).toBe(names);
    expect(program.commands.map((command) => command.summary()).join("")).toBe("");
  },
);
