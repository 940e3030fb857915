import type { Command } from "commander";
import { resolveTags } from "@plimsoll/attestations";
import { openRepository } from "@plimsoll/node";
import { resolveManifest } from "@plimsoll/registry";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { writeOutput } from "../output.ts";
import { readDocument } from "../read-result.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { examples } from "./examples.ts";

interface ResolveFlags extends RegistryFlags {
  readonly filename: readonly string[];
  readonly output?: string;
  readonly inPlace?: boolean;
}

/** Adds `resolve-tags`: tags to digests in manifests, also as `kubectl resolve-tags`. */
export function addResolveTagsCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const command = program
    .command("resolve-tags")
    .description(
      "Asks the registries which digest each tag means now and writes it into the manifests; all other bytes stay. Exit code 1 when an image could not be resolved: it stays as it is and is told.",
    )
    .argument("[file...]", "manifests; - reads stdin")
    .option("-f, --filename <file>", "the same; may be repeated", collect, [])
    .option("--output <file>", "write the manifests to a file (default: stdout)")
    .option("--in-place", "write each manifest over itself");
  withRegistryOptions(command)
    .addHelpText(
      "after",
      examples(
        "plimsoll resolve-tags deployment.yaml > pinned.yaml",
        "plimsoll resolve-tags --in-place manifests/*.yaml",
        "kubectl resolve-tags -f deployment.yaml | kubectl apply -f -",
      ),
    )
    .action(async (files: readonly string[], flags: ResolveFlags) => {
      const paths = [...files, ...flags.filename];
      if (paths.length === 0) throw new UsageError("name the manifests, or - for stdin");
      if (flags.inPlace === true && (flags.output !== undefined || paths.includes("-")))
        throw new UsageError("--in-place can be used neither with --output nor with stdin");
      const digestOf = digests(flags, terminal);
      const texts: string[] = [];
      let failed = false;
      for (const path of paths) {
        const { text, problems } = await resolveTags(await textOf(path), { digestOf });
        for (const { line, message } of problems) terminal.stderr.write(`${path}:${line}: ${message}\n`);
        failed ||= problems.length > 0;
        if (flags.inPlace === true) await writeOutput([text], path, terminal);
        else texts.push(text);
      }
      if (flags.inPlace !== true) await writeOutput([joinManifests(texts)], flags.output, terminal);
      finish(failed ? exitCodes.failed : exitCodes.done);
    });
}

const collect = (value: string, others: readonly string[]): readonly string[] => [...others, value];

async function textOf(path: string): Promise<string> {
  return new TextDecoder().decode((await readDocument(path)).bytes);
}

/** Asks registries; why one could not say is told once for each image. */
function digests(flags: ResolveFlags, terminal: Terminal): (image: string) => Promise<string | undefined> {
  const { signal } = terminal;
  const registry = registryOf(flags, terminal);
  return async (image) => {
    try {
      const { repository, tag } = openRepository(image, { registry });
      return (await resolveManifest(repository, tag, { signal })).digest;
    } catch (error) {
      signal.throwIfAborted();
      terminal.stderr.write(`${image}: ${error instanceof Error ? error.message : String(error)}\n`);
      return undefined;
    }
  };
}

/** Manifests one behind the other, each a document of its own. */
function joinManifests(texts: readonly string[]): string {
  return texts
    .map((text, index) => (index < texts.length - 1 && !text.endsWith("\n") ? `${text}\n` : text))
    .map((text, index) => (index === 0 || /^---\s/.test(text) ? text : `---\n${text}`))
    .join("");
}
