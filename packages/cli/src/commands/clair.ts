import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { ScanError } from "@plimsoll/model";
import type { Platform } from "@plimsoll/model";
import {
  buildAdvisories,
  defaultStorePath,
  exportAdvisories,
  importAdvisories,
  systemFetch,
  updateAdvisories,
} from "@plimsoll/node";
import { writeXml, xml } from "@plimsoll/report";
import type { XmlElement } from "@plimsoll/report";
import type { Command } from "commander";
import { clairClient } from "../clair-client.ts";
import type { ClairClient, ClairReport } from "../clair-client.ts";
import { describeError, exitCodes, sayingOf, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { digestOfImage, layerAddresses } from "../layer-addresses.ts";
import type { LayerAddresses } from "../layer-addresses.ts";
import * as values from "../option-values.ts";
import { readText } from "../read-text.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { writeLines } from "../safe-lines.ts";
import { examples } from "./examples.ts";

interface ManifestFlags extends RegistryFlags {
  readonly platform?: Platform;
}

interface ReportFlags extends ManifestFlags {
  readonly host?: string;
  readonly out: string;
  readonly keepGoing?: boolean;
  readonly novel?: boolean;
  readonly serverToken?: string;
  readonly jwtKey?: string;
  readonly issuer: string;
}

/** The most unpacked bytes of a database that is imported. */
const maxImportBytes = 64 * 1024 ** 3;

/** Adds `clair manifest`, `clair report`, `clair export-updaters` and `clair import-updaters`: what `clairctl` does. */
export function addClairCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const clair = program
    .command("clair")
    .addHelpText("after", examples("plimsoll clair report alpine:3.19 --host http://127.0.0.1:6060"));

  withRegistryOptions(clair.command("manifest"))
    .summary("print the manifest of an image for Clair: the addresses of its layers")
    .description(
      "Prints Clair's manifest of each image of a registry, one in a line: its digest, and the addresses of its layers with the headers that fetch them. They contain credentials, most of which are valid for minutes.",
    )
    .argument("<image...>", "references")
    .option("--platform <platform>", "os/architecture[/variant] of a multi-platform image", values.platform)
    .addHelpText(
      "after",
      examples("plimsoll clair manifest quay.io/team/app:1 | curl -d @- http://clair:6060/indexer/api/v1/index_report"),
    )
    .action(async (images: readonly string[], flags: ManifestFlags) => {
      for (const image of images) {
        const manifest = await addressesOf(image, flags, terminal);
        terminal.stdout.write(`${JSON.stringify(manifest)}\n`);
      }
      finish(exitCodes.done);
    });

  withRegistryOptions(clair.command("report"))
    .summary("have Clair, or the service, index images, and print their vulnerabilities")
    .argument("<image...>", "references")
    .option(
      "--host <url>",
      "Clair's API, or the service's (default: what CLAIR_API names, else http://localhost:6060/)",
    )
    .option(
      "-o, --out <format>",
      "text, json: Clair's own reports, one in a line, or xml: a JUnit test suite for each image",
      "text",
    )
    .option("-k, --keep-going", "go on with the next image when one cannot be reported on")
    .option("--novel", "do not index images again that are indexed already")
    .option("--platform <platform>", "os/architecture[/variant] of a multi-platform image", values.platform)
    .option("--server-token <file>", "token for the service")
    .option("--jwt-key <file>", "key to sign with, in base64, as Clair's auth.psk.key")
    .option("--issuer <name>", "issuer of the tokens, as Clair's auth.psk.iss", "clairctl")
    .addHelpText(
      "after",
      examples(
        "plimsoll clair report alpine:3.19",
        "plimsoll clair report --host https://clair.example --jwt-key key.txt --out json app:1 app:2",
      ),
    )
    .action(async (images: readonly string[], flags: ReportFlags) => finish(await reportOn(images, flags, terminal)));

  clair
    .command("export-updaters")
    .summary("fetch the advisories and write them to a file, to be imported elsewhere")
    .description(
      "Brings the default advisory database up to date and writes it to a file, complete by itself, for a machine without a network.",
    )
    .argument("[file]", "where to; - writes to stdout", "-")
    .option("--strict", "fail when one of the sources could not be brought up to date")
    .option("--gzip", "compress what is written")
    .option("--offline", "fetch nothing: write the database as it is")
    .option(
      "--ecosystems <list>",
      "OSV ecosystems, such as Alpine,npm (default: those fetched before, else all)",
      values.textList,
    )
    .option("--mirror <url>", "address laid out like the OSV bucket; may be repeated, tried in order", values.repeated)
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText(
      "after",
      examples(
        "plimsoll clair export-updaters --gzip updates.gz",
        "plimsoll clair export-updaters - | ssh inside plimsoll clair import-updaters -",
      ),
    )
    .action(async (file: string, flags: ExportFlags) => finish(await exportUpdaters(file, flags, terminal)));

  clair
    .command("import-updaters")
    .summary("import advisories that were exported elsewhere")
    .description(
      "Reads the output of export-updaters, or of clairctl's, verifies it, and replaces a database by it in one step. A service that uses that database loads it within ten seconds. Advisories of Clair that cannot be looked up here are listed.",
    )
    .argument("<file>", "a file, an http address, or - for stdin; compressed or not")
    .option("--db <file>", "the database that the service reads (default: the one of the cache directory)")
    .option("--cache-dir <dir>", "directory of the default database")
    .addHelpText(
      "after",
      examples(
        "plimsoll clair import-updaters updates.gz",
        "plimsoll clair import-updaters https://mirror.example/updates.gz --db /var/lib/plimsoll/advisories.db",
      ),
    )
    .action(async (file: string, flags: ImportFlags) => {
      await importUpdaters(file, flags.db ?? defaultStorePath(flags.cacheDir), terminal);
      finish(exitCodes.done);
    });
}

