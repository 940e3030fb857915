import { oddTar, sameInChunks, tarOf } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import type { ByteStream } from "../bytes.ts";
import { FormatError } from "../format-error.ts";
import { normalizePath } from "./path.ts";
import { readTar } from "./read-tar.ts";

/** A sparse file may claim any size: nobody reads that far. */
const maxContentBytes = 1024 * 1024;

/** Links, long names, and what `tar --format=posix --sparse` and `tar --format=gnu --sparse` write. */
export async function seeds(): Promise<Uint8Array[]> {
  const long = `${"long/".repeat(30)}name`;
  return [
    await tarOf({
      "etc/": "",
      "etc/a": "one",
      b: { symlink: "etc/a" },
      c: { hardlink: "b" },
      "bin/x": { executable: "#!" },
    }),
    await tarOf({ [long]: "long", "ü/é": { symlink: long }, "../up": "out" }),
    sparse("S", (header) => {
      header.set(octal(1024, 11), 386);
      header.set(octal(3, 11), 398);
      header.set(octal(4096, 11), 483);
    }),
  ];
}

/** Archives whose fields contradict each other. */
export function make(random: Random): Uint8Array {
  return oddTar(random);
}

/** However the stream is cut: the same entries or the same FormatError; stored content lies within the archive. */
export async function fuzz(input: Uint8Array): Promise<void> {
  await sameInChunks(input, (stream) => describe(stream, input.length));
}

async function describe(stream: ByteStream, length: number): Promise<string> {
  const said: string[] = [];
  try {
    for await (const entry of readTar(stream)) {
      const { offset, size } = entry.stored;
      if (offset > length) throw new Error(`${entry.name} begins at ${offset} of ${length}`);
      const path = normalizePath(entry.name);
      if (path?.split("/").includes("..")) throw new Error(`${path} leads out`);
      said.push(`${entry.type} ${entry.name} ${entry.link} ${entry.mode} ${entry.size} ${offset} ${size}`);
      if (entry.type === "file") said.push(await contentOf(entry.content(), entry.sparse ? maxContentBytes : length));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    said.push(error.message);
  }
  return said.join("\n");
}

async function contentOf(content: ByteStream, most: number): Promise<string> {
  let bytes = 0;
  let sum = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    // Beyond this the holes of a sparse file go on for as long as it says.
    if (bytes > most) return "more";
    for (const byte of chunk) sum = (Math.imul(sum, 31) + byte) | 0;
  }
  return `${bytes} ${sum}`;
}

function octal(value: number, digits: number): Uint8Array {
  return new TextEncoder().encode(value.toString(8).padStart(digits, "0"));
}

/** A member of three bytes whose header says that they belong elsewhere. */
function sparse(flag: string, describeRuns: (header: Uint8Array) => void): Uint8Array {
  const archive = new Uint8Array(2048);
  const header = archive.subarray(0, 512);
  header.set(new TextEncoder().encode("sparse"));
  header.set(octal(0o644, 7), 100);
  header.set(octal(3, 11), 124);
  header.set(new TextEncoder().encode(flag), 156);
  header.set(new TextEncoder().encode("ustar  "), 257);
  describeRuns(header);
  header.fill(0x20, 148, 156);
  header.set(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  archive.set(new TextEncoder().encode("abc"), 512);
  return archive;
}
