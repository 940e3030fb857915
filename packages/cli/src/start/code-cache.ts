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

/** The compiled form of one file of the program. */
export interface CompiledCode {
  readonly data: Buffer;
  /** Bytes of compiled code in the process that wrote it, so that later processes know whether they compiled much more. */
  readonly codeBytes: number;
}

/** A cache of compiled code. Errors only cost time: then nothing is read or stored. */
export interface CodeCache {
  read(name: string): CompiledCode | undefined;
  write(name: string, code: CompiledCode): void;
}

/** Engines reject what another version wrote; each has files of its own, so that two of them do not take turns. */
const engine = `${process.versions.v8}-${process.arch}`;

/** `codeBytes` and the checksum of the data stand before it: the engine itself takes damaged code for good, and crashes. */
const headBytes = 16;

/** No link is followed, and no pipe waited for; Windows knows neither flag. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The most bytes of a file that is read. The program writes smaller ones. */
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

/** The cache of the program in a folder; undefined where it is disabled, or there is no directory that belongs to the user. */
export function codeCache(programFolder: string, { env, home }: CodeCacheOptions): CodeCache | undefined {
  if (env["PLIMSOLL_CODE_CACHE"] === "off") return undefined;
  // Windows has none; there the folder of the program is the only place.
  const user = process.geteuid?.();
  const beside = join(programFolder, "compiled");
  const isBeside = user === undefined || isOwn(programFolder, user, 0o002);
  const folder = isBeside ? beside : join(home, ".cache", "plimsoll-code");
  // Only the user can change whose the folder is and who may write to it: it is looked at once, each file in it every time.
  let isTrusted = false;
  return {
    read: (name) => {
      isTrusted ||= isOwn(folder, user, 0o022);
      return isTrusted ? readCode(join(folder, `${name}.${engine}`), user) : undefined;
    },
    write: (name, code) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!isOwn(folder, user, 0o022)) return;
      writeCode(join(folder, `${name}.${engine}`), code);
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

function readCode(file: string, user: number | undefined): CompiledCode | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, readFlags);
  } catch {
    return undefined;
  }
  try {
    const { size, uid, mode } = fstatSync(descriptor);
    if (user !== undefined && (uid !== user || (mode & 0o022) !== 0)) return undefined;
    if (size <= headBytes || size > maxFileBytes) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    if (readSync(descriptor, bytes, 0, size, 0) !== size) return undefined;
    const data = bytes.subarray(headBytes);
    return crc32(data) === bytes.readUInt32LE(8) ? { codeBytes: bytes.readDoubleLE(0), data } : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file in one step: readers see the old one or the new one, never a part. */
function writeCode(file: string, { data, codeBytes }: CompiledCode): void {
  const head = Buffer.alloc(headBytes);
  head.writeDoubleLE(codeBytes, 0);
  head.writeUInt32LE(crc32(data), 8);
  const scratch = `${file}.${process.pid}`;
  try {
    writeFileSync(scratch, Buffer.concat([head, data]), { mode: 0o600, flag: "wx" });
    renameSync(scratch, file);
  } finally {
    rmSync(scratch, { force: true });
  }
}

function removeOld(folder: string): void {
  const now = Date.now();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && now - found.mtimeMs > maxAgeMilliseconds) rmSync(path, { force: true });
  }
}
