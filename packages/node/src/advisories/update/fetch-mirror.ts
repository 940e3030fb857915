import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ScanError } from "@plimsoll/model";
import { checkArchive } from "./check-document.ts";
import { fetchDocument } from "./fetch-document.ts";
import type { FetchDocumentOptions } from "./fetch-document.ts";
import { ecosystemsIn } from "./modified-ids.ts";

/** Whether a source is a URL rather than a path. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/**
 * Fetches what a build needs from an address into a folder: all ecosystems of a mirror laid out like the OSV bucket, or
 * one feed's file.
 * @throws ScanError `network` when any part of it cannot be fetched.
 */
export async function fetchMirror(address: string, folder: string, options: FetchDocumentOptions): Promise<void> {
  const root = address.replace(/\/+$/, "");
  const list = join(folder, "ecosystems.txt");
  const outcome = await fetchDocument([`${root}/ecosystems.txt`], list, options);
  if (outcome === "missing") {
    const name = decodeURIComponent(basename(new URL(root).pathname));
    await need(root, join(folder, name === "" ? "document" : name), options);
    return;
  }
  for (const ecosystem of ecosystemsIn(await readFile(list, "utf8"))) {
    await mkdir(join(folder, ecosystem), { recursive: true, mode: 0o755 });
    const check = async (path: string): Promise<void> => void (await checkArchive(path));
    const archive = `${root}/${encodeURIComponent(ecosystem)}/all.zip`;
    await need(archive, join(folder, ecosystem, "all.zip"), { ...options, check });
  }
}

async function need(address: string, path: string, options: FetchDocumentOptions): Promise<void> {
  if ((await fetchDocument([address], path, options)) !== "missing") return;
  throw new ScanError({ kind: "network", label: address, reason: "there is no such document" });
}
