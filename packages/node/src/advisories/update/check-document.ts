import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { openZip, parseJson, textField } from "@plimsoll/formats";
import { openFileBytes } from "../file-bytes.ts";
import { platformEngine } from "../platform-engine.ts";
import { isNewer } from "./modified-ids.ts";

/**
 * Verifies an archive completely by its checksums. Returns the newest `modified` of its records.
 * @throws Error that says what is damaged.
 */
export async function checkArchive(path: string): Promise<string> {
  const decoder = new TextDecoder();
  let newest = "";
  const bytes = openFileBytes(path);
  try {
    const zip = await openZip(bytes, platformEngine);
    if (zip.damage !== undefined) throw new Error(zip.damage);
    for await (const content of zip.contents()) {
      if ("error" in content) throw content.error;
      const modified = textField(parseJson(decoder.decode(content.bytes)), "modified");
      if (modified !== undefined && isNewer(modified, newest)) newest = modified;
    }
    return newest;
  } finally {
    await bytes.close();
  }
}

/** @throws FormatError when it is no JSON. */
export async function checkJson(path: string): Promise<void> {
  parseJson(await readFile(path, "utf8"));
}

/** Expands the whole document: gzip has a checksum at its end. @throws Error when it does not fit. */
export async function checkGzip(path: string): Promise<void> {
  for await (const _ of createReadStream(path).pipe(createGunzip()));
}
