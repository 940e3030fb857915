// Where V8's compiled form of the program is kept between runs. It is code: whoever writes it decides what the program does.
// So it lies beside the program, where whoever may write may change the program as well, or else in a folder that nobody
// but the user can write. The cache of layers and databases is no such place: people share it between machines and jobs.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** A file of the program with its compiled form. */
export interface CompiledFile {
  readonly name: string;
  /** What was compiled, in ASCII. */
  readonly text: string;
  readonly data: Buffer;
  /** Bytes of compiled code in the process that wrote it, so that later processes know whether they compiled much more. */
  readonly codeBytes: number;
  /**
   * When the file was last written, in whole seconds of the epoch, as archives and layers of images keep it: what stands in it now may be
   * another text.
   */
  readonly modified: number;
}

/** A cache of compiled code. Errors only cost time: then nothing is read or stored. */
export interface CodeCache {
  read(name: string): CompiledFile | undefined;
  /** Keeps these, and of what was kept before what has other names. */
  write(files: readonly CompiledFile[]): void;
}

/** Engines reject what another version wrote; each has files of its own, so that two of them do not take turns. */
const engine = `${process.versions.v8}-${process.arch}`;

/** No link is followed, and no pipe waited for; Windows knows neither flag. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The most bytes of a file that is read or written. The program writes smaller ones. */
const maxFileBytes = 64 * 1024 * 1024;

/** Compiled code of programs that are gone, in the user's folder. */
const maxAgeMilliseconds = 30 * 24 * 3600 * 1000;

/** Options of {@link codeCache}. */
export interface CodeCacheOptions {
  /** Environment variables; `PLIMSOLL_CODE_CACHE=off` disables the cache. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
}

/**
 * The cache of the program in a folder; undefined where it is disabled, or there is no directory that belongs to the user.
 * @param program the file that the program begins with, whose name tells programs of one folder apart, and holds a hash of all of it
 */
export function codeCache(
  programFolder: string,
  program: string,
  { env, home }: CodeCacheOptions,
): CodeCache | undefined {
  if (env["PLIMSOLL_CODE_CACHE"] === "off") return undefined;
  // Windows has none; there the folder of the program is the only place.
  const user = process.geteuid?.();
  const beside = join(programFolder, "compiled");
  const isBeside = user === undefined || isOwn(programFolder, user, 0o002);
  const folder = isBeside ? beside : join(home, ".cache", "plimsoll-code");
  const file = join(folder, `${program}.${engine}`);
  // Opened once: a program is seventy files, and to open each took longer than to read it.
  let opened: Pack | undefined;
  const pack = (): Pack => (opened ??= (isOwn(folder, user, 0o022) ? openPack(file, user) : undefined) ?? noPack);
  return {
    read: (name) => {
      try {
        return pack().read(name);
      } catch {
        // A home that is another user's, whose folders may not even be looked at; a disk that fails.
        opened = noPack;
        return undefined;
      }
    },
    write: (files) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!isOwn(folder, user, 0o022)) return;
      const names = new Set(files.map(({ name }) => name));
      // What another process has added since this one began.
      const before = openPack(file, user) ?? noPack;
      const kept = before.names.filter((name) => !names.has(name)).flatMap((name) => before.read(name) ?? []);
      before.close();
      writePack(file, [...kept, ...files]);
      if (!isBeside) removeOld(folder);
    },
  };
}

/** Whether a folder, and no link to one, belongs to the user, and nobody of `others` may write it. */
function isOwn(folder: string, user: number | undefined, others: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return false;
  return user === undefined || (found.uid === user && (found.mode & others) === 0);
}

/** An open file of the cache. */
interface Pack {
  readonly names: readonly string[];
  read(name: string): CompiledFile | undefined;
  close(): void;
}

const noPack: Pack = { names: [], read: () => undefined, close: () => undefined };

/** Where a file lies in a pack. */
interface Place {
  readonly start: number;
  readonly dataBytes: number;
  readonly textBytes: number;
  readonly checksum: number;
  readonly codeBytes: number;
  readonly modified: number;
}

/**
 * A pack begins with its length, the length of its index and the checksum of that: the engine itself takes damaged code for good, and crashes.
 * In the index is for each file the length of its name, the numbers of {@link Place}, and the name. Then come data and text of each.
 */
