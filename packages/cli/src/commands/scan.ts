import { existsSync, statSync } from "node:fs";
import type { Command } from "commander";
import { ScanError } from "@plimsoll/model";
import type { Digest, ImageSource, ScannerId } from "@plimsoll/model";
import { imageFile, imageStream, rootfsDirectory } from "@plimsoll/node";
import type { ImageReferenceOptions } from "@plimsoll/node";
import { readSbomInTurns } from "@plimsoll/report";
import { analyzeImage, defaultCacheDirectory, documentCache, imageSource } from "plimsoll";
import type { AnalyzeOptions } from "plimsoll/node";
import { withCheckOptions } from "../check-flags.ts";
import { UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { adviceForReference } from "../other-scanners.ts";
import { expectDocument, readDocument } from "../read-result.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import { scanArtifact, serviceOf } from "../scan-artifact.ts";
import type { TakeInventory } from "../scan-artifact.ts";
import { withAttestedOptions, withImageOptions, withRequestedOption, withScanOptions } from "../scan-flags.ts";
import { detectorOf } from "../secret-rules.ts";
import type { ImageFlags, ScanFlags } from "../scan-flags.ts";
import { examples } from "./examples.ts";

/** What is looked for in images and directories when nobody says. */
const usualScanners: readonly ScannerId[] = ["vuln", "secret"];

/** Adds `image`, `rootfs`, `fs` and `sbom`. `finish` receives the exit code. */
export function addScanCommands(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  withAttestedOptions(
    withRegistryOptions(withCheckOptions(withScanOptions(withImageOptions(program.command("image")), usualScanners))),
  )
    .description("Scan a container image: an archive, a layout, or what a registry or a local engine holds.")
    .argument(
      "[ref]",
      "a path or a reference; docker-archive: oci-archive: oci-dir: registry: docker: podman: force the kind; - reads an archive from stdin",
    )
    .addHelpText(
      "after",
      examples(
        "plimsoll image --input app.tar",
        "plimsoll image alpine:3.19 --severity CRITICAL,HIGH --ignore-unfixed --exit-code 1",
        "plimsoll image oci-dir:./layout --platform linux/arm64 --format cyclonedx --output sbom.json",
        "docker save app | plimsoll image -",
        "plimsoll image registry.example/app:1 --attested-by cosign.pub",
        "plimsoll image app:1 --scanners misconfig --config-check policies --check-namespaces user",
      ),
    )
    .action(async (reference: string | undefined, flags: ImageFlags) => {
      const { env } = terminal;
      const base =
        flags.baseImage === undefined ? undefined : { source: referenceOf(flags.baseImage, flags, env), terminal };
      const image = imageOf(reference, flags, env);
      const sources = base === undefined ? [image] : [image, base.source];
      finish(await scanArtifact(inventoryOf(image, flags, base), flags, terminal, sources));
    });

  withCheckOptions(withScanOptions(program.command("rootfs"), usualScanners))
    .argument("<dir>", "directory that holds the root file system")
    .addHelpText("after", examples("plimsoll rootfs /mnt/image"))
    .action(async (directory: string, flags: ScanFlags) =>
      finish(await scanDirectory(directory, "rootfs", flags, terminal)),
    );

  withCheckOptions(withScanOptions(withRequestedOption(program.command("fs").alias("filesystem")), usualScanners))
    .argument("<dir>", "directory of a project")
    .addHelpText("after", examples("plimsoll fs .", "plimsoll fs . --format cyclonedx --output sbom.json"))
    .action(async (directory: string, flags: ScanFlags & Pick<ImageFlags, "requested">) =>
      finish(await scanDirectory(directory, "filesystem", flags, terminal)),
    );

  withScanOptions(program.command("sbom"), ["vuln"])
    .description(
      "Match a CycloneDX or SPDX document, or an attestation that holds one, as if its artifact had been scanned.",
    )
    .argument("<file>", "the document; - reads it from stdin")
    .addHelpText("after", examples("plimsoll sbom bom.json", "syft app -o cyclonedx-json | plimsoll sbom -"))
    .action(async (file: string, flags: ScanFlags) =>
      finish(await scanArtifact(sbomOf(file), flags, terminal, [{ expect: () => expectDocument(file) }])),
    );
}

async function scanDirectory(
  path: string,
  kind: "rootfs" | "filesystem",
  flags: ScanFlags,
  terminal: Terminal,
): Promise<number> {
  const expect = async (): Promise<void> => expectDirectory(path);
  return scanArtifact(inventoryOf(rootfsDirectory(path, { kind }), flags), flags, terminal, [{ expect }]);
}

/** Where results of layers are: with the service that was named, else in the user's cache, else nowhere. */
function cacheOf(flags: ScanFlags & Partial<ImageFlags>): Pick<AnalyzeOptions, "cache" | "cacheDir"> {
  if (!flags.cache) return { cache: false };
  const service = serviceOf(flags);
  return service === undefined ? { cacheDir: flags.cacheDir } : { cache: service.cache };
}

function inventoryOf(
  source: ImageSource,
  flags: ScanFlags & Partial<ImageFlags>,
  base?: { readonly source: ImageSource; readonly terminal: Terminal },
): TakeInventory {
  return async (options) => {
    const baseImage = base === undefined ? undefined : await layersOf(base.source, flags.platform, options.signal);
    const asked = flags.scanners.includes("secret") ? detectorOf(flags) : undefined;
    const inventory = await analyzeImage(source, {
      ...options,
      licenses: { full: flags.licenseFull },
      ...(asked === undefined ? {} : { detectors: [asked.detector] }),
      platform: flags.platform,
      baseImage,
      ...(flags.declared === true ? { evidence: ["installed", "declared"] } : {}),
      ...(flags.requested === true ? { evidence: ["installed", "declared", "requested"] } : {}),
      ...cacheOf(flags),
    });
    if (base !== undefined && !inventory.artifact.layers.some((layer) => layer.base === true))
      base.terminal.stderr.write(`warning: the image does not begin with the layers of ${flags.baseImage ?? ""}\n`);
    return { ...inventory, diagnostics: [...inventory.diagnostics, ...(asked?.problems ?? [])] };
  };
}

/** The chain of diff IDs by which an image built on another one begins. */
async function layersOf(
  source: ImageSource,
  platform: ImageFlags["platform"],
  signal: AbortSignal | undefined,
): Promise<readonly Digest[]> {
  const image = await source.open({ platform, signal });
  try {
    return image.layers.map(({ diffId }) => diffId);
  } finally {
    await image.close?.();
  }
}

function imageOf(reference: string | undefined, flags: ImageFlags, env: Terminal["env"]): ImageSource {
  if ((reference === undefined) === (flags.input === undefined))
    throw new UsageError("Give either an image or --input FILE; `plimsoll image --help` has examples");
  if (flags.input === "-" || reference === "-") return imageStream(process.stdin, { tag: flags.tag });
  if (flags.input === undefined) return referenceOf(reference ?? "", flags, env, { tag: flags.tag });
  const isForced = /^(?:docker-archive|oci-archive|oci-dir):/.test(flags.input) && !existsSync(flags.input);
  return isForced ? imageSource(flags.input, { tag: flags.tag }) : imageFile(flags.input, { tag: flags.tag });
}

function referenceOf(
  reference: string,
  flags: ImageFlags,
  env: Terminal["env"],
  more: ImageReferenceOptions = {},
): ImageSource {
  const advice = existsSync(reference) ? undefined : adviceForReference(reference);
  if (advice !== undefined) throw new UsageError(`"${reference}" names no image; ${advice}`);
  return imageSource(reference, { ...registryAccess(flags, env), ...more });
}

function registryAccess(flags: ImageFlags, env: Terminal["env"]): ImageReferenceOptions {
  const documents = flags.cache ? documentCache(flags.cacheDir ?? defaultCacheDirectory()) : undefined;
  return { offline: flags.offline, documents, registry: registryOf(flags, { env }) };
}

function expectDirectory(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  const reason =
    found === undefined
      ? "there is no such directory"
      : "it is a file; `plimsoll image FILE` scans the archive of an image, `plimsoll fs DIR` the directory that holds a lock file";
  throw new ScanError({ kind: "malformed-document", label: path, reason });
}

function sbomOf(file: string): TakeInventory {
  return async () => {
    const { bytes, label } = await readDocument(file);
    return readSbomInTurns(bytes, { label });
  };
}