/** Prints the vulnerabilities of each image; gives the exit code. */
async function reportOn(images: readonly string[], flags: ReportFlags, terminal: Terminal): Promise<number> {
  const { out, host = terminal.env["CLAIR_API"] || "http://localhost:6060/" } = flags;
  const form = Object.hasOwn(reportForms, out) ? reportForms[out] : undefined;
  if (form === undefined) throw new UsageError(`--out: "${out}" is none of ${Object.keys(reportForms).join(", ")}`);
  if (!URL.canParse(host) || !/^https?:/.test(host)) throw new UsageError(`--host: "${host}" is no http address`);
  const client = clairClient(host, identityOf(flags), () => terminal.now());
  const { signal } = terminal;
  const written = form(terminal);
  let failed = false;
  for (const image of images) {
    try {
      const digest = flags.novel === true ? await digestOfKnown(image, flags, client, terminal) : undefined;
      written.report(
        image,
        await client.report(digest ?? (await indexImage(image, flags, client, terminal)), { signal }),
      );
    } catch (error) {
      if (flags.keepGoing !== true || signal.aborted || error instanceof UsageError) throw error;
      failed = true;
      written.failure(image, describeError(error));
      terminal.stderr.write(`error: ${image}: ${describeError(error)}\n`);
    }
  }
  written.end();
  return failed ? exitCodes.failed : exitCodes.done;
}

interface ExportFlags {
  readonly strict?: boolean;
  readonly gzip?: boolean;
  readonly offline?: boolean;
  readonly ecosystems?: readonly string[];
  readonly mirror?: readonly string[];
  readonly cacheDir?: string;
}

interface ImportFlags {
  readonly db?: string;
  readonly cacheDir?: string;
}

function addressesOf(image: string, flags: ManifestFlags, terminal: Terminal): Promise<LayerAddresses> {
  const { platform } = flags;
  return layerAddresses(image, { registry: registryOf(flags, terminal), platform, signal: terminal.signal });
}