const headBytes = 12;
const placeBytes = 36;
/** Read at once, which is all of an index. */
const firstBytes = 16 * 1024;
/** Where data begin, so that the engine need not copy them. */
const alignment = 8;

function openPack(path: string, user: number | undefined): Pack | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, readFlags);
  } catch {
    return undefined;
  }
  const places = placesOf(descriptor, user);
  if (places === undefined) {
    closeSync(descriptor);
    return undefined;
  }
  return {
    names: [...places.keys()],
    read(name) {
      const place = places.get(name);
      if (place === undefined) return undefined;
      const { start, dataBytes, textBytes, checksum, codeBytes, modified } = place;
      const bytes = readAt(descriptor, start, dataBytes + textBytes);
      if (bytes === undefined || crc32(bytes) !== checksum) return undefined;
      const text = bytes.toString("latin1", dataBytes);
      return { name, text, data: bytes.subarray(0, dataBytes), codeBytes, modified };
    },
    close: () => closeSync(descriptor),
  };
}

function placesOf(descriptor: number, user: number | undefined): ReadonlyMap<string, Place> | undefined {
  const { size, uid, mode } = fstatSync(descriptor);
  if (user !== undefined && (uid !== user || (mode & 0o022) !== 0)) return undefined;
  if (size < headBytes || size > maxFileBytes) return undefined;
  const first = readAt(descriptor, 0, Math.min(size, firstBytes));
  if (first === undefined || first.readUInt32LE(0) !== size) return undefined;
  const end = headBytes + first.readUInt32LE(4);
  const head = end <= first.length ? first : readAt(descriptor, 0, Math.min(size, end));
  const index = head?.subarray(headBytes, end);
  if (index === undefined || crc32(index) !== first.readUInt32LE(8)) return undefined;
  const places = new Map<string, Place>();
  for (let at = 0; at < index.length;) {
    const nameEnd = at + placeBytes + index.readUInt32LE(at);
    places.set(index.toString("latin1", at + placeBytes, nameEnd), {
      start: index.readUInt32LE(at + 4),
      dataBytes: index.readUInt32LE(at + 8),
      textBytes: index.readUInt32LE(at + 12),
      checksum: index.readUInt32LE(at + 16),
      codeBytes: index.readDoubleLE(at + 20),
      modified: index.readDoubleLE(at + 28),
    });
    at = nameEnd;
  }
  return places;
}

function readAt(descriptor: number, start: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(length);
  return readSync(descriptor, bytes, 0, length, start) === length ? bytes : undefined;
}

/** Writes a file in one step: readers see the old one or the new one, never a part. */
function writePack(path: string, files: readonly CompiledFile[]): void {
  const indexBytes = files.reduce((sum, { name }) => sum + placeBytes + name.length, 0);
  const head = Buffer.alloc(aligned(headBytes + indexBytes));
  const pieces: Buffer[] = [head];
  let size = head.length;
  let at = headBytes;
  for (const { name, text, data, codeBytes, modified } of files) {
    const content = Buffer.alloc(aligned(data.length + text.length));
    content.set(data);
    content.write(text, data.length, "latin1");
    head.writeUInt32LE(name.length, at);
    head.writeUInt32LE(size, at + 4);
    head.writeUInt32LE(data.length, at + 8);
    head.writeUInt32LE(text.length, at + 12);
    head.writeUInt32LE(crc32(content.subarray(0, data.length + text.length)), at + 16);
    head.writeDoubleLE(codeBytes, at + 20);
    head.writeDoubleLE(modified, at + 28);
    head.write(name, at + placeBytes, "latin1");
    at += placeBytes + name.length;
    size += content.length;
    pieces.push(content);
  }
  if (size > maxFileBytes) return;
  head.writeUInt32LE(size, 0);
  head.writeUInt32LE(indexBytes, 4);
  head.writeUInt32LE(crc32(head.subarray(headBytes, headBytes + indexBytes)), 8);
  const scratch = `${path}.${process.pid}`;
  try {
    writeFileSync(scratch, Buffer.concat(pieces), { mode: 0o600, flag: "wx" });
    renameSync(scratch, path);
  } finally {
    rmSync(scratch, { force: true });
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function removeOld(folder: string): void {
  const now = Date.now();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && now - found.mtimeMs > maxAgeMilliseconds) rmSync(path, { force: true });
  }
}
