// Every command the program has, one line each. The code of a command is loaded when its name is on the command line, so
// that no command pays for another one.
import type { Command } from "commander";
import type { Terminal } from "../command-line.ts";

/** Declares commands. `finish` receives the exit code. */
export type AddCommands = (program: Command, terminal: Terminal, finish: (code: number) => void) => void;

/** Commands that are declared in one file. */
export interface CommandFile {
  /** Names of the commands, in the order of their declaration, with their line in the list of commands. */
  readonly commands: Readonly<Record<string, string>>;
  /** Whether it needs all other commands to be declared. */
  readonly asksOthers?: boolean;
  readonly load: () => Promise<AddCommands>;
}

/** In the order of the program's help. */
export const everyCommandFile: readonly CommandFile[] = [
  {
    commands: {
      image: "scan a container image",
      rootfs: "scan an unpacked root file system",
      "fs|filesystem": "scan a source tree with its lock files",
      sbom: "match an existing SBOM",
    },
    load: async () => (await import("./scan.ts")).addScanCommands,
  },
  {
    commands: { "config|conf": "check configuration files" },
    load: async () => (await import("./config.ts")).addConfigCommand,
  },
  {
    commands: {
      explain: "why a finding is there, or why not",
      diff: "findings added, fixed and changed between two results",
    },
    load: async () => (await import("./question.ts")).addQuestionCommands,
  },
  {
    commands: { convert: "write an existing report in other formats" },
    load: async () => (await import("./convert.ts")).addConvertCommand,
  },
  {
    commands: { cis: "CIS benchmarks on a host, a root file system, or a snapshot of a node" },
    load: async () => (await import("./cis.ts")).addCisCommands,
  },
  {
    commands: { probe: "probe endpoints of a cluster for exposed information" },
    load: async () => (await import("./probe.ts")).addProbeCommand,
  },
  {
    commands: { policy: "Gatekeeper's policies: test, verify, expand, bench" },
    load: async () => (await import("./policy.ts")).addPolicyCommands,
  },
  {
    commands: { admit: "decide whether objects may run, and say why not" },
    load: async () => (await import("./admit.ts")).addAdmitCommand,
  },
  {
    commands: { attest: "sign images, and verify their signatures" },
    load: async () => (await import("./attest.ts")).addAttestCommands,
  },
  {
    commands: { "resolve-tags": "replace tags of images by digests in manifests" },
    load: async () => (await import("./resolve-tags.ts")).addResolveTagsCommand,
  },
  {
    commands: { audit: "audit workloads for unsafe settings, and fix them" },
    load: async () => (await import("./audit.ts")).addAuditCommands,
  },
  {
    commands: { db: "make, refresh and inspect advisory databases" },
    load: async () => (await import("./database.ts")).addDatabaseCommands,
  },
  {
    commands: { rego: "evaluate, test and check policies written in Rego" },
    load: async () => (await import("./rego.ts")).addRegoCommands,
  },
  {
    commands: { serve: "run the service: index images once, match them again with every update" },
    load: async () => (await import("./serve.ts")).addServeCommand,
  },
  {
    commands: { clair: "what clairctl does: manifest, report, export-updaters, import-updaters" },
    load: async () => (await import("./clair.ts")).addClairCommands,
  },
  {
    commands: { completion: "print completions for a shell" },
    asksOthers: true,
    load: async () => (await import("./completion.ts")).addCompletionCommand,
  },
];