function identityOf({ serverToken, jwtKey, issuer }: ReportFlags): Parameters<typeof clairClient>[1] {
  if (serverToken !== undefined) return { token: readText(serverToken).trim() };
  if (jwtKey === undefined) return {};
  return { psk: { key: Buffer.from(readText(jwtKey).trim(), "base64"), issuer } };
}

/** Digest of an image that was indexed already; undefined: it was not. */
async function digestOfKnown(
  image: string,
  flags: ReportFlags,
  client: ClairClient,
  terminal: Terminal,
): Promise<string | undefined> {
  const { platform } = flags;
  const { signal } = terminal;
  const digest = await digestOfImage(image, { registry: registryOf(flags, terminal), platform, signal });
  return (await client.knows(digest, { signal })) ? digest : undefined;
}

/** Has an image indexed; gives its digest. */
async function indexImage(image: string, flags: ReportFlags, client: ClairClient, terminal: Terminal): Promise<string> {
  const addresses = await addressesOf(image, flags, terminal);
  await client.index(addresses, { signal: terminal.signal });
  return addresses.hash;
}

/** Writes reports as they come. */
interface ReportForm {
  report(image: string, report: ClairReport): void;
  failure(image: string, reason: string): void;
  end(): void;
}

/** The forms of `clairctl report`. */
const reportForms: Readonly<Record<string, ((terminal: Terminal) => ReportForm) | undefined>> = {
  text: ({ stdout }) => ({
    report: (image, report) => writeLines(stdout, asText(image, report)),
    failure: () => undefined,
    end: () => undefined,
  }),
  json: ({ stdout }) => ({
    report: (_, { text }) => stdout.write(`${text.trim()}\n`),
    failure: () => undefined,
    end: () => undefined,
  }),
  xml({ stdout }) {
    const suites: XmlElement[] = [];
    return {
      report: (image, report) => suites.push(suiteOf(image, report)),
      failure: (image, reason) =>
        suites.push(
          xml(
            "testsuite",
            { name: image, tests: 1, errors: 1, failures: 0 },
            xml("testcase", { name: image }, xml("error", {}, reason)),
          ),
        ),
      end() {
        for (const piece of writeXml(xml("testsuites", {}, ...suites))) stdout.write(piece);
      },
    };
  },
};

/** As `clairctl` writes it: a line for each finding, or that there is none. */
function asText(image: string, { findings }: ClairReport): string {
  if (findings.length === 0) return `${image} ok\n`;
  return findings
    .map(({ package: name, version, vulnerability, fixedIn }) => {
      const fixed = fixedIn === "" ? "" : ` (fixed: ${fixedIn})`;
      return `${image} found ${name} ${version} ${vulnerability}${fixed}\n`;
    })
    .join("");
}

/** As `clairctl` does it: a test for each package, which fails when it has vulnerabilities. */
function suiteOf(image: string, { packages, findings, digest }: ClairReport): XmlElement {
  const foundIn = new Map<string, string[]>(packages.map((pkg) => [nameOf(pkg), []]));
  for (const { package: name, version, vulnerability } of findings)
    foundIn.get(nameOf({ name, version }))?.push(`\t${vulnerability}`);
  const tests = packages.map((pkg) => {
    const found = foundIn.get(nameOf(pkg)) ?? [];
    const lines = ["Found the following vulnerabilities:", ...found];
    return { failed: found.length > 0, name: nameOf(pkg), text: lines.join("\n") };
  });
  return xml(
    "testsuite",
    { name: image, tests: tests.length, errors: 0, failures: tests.filter(({ failed }) => failed).length },
    xml("properties", {}, xml("property", { name: "manifest", value: digest })),
    ...tests.map(({ failed, name, text }) => xml("testcase", { name }, failed ? xml("failure", {}, text) : undefined)),
  );
}

function nameOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}

