import { FormatError, readTar } from "@plimsoll/formats";
import { ScanError, bytesInMemory, checkOptions, callChecks, optionIs } from "@plimsoll/model";
import { readBlob, resolveManifest } from "@plimsoll/registry";
import type { Descriptor } from "@plimsoll/registry";
import { gunzipSync } from "node:zlib";
import type { ArtifactOptions } from "../advisories/artifact/registry-artifact.ts";
import { connectionChecks } from "./connection-checks.ts";
import { openRepository } from "./open-repository.ts";

/** The most unpacked bytes of policies. */
const maxBytes = 64 * 1024 * 1024;
const maxFiles = 20_000;
const isPolicyFile = /\.(?:ya?ml|json|rego)$/;

/**
 * The policy files of an OCI artifact (`oras push`, `opa push`): each layer is a file with its title, or a tar archive, packed or not.
 * @param reference With or without `oci://`.
 * @returns Texts by path, in the order of the layers.
 * @throws ScanError where the artifact cannot be fetched or has no policy file.
 */
export async function pullPolicyFiles(
  reference: string,
  options: Pick<ArtifactOptions, "registry" | "signal"> = {},
): Promise<ReadonlyMap<string, string>> {
  checkOptions("pullPolicyFiles", options, { ...callChecks, registry: optionIs.shape(connectionChecks) });
  const { signal } = options;
  const named = reference.replace(/^oci:\/\//, "");
  const { repository, tag } = openRepository(named, { registry: options.registry });
  let { document } = await resolveManifest(repository, tag, { signal });
  if (document.kind === "index") {
    const [first] = document.manifests;
    if (first === undefined) throw unreadable(named, "its index is empty");
    ({ document } = await resolveManifest(repository, first.digest, { signal }));
  }
  if (document.kind === "index") throw unreadable(named, "it is an index of indexes");
  const files = new Map<string, string>();
  let total = 0;
  for (const layer of document.layers) {
    const bytes = unpacked(await readBlob(repository, layer, { signal }), named);
    for await (const [path, content] of filesOf(bytes, layer, named)) {
      total += content.length;
      if (total > maxBytes)
        throw new ScanError({ kind: "limit-exceeded", what: `policies of ${named}`, limit: maxBytes });
      if (files.size >= maxFiles)
        throw new ScanError({ kind: "limit-exceeded", what: `files of ${named}`, limit: maxFiles });
      files.set(path, new TextDecoder().decode(content));
    }
  }
  if (files.size === 0) throw unreadable(named, "none of its layers holds a YAML, JSON or Rego file");
  return files;
}

function unpacked(bytes: Uint8Array, label: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw unreadable(label, `a layer cannot be unpacked: ${error instanceof Error ? error.message : ""}`);
  }
}

async function* filesOf(
  bytes: Uint8Array,
  layer: Descriptor,
  label: string,
): AsyncGenerator<readonly [string, Uint8Array]> {
  if (!isTar(bytes)) {
    const title = layer.annotations.get("org.opencontainers.image.title") ?? "";
    if (isPolicyFile.test(title)) yield [title, bytes];
    return;
  }
  try {
    for await (const entry of readTar(bytesInMemory(bytes))) {
      if (entry.type !== "file" || !isPolicyFile.test(entry.name)) continue;
      const { offset, size } = entry.stored;
      yield [entry.name.replace(/^\.\//, ""), bytes.subarray(offset, offset + size)];
    }
  } catch (error) {
    if (error instanceof FormatError) throw unreadable(label, `a layer is a damaged archive: ${error.message}`);
    throw error;
  }
}

/** Whether bytes are a tar archive of POSIX or GNU, by the magic text in the first header. */
function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(257, 262)) === "ustar";
}

function unreadable(label: string, reason: string): ScanError {
  return new ScanError({ kind: "malformed-document", label, reason });
}
