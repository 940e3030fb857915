import type { Command } from "commander";
import {
  buildAdvisories,
  defaultStorePath,
  exportAdvisories,
  importAdvisories,
  openAdvisories,
  pullAdvisories,
  pushAdvisories,
  updateAdvisories,
} from "@plimsoll/node";
import type { OpenedAdvisories } from "@plimsoll/node";
import { exitCodes, sayingOf, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { databaseKeysOf, withDatabaseKeyOption } from "../database-keys.ts";
import type { DatabaseKeyFlags } from "../database-keys.ts";
import { downloadProgress, progress } from "../progress.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { examples } from "./examples.ts";

/** Adds `db build`, `db update`, `db import`, `db export`, `db pull`, `db push` and `db info`. */
export function addDatabaseCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const database = program
    .command("db")
    .addHelpText("after", examples("plimsoll db update", "plimsoll db info --verbose"));

  database
    .command("build")
    .summary("make a database from feeds on disk")
    .requiredOption(
      "--from <source...>",
      "directory or address laid out like the OSV bucket, or a feed's file; may be repeated",
    )
    .option("--output <file>", "the database (default: the one of the cache directory)")
    .option("--cache-dir <dir>", "directory of the default database")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText(
      "after",
      examples(
        "plimsoll db build --from ./osv --from known_exploited_vulnerabilities.json --output advisories.plimsoll",
      ),
    )
    .action(async (flags: BuildFlags) => {
      await build(flags, terminal);
      finish(exitCodes.done);
    });

  withDatabaseKeyOption(database.command("update"))
    .summary("fetch what changed since the last time")
    .option("--ecosystems <list>", "OSV ecosystems, such as Alpine,npm (default: those fetched before, else all)")
    .option("--mirror <url...>", "addresses laid out like the OSV bucket, tried in order")
    .option("--kev <url...>", "addresses of CISA's catalogue of exploited vulnerabilities; none: without it")
    .option("--epss <url...>", "addresses of FIRST's exploit prediction scores, gzipped; none: without them")
    .option(
      "--nvd <url...>",
      "addresses of folders with the NVD's yearly files, for ratings; none: without them (default: the NVD's own, unless --mirror is given)",
    )
    .option(
      "--end-of-life <url...>",
      "addresses of folders with documents of endoflife.date, such as debian.json; none: without them (default: its own, unless --mirror is given)",
    )
    .option("--cache-dir <dir>", "where the database is")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", examples("plimsoll db update", "plimsoll db update --ecosystems Alpine,Debian,npm"))
    .action(async (flags: UpdateFlags) => finish(await update(flags, terminal)));

  database
    .command("import")
    .summary("replace the default database by one that was made elsewhere")
    .argument("<file>", "a database that db build or db update made")
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText("after", examples("plimsoll db import advisories.plimsoll"))
    .action(async (file: string, flags: { cacheDir?: string }) => {
      await importAdvisories(file, { output: defaultStorePath(flags.cacheDir), signal: terminal.signal });
      finish(exitCodes.done);
    });

  database
    .command("export")
    .summary("write the default database to a file, to be imported elsewhere")
    .argument("<file>", "where to")
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText("after", examples("plimsoll db export advisories.plimsoll"))
    .action(async (file: string, flags: { cacheDir?: string }) => {
      await exportAdvisories(file, { from: defaultStorePath(flags.cacheDir), signal: terminal.signal });
      finish(exitCodes.done);
    });

  withDatabaseKeyOption(withRegistryOptions(database.command("pull")))
    .summary("replace the default database by one from a registry, if they differ")
    .argument("<reference>", "reference that was pushed to: registry.example/advisories:latest")
    .option("--cache-dir <dir>", "directory of the default database")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText(
      "after",
      examples(
        "plimsoll db pull registry.example/advisories:latest",
        "plimsoll db pull registry.example/advisories:latest --db-key cosign.pub",
      ),
    )
    .action(async (reference: string, flags: PullFlags) => {
      await pull(reference, flags, terminal);
      finish(exitCodes.done);
    });

  withRegistryOptions(database.command("push"))
    .summary("push a database to a registry, as an OCI artifact")
    .argument("<reference>", "where to: registry.example/advisories:latest")
    .option("--db <file>", "the database (default: the one of the cache directory)")
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText(
      "after",
      `\nThe digest is printed; what \`--db-key\` asks for signs it: \`plimsoll attest sign REGISTRY/NAME@DIGEST --key cosign.key\`, or cosign.\n${examples("plimsoll db push registry.example/advisories:latest")}`,
    )
    .action(async (reference: string, flags: RegistryFlags & { db?: string; cacheDir?: string }) => {
      const digest = await pushAdvisories(flags.db ?? defaultStorePath(flags.cacheDir), plainReference(reference), {
        registry: registryOf(flags, terminal),
        signal: terminal.signal,
      });
      terminal.stdout.write(`${digest}\n`);
      finish(exitCodes.done);
    });

  withDatabaseKeyOption(database.command("info"))
    .summary("what a database holds, and how fresh it is")
    .option("--db <location>", "the database, as for scans (default: the one of the cache directory)")
    .option("--cache-dir <dir>", "directory of the default database")
    .option("--offline", "use no network at all")
    .option("--format <format>", "table or json", "table")
    .option("--verbose", "tell what became of every record of the feeds")
    .addHelpText("after", examples("plimsoll db info", "plimsoll db info --db advisories.plimsoll --format json"))
    .action(async (flags: InfoFlags) => {
      await info(flags, terminal);
      finish(exitCodes.done);
    });
}

