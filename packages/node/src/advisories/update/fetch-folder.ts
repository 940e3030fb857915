import { mkdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fetchDocument } from "./fetch-document.ts";
import type { FetchDocumentOptions } from "./fetch-document.ts";

/**
 * Brings files of these names in a folder up to date from a folder at one of the addresses, which may lack some of them; the time of their `.etag`
 * files is when they were last found to be current. `missing`: none of them exists.
 * @throws ScanError `network` when a file cannot be fetched
 */
export async function fetchFolder(
  names: readonly string[],
  folders: readonly string[],
  folder: string,
  options: FetchDocumentOptions & { readonly now: number },
): Promise<"changed" | "current" | "missing"> {
  const { now, ...fetching } = options;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const outcomes = new Set<"changed" | "current" | "missing">();
  for (const name of names) {
    const path = join(folder, name);
    const addresses = folders.map((address) => `${address.replace(/\/$/, "")}/${name}`);
    const outcome = await fetchDocument(addresses, path, fetching);
    outcomes.add(outcome);
    // The file itself keeps its time, by which it is known whether the store holds it.
    if (outcome === "current") await utimes(`${path}.etag`, new Date(now), new Date(now)).catch(() => {});
  }
  if (outcomes.has("changed")) return "changed";
  return outcomes.has("current") ? "current" : "missing";
}
