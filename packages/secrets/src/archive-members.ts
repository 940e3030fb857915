/** Files in archives, one level down: where secrets are looked for when that is asked for. */

import { decompress, FormatError, openZipBytes, readTar } from "@plimsoll/formats";
import type { AnalyzedFile, ByteStream, Diagnostic } from "@plimsoll/model";

const zipNames = /\.(?:zip|jar|war|ear|whl|egg|nupkg|apk|aar|ipa|xpi|vsix|hpi)$/i;
const tarNames = /\.(?:tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|bz2|xz|zst)|gem|crate)$/i;
const packedNames = /\.(?:gz|bz2|xz|zst)$/i;

/** Whether a file's name is that of an archive whose members can be read. */
export function isArchivePath(path: string): boolean {
  return zipNames.test(path) || tarNames.test(path) || packedNames.test(path);
}

/** A file in an archive; its content can be read until the next one is asked for. @throws FormatError while it is read, where the archive is damaged. */
export interface ArchiveMember {
  readonly path: string;
  content(): ByteStream;
}

/** Members larger than this are not expanded, and told. */
const largestMember = 256 * 1024 * 1024;

/**
 * The files of an archive, in its order, as far as the image's budget for nested archives allows. What cannot be read is reported as a
 * diagnostic.
 */
export async function* archiveMembers(
  file: AnalyzedFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<ArchiveMember | Diagnostic> {
  const budget = file.nested ?? {
    bytes: file.limits.maxNestedBytes,
    entries: file.limits.maxNestedEntries,
    isSpent: false,
  };
  const spend = (bytes: number): void => {
    budget.bytes -= bytes;
    if (budget.bytes >= 0) return;
    budget.isSpent = true;
    throw new FormatError("zip", "limit-exceeded", "archives of this image expand to more than is allowed");
  };
  const take = (): void => {
    signal?.throwIfAborted();
    if (--budget.entries >= 0) return;
    budget.isSpent = true;
    throw new FormatError("zip", "limit-exceeded", "archives of this image have more files than is allowed");
  };
  try {
    if (zipNames.test(file.path)) {
      const zip = openZipBytes(await file.ranges(), {
        maxEntryBytes: largestMember,
        maxExpansionRatio: file.limits.maxExpansionRatio,
      });
      for (const entry of zip.entries) {
        take();
        if (entry.path.endsWith("/")) continue;
        spend(entry.size);
        let bytes: Uint8Array;
        try {
          bytes = zip.read(entry);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          yield unreadableArchive(file, `${entry.path}: ${error.message}`);
          continue;
        }
        yield { path: entry.path, content: () => streamOf(bytes) };
      }
      return;
    }
    const expanded = counted(expand(file), spend);
    if (!tarNames.test(file.path)) {
      const name = file.path.slice(file.path.lastIndexOf("/") + 1).replace(packedNames, "");
      yield { path: name, content: () => expanded };
      return;
    }
    for await (const entry of readTar(expanded)) {
      take();
      if (entry.type === "file") yield { path: entry.name, content: () => entry.content() };
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield unreadableArchive(file, error.message);
  }
}

/** The bytes of a file that may be compressed; more than the limits of the image allow are refused. */
async function* expand(file: AnalyzedFile): AsyncGenerator<Uint8Array> {
  const most = Math.max(64 * 1024 * 1024, file.size * file.limits.maxExpansionRatio);
  let total = 0;
  for await (const bytes of decompress(file.stream())) {
    total += bytes.length;
    if (total > most) throw new FormatError("gzip", "limit-exceeded", `it expands to more than ${most} bytes`);
    yield bytes;
  }
}

async function* counted(bytes: ByteStream, spend: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    spend(chunk.length);
    yield chunk;
  }
}

// oxlint-disable-next-line require-await -- A stream is asynchronous, whatever is in it.
async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The diagnostic for an archive that cannot be read to its end. */
export function unreadableArchive(file: AnalyzedFile, reason: string): Diagnostic {
  return {
    kind: "diagnostic",
    code: "malformed-file",
    effect: "incomplete",
    message: `not all of the archive was searched for secrets: ${reason}`,
    location: { path: file.path },
  };
}