async function exportUpdaters(file: string, flags: ExportFlags, terminal: Terminal): Promise<number> {
  const { signal } = terminal;
  const store = defaultStorePath(flags.cacheDir);
  let failed = false;
  if (flags.offline !== true) {
    const { ecosystems, mirror: mirrors } = flags;
    const { diagnostics, outcomes } = await updateAdvisories({ output: store, ecosystems, mirrors, signal });
    for (const { message } of diagnostics) terminal.stderr.write(`warning: ${message}\n`);
    const left = Object.values(outcomes).filter((outcome) => outcome === "failed").length;
    failed = left > 0 && (flags.strict === true || left === Object.keys(outcomes).length);
    if (failed) return exitCodes.failed;
  }
  await inScratchFolder(async (folder) => {
    const whole = join(folder, "advisories");
    await exportAdvisories(whole, { from: store, signal });
    const written = createReadStream(whole);
    const target = file === "-" ? keptOpen(process.stdout) : createWriteStream(file);
    const packed = flags.gzip === true ? [createGzip()] : [];
    await sayingOf(file, () => pipeline([written, ...packed, target], { signal }));
  });
  return exitCodes.done;
}

async function importUpdaters(from: string, output: string, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  await inScratchFolder(async (folder) => {
    // By the second name the feed knows Clair's own export.
    const [given, whole] = [join(folder, "given"), join(folder, "clair-updates.json")];
    await pipeline(await openInput(from, signal), createWriteStream(given), { signal });
    await unpack(given, whole, from, signal);
    const database = (await firstBytes(whole, 1))[0] === openingBrace ? await ofClair(whole, from, terminal) : whole;
    await importAdvisories(database, { output, signal });
  });
}

/** Clair's own export begins as its first record does; a database never does. */
const openingBrace = 0x7b;

/** Builds a database of what `clairctl export-updaters` wrote. @throws ScanError where nothing in it can be used */
async function ofClair(file: string, label: string, { signal, stderr }: Terminal): Promise<string> {
  const output = `${file}.db`;
  const { sources, diagnostics, problems } = await buildAdvisories({ from: [file], output, signal });
  for (const { message } of diagnostics) stderr.write(`warning: ${message}\n`);
  if (problems > diagnostics.length) stderr.write(`warning: ${problems - diagnostics.length} more of the kind\n`);
  if (sources.every(({ records }) => records === 0))
    throw new ScanError({ kind: "malformed-document", label, reason: "nothing in it can be used" });
  return output;
}

async function openInput(from: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (from === "-") return process.stdin;
  if (!/^https?:\/\//.test(from)) return createReadStream(from);
  const response = await systemFetch({})(from, { signal }).catch((error: unknown) => {
    throw new ScanError({ kind: "network", label: from, reason: describeError(error) }, { cause: error });
  });
  if (!response.ok || response.body === null)
    throw new ScanError({ kind: "network", label: from, reason: `it answers ${response.status}` });
  return response.body;
}

/** What was compressed is told by its first two bytes (RFC 1952). @throws ScanError */
async function unpack(from: string, to: string, label: string, signal: AbortSignal): Promise<void> {
  const head = await firstBytes(from, 2);
  let size = 0;
  const metered = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      if (size <= maxImportBytes) done(null, chunk);
      else done(new ScanError({ kind: "limit-exceeded", what: label, limit: maxImportBytes }));
    },
  });
  const isPacked = head[0] === 0x1f && head[1] === 0x8b;
  try {
    await pipeline([createReadStream(from), ...(isPacked ? [createGunzip()] : []), metered, createWriteStream(to)], {
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ScanError) throw cause;
    throw new ScanError({ kind: "malformed-document", label, reason: describeError(cause) }, { cause });
  }
}

async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const head = Buffer.alloc(count);
  const file = await open(path);
  await file.read(head, 0, count, 0).finally(() => file.close());
  return head;
}

/** Writes to a stream that others write to as well, and does not end it. */
function keptOpen(stream: NodeJS.WritableStream): Transform {
  const through = new Transform({
    transform(chunk: Buffer, _, done) {
      if (stream.write(chunk)) done();
      else stream.once("drain", () => done());
    },
  });
  return through.resume();
}

async function inScratchFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-updaters-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
