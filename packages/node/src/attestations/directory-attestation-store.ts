import { parseJson } from "@plimsoll/formats";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ScanError, compareText } from "@plimsoll/model";
import type { Attestation, AttestationStore } from "@plimsoll/model";
import { errorCode } from "../system-errors.ts";

/** Larger files are no attestations. */
const maxBytes = 8 * 1024 * 1024;

/**
 * A store that keeps attestations in a directory: one file each, named by its content, in a folder for each image digest. Several processes may
 * write; readers never see partial files.
 */
export function directoryAttestationStore(directory: string): AttestationStore {
  const folderOf = async (image: string): Promise<string> => {
    const { imageDigest } = await signatures();
    return join(directory, imageDigest(image).replace(":", "-"));
  };
  return {
    label: directory,
    async list(image) {
      const folder = await folderOf(image);
      const names = (await namesIn(folder)).filter((name) => name.endsWith(".json")).sort(compareText);
      return Promise.all(names.map((name) => readAttestation(join(folder, name))));
    },
    async put(image, attestation) {
      const folder = await folderOf(image);
      const { plainAttestation } = await signatures();
      const text = `${JSON.stringify(plainAttestation(attestation), undefined, 1)}\n`;
      const path = join(folder, `${createHash("sha256").update(text).digest("hex")}.json`);
      await mkdir(folder, { recursive: true });
      const aside = join(folder, `${randomUUID()}.tmp`);
      try {
        await writeFile(aside, text);
        await rename(aside, path);
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    },
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function readAttestation(path: string): Promise<Attestation> {
  const malformed = (reason: string): ScanError =>
    new ScanError({ kind: "malformed-document", label: path, reason: `${reason}, so it is no attestation` });
  if ((await stat(path)).size > maxBytes) throw malformed(`it is larger than ${maxBytes} bytes`);
  let value: unknown;
  try {
    value = parseJson(await readFile(path, "utf8"));
  } catch {
    throw malformed("it is not JSON");
  }
  // as: its members are looked at below
  const read = value as Partial<Record<keyof Attestation, unknown>> | null;
  if (typeof read !== "object" || read === null || typeof read.keyId !== "string" || typeof read.signature !== "string")
    throw malformed("it has no keyId and signature");
  const odd = Object.values(read).some((member) => typeof member !== "string");
  if (odd) throw malformed("a member of it is no text");
  const { plainAttestation } = await signatures();
  return plainAttestation(read as Attestation); // as: checked above
}

/** Loaded when there is something to read or to write: few programs have attestations. */
function signatures(): Promise<typeof import("@plimsoll/attestations")> {
  return import("@plimsoll/attestations");
}