interface BuildFlags {
  readonly from: readonly string[];
  readonly output?: string;
  readonly cacheDir?: string;
  readonly quiet?: boolean;
}

interface PullFlags extends RegistryFlags, DatabaseKeyFlags {
  readonly cacheDir?: string;
  readonly quiet?: boolean;
}

interface UpdateFlags extends DatabaseKeyFlags {
  readonly ecosystems?: string;
  readonly mirror?: readonly string[];
  readonly kev?: readonly string[];
  readonly epss?: readonly string[];
  readonly nvd?: readonly string[];
  readonly endOfLife?: readonly string[];
  readonly cacheDir?: string;
  readonly quiet?: boolean;
}

interface InfoFlags extends DatabaseKeyFlags {
  readonly db?: string;
  readonly cacheDir?: string;
  readonly format: string;
  readonly verbose?: boolean;
  readonly offline?: boolean;
}

async function build(flags: BuildFlags, terminal: Terminal): Promise<void> {
  const output = flags.output ?? defaultStorePath(flags.cacheDir);
  const drawn = progress(terminal, flags.quiet !== true);
  let advisories = 0;
  const onDocument = (name: string, records: number): void => {
    advisories += records;
    drawn.say(`Read ${advisories} advisories, up to ${name} …`);
  };
  const built = await sayingOf(output, () =>
    buildAdvisories({ from: flags.from, output, signal: terminal.signal, onDocument }),
  ).finally(() => drawn.end());
  if (flags.quiet !== true) tellBuilt(output, built.sources, terminal);
}

/** Gives the exit code. */
async function update(flags: UpdateFlags, terminal: Terminal): Promise<number> {
  if (flags.dbKey !== undefined)
    throw new UsageError(
      "--db-key: the feeds that a database is updated from are not signed; plimsoll db pull takes one that is",
    );
  const drawn = downloadProgress(terminal, flags.quiet !== true);
  const { output, built, outcomes, diagnostics } = await updateAdvisories({
    output: defaultStorePath(flags.cacheDir),
    ecosystems: flags.ecosystems?.split(",").map((name) => name.trim()),
    mirrors: addresses("--mirror", flags.mirror),
    knownExploited: addresses("--kev", unlessNone(flags.kev)),
    exploitPrediction: addresses("--epss", unlessNone(flags.epss)),
    nvd: addresses("--nvd", unlessNone(flags.nvd)),
    endOfLife: addresses("--end-of-life", unlessNone(flags.endOfLife)),
    signal: terminal.signal,
    onBytes: drawn.onBytes,
    onDocument: (name, outcome) => {
      drawn.end();
      if (flags.quiet !== true) terminal.stderr.write(`${name}: ${outcome}\n`);
    },
  }).finally(drawn.end);
  for (const { message } of diagnostics) terminal.stderr.write(`warning: ${message}\n`);
  if (built !== undefined && flags.quiet !== true) tellBuilt(output, built.sources, terminal);
  const allFailed = Object.values(outcomes).every((outcome) => outcome === "failed");
  return allFailed ? exitCodes.failed : exitCodes.done;
}

