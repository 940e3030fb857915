import { FormatError, normalizePath, readTar } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import type { ByteStream, CallOptions, RandomAccessBytes } from "@plimsoll/model";

/** The most members of an image archive. Images have some hundreds; a root file system that was taken for an image has more. */
const maxMembers = 200_000;

/** How many links are followed from one name to the next. */
const maxLinks = 16;

/** Where the files of a tar archive lie. */
export interface TarIndex {
  /** Offset and size of the named file's bytes; links are followed. */
  find(path: string): { readonly offset: number; readonly size: number } | undefined;
  /** Names, in archive order. */
  readonly paths: readonly string[];
}

type Member = { readonly offset: number; readonly size: number } | { readonly link: string };

/**
 * Notes where every file of a tar archive lies. The content of seekable input is not read.
 * @throws ScanError when it is no tar archive, or damaged or truncated.
 */
export async function indexTar(
  input: ByteStream | RandomAccessBytes,
  label: string,
  options: CallOptions = {},
): Promise<TarIndex> {
  const members = new Map<string, Member>();
  try {
    for await (const entry of readTar(input)) {
      options.signal?.throwIfAborted();
      const path = normalizePath(entry.name);
      if (path === undefined) continue;
      if (entry.type === "file") members.set(path, entry.stored);
      else if (entry.type === "hardlink") members.set(path, { link: normalizePath(entry.link) ?? "" });
      // Old versions of docker save link equal layers to each other.
      else if (entry.type === "symlink") members.set(path, { link: besides(path, entry.link) });
      if (members.size > maxMembers)
        throw new ScanError({ kind: "limit-exceeded", what: `number of files in ${label}`, limit: maxMembers });
    }
  } catch (error) {
    throw archiveError(error, label);
  }
  return { find: (path) => find(members, path), paths: [...members.keys()] };
}

function find(members: ReadonlyMap<string, Member>, path: string): { offset: number; size: number } | undefined {
  let member = members.get(path);
  for (let links = 0; member !== undefined && links < maxLinks; links++) {
    if (!("link" in member)) return member;
    member = members.get(member.link);
  }
  return undefined;
}

function besides(path: string, target: string): string {
  const directory = target.startsWith("/") ? "" : path.slice(0, path.lastIndexOf("/") + 1);
  return normalizePath(directory + target) ?? "";
}

/** Turns an error about an archive's bytes into a ScanError about the image; any other error is returned as it is. */
export function archiveError(error: unknown, label: string): unknown {
  if (!(error instanceof FormatError)) return error;
  if (error.problem === "truncated")
    return new ScanError({ kind: "truncated", what: label, offset: error.offset ?? 0 }, { cause: error });
  if (error.problem === "malformed" && error.format === "tar" && error.offset === 0)
    return new ScanError({ kind: "unsupported-image", label, reason: "it is not a tar archive" }, { cause: error });
  return new ScanError({ kind: "malformed-image", label, reason: error.message }, { cause: error });
}
