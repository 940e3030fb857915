import type { Command } from "commander";
import { grafeasAttestationStore, registryAttestationStore } from "@plimsoll/attestations";
import type { AttestationStore } from "@plimsoll/model";
import { directoryAttestationStore, openRepository, reachRegistries } from "@plimsoll/node";
import { formatReference, parseReference, resolveManifest } from "@plimsoll/registry";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { registryOf, withRegistryOptions } from "./registry-flags.ts";
import type { RegistryFlags } from "./registry-flags.ts";

/** Options of commands that look up attestations. */
export interface AttestationFlags extends RegistryFlags {
  readonly attestations: string;
  readonly note?: string;
}

/** Adds the options about attestations to a command. */
export function withAttestationOptions(command: Command): Command {
  return withRegistryOptions(
    command
      .option(
        "--attestations <place>",
        "registry (beside the image), a directory, or the URL of a Grafeas server",
        "registry",
      )
      .option("--note <name>", "for Grafeas: the authority's note, projects/PROJECT/notes/NOTE"),
  );
}

/** The attestation store that the flags name. @throws UsageError for a Grafeas server without a note. */
export function attestationStoreOf(flags: AttestationFlags, terminal: Terminal): AttestationStore {
  const { attestations: place, note } = flags;
  const registry = reachRegistries(registryOf(flags, terminal));
  if (place === "registry") {
    const onProblem = (message: string): void => void terminal.stderr.write(`warning: ${message}\n`);
    return registryAttestationStore({ ...registry, onProblem });
  }
  if (isDirectory(place)) return directoryAttestationStore(place);
  if (note === undefined)
    throw new UsageError("--attestations: a Grafeas server needs --note projects/PROJECT/notes/NOTE");
  const token = terminal.env["GRAFEAS_TOKEN"];
  const authorization = token === undefined || token === "" ? undefined : (): string => `Bearer ${token}`;
  return grafeasAttestationStore({ url: place, noteReference: note, fetch: registry.fetch, authorization });
}

/** Whether a place of attestations is on this machine, and nobody is asked for them. */
export function isDirectory(place: string): boolean {
  return place !== "registry" && !/^https?:\/\//.test(place);
}

/** The image with its digest; a tag is resolved by the registry. */
export async function pinnedImage(image: string, flags: RegistryFlags, terminal: Terminal): Promise<string> {
  const parsed = parseReference(image);
  if (parsed.digest !== undefined) return image;
  const { repository, tag } = openRepository(image, { registry: registryOf(flags, terminal) });
  const { digest } = await resolveManifest(repository, tag, { signal: terminal.signal });
  const { registry, repository: name } = parsed;
  return formatReference({ registry, repository: name, digest });
}