async function pull(reference: string, flags: PullFlags, terminal: Terminal): Promise<void> {
  const output = defaultStorePath(flags.cacheDir);
  const registry = registryOf(flags, terminal);
  const drawn = downloadProgress(terminal, flags.quiet !== true);
  const keys = databaseKeysOf(flags);
  const options = { output, registry, keys, signal: terminal.signal, onBytes: drawn.onBytes };
  const isNew = await pullAdvisories(plainReference(reference), options).finally(drawn.end);
  if (flags.quiet !== true) terminal.stderr.write(`${output}: ${isNew ? "replaced" : "up to date"}\n`);
}

async function info(flags: InfoFlags, terminal: Terminal): Promise<void> {
  if (flags.format !== "table" && flags.format !== "json")
    throw new UsageError(`--format: "${flags.format}" is neither table nor json`);
  const { cacheDir, offline } = flags;
  const options = { cacheDir, offline, keys: databaseKeysOf(flags), signal: terminal.signal };
  const store = await openAdvisories(flags.db ?? defaultStorePath(cacheDir), options);
  try {
    const { revision, sources } = store;
    for (const { message } of store.diagnostics ?? []) terminal.stderr.write(`warning: ${message}\n`);
    const json = (): string => `${JSON.stringify({ revision, sources }, null, 2)}\n`;
    terminal.stdout.write(flags.format === "json" ? json() : describeStore(store, flags.verbose === true));
  } finally {
    await store.close?.();
  }
}

/** The addresses that an option names. @throws UsageError for what is no address, such as a folder. */
function addresses(flag: string, given: readonly string[] | undefined): readonly string[] | undefined {
  for (const address of given ?? []) {
    if (!/^https?:\/\//i.test(address))
      throw new UsageError(
        `${flag}: "${address}" is no address that begins with https://; files on disk are for \`plimsoll db build --from ${address}\``,
      );
  }
  return given;
}

/** The addresses without the word that stands for none. */
function unlessNone(given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.filter((address) => address !== "none");
}

/** Options take references with and without what `--db` needs before them. */
function plainReference(reference: string): string {
  return reference.replace(/^oci:\/\//, "");
}

function tellBuilt(output: string, sources: readonly { readonly records: number }[], terminal: Terminal): void {
  const records = sources.reduce((sum, source) => sum + source.records, 0);
  terminal.stderr.write(`${output}: ${records} records of ${sources.length} sources\n`);
}

function describeStore({ revision, sources }: OpenedAdvisories, verbose: boolean): string {
  const width = Math.max(6, ...sources.map((source) => source.id.length));
  const rows = sources.flatMap((source) => [
    `${source.id.padEnd(width)}  ${String(source.records).padStart(9)}  ${source.updatedAt ?? "-"}`,
    ...(verbose ? balanceOf(source) : []),
  ]);
  const heading = `${"Source".padEnd(width)}  ${"Records".padStart(9)}  Newest record`;
  return [`Revision ${revision}`, "", heading, ...rows, ""].join("\n");
}

/** Every record that was read is stored or left out for a reason. */
function balanceOf({ read, skipped }: OpenedAdvisories["sources"][number]): readonly string[] {
  if (read === undefined) return [];
  const reasons = Object.entries(skipped ?? {}).map(([reason, count]) => `    ${count} left out: ${reason}`);
  return [`    ${read} read`, ...reasons];
}
