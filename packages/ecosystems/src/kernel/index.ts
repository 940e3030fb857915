import { FormatError, formatPurl } from "@plimsoll/formats";
import type { AnalyzedFile, ByteStream, Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { expanded } from "./expand.ts";
import { kernelModule } from "./module.ts";

/** Where the setup header of a compressed kernel for x86 says what it is: Linux `Documentation/arch/x86/boot.rst`. */
const setup = { mark: 0x202, text: "HdrS", versionPointer: 0x20e, base: 0x200 } as const;

/** The version text lies within the setup code, which is at most 64 sectors. */
const headBytes = 64 * 512;

/** Bytes of an expanded kernel. */
const maxKernelBytes = 256 * 1024 * 1024;

const latin = new TextDecoder("latin1");

const vmlinuz: FileAnalyzer = {
  kind: "file",
  id: "kernel/vmlinuz",
  revision: 3,
  // Beside it lie the files that the kernel begins with, of a hundred megabytes.
  matches: [{ directory: "boot", beginning: "vmlinu" }, { basename: "vmlinuz" }, { basename: "vmlinux" }],
  async *analyze(file): AsyncGenerator<Observation> {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    if (!/^vmlinu[xz]/.test(name)) return;
    try {
      const version = await versionOf(file);
      if (version !== undefined) yield { kind: "package", package: { name: "linux-kernel", version } };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, error.message);
    }
  },
};

/** Of a kernel for x86 from its header; of others from the banner in what is packed, or of the plain image. */
async function versionOf(file: AnalyzedFile): Promise<string | undefined> {
  const head = await readHead(file.stream());
  const stated = readVersion(head);
  if (stated !== undefined || isForX86(head)) return stated;
  const payload = payloadOf(head);
  if (payload !== undefined) return await bannerIn(expanded(file, part(file.stream(), payload), maxKernelBytes));
  return isImage(head) ? await bannerIn(expanded(file, file.stream(), maxKernelBytes)) : undefined;
}

function isForX86(head: Uint8Array): boolean {
  return latin.decode(head.subarray(setup.mark, setup.mark + 4)) === setup.text;
}

/** A gzip member, an ELF program, or a program for EFI. */
function isImage([first, second, third, fourth]: Uint8Array): boolean {
  return (
    (first === 0x1f && second === 0x8b) ||
    (first === 0x7f && second === 0x45 && third === 0x4c && fourth === 0x46) ||
    (first === 0x4d && second === 0x5a)
  );
}

interface Part {
  readonly start: number;
  readonly size: number;
}

/** Kernels that unpack themselves under EFI say where what they unpack lies (Linux `drivers/firmware/efi/libstub/zboot-header.S`). */
function payloadOf(head: Uint8Array): Part | undefined {
  if (head.length < 64 || latin.decode(head.subarray(4, 8)) !== "zimg") return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return { start: view.getUint32(8, true), size: view.getUint32(12, true) };
}

async function* part(stream: ByteStream, { start, size }: Part): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of stream) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, start + size - at));
    if (piece.length > 0) yield piece;
    at += chunk.length;
    if (at >= start + size) return;
  }
}

/** `Linux version 6.1.0-18-arm64 (…)`, which every kernel carries; pieces overlap by the length of a banner. */
async function bannerIn(stream: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  let kept = "";
  for await (const chunk of stream) {
    const text = kept + latin.decode(chunk);
    const version = /Linux version (\d[\w.+~-]{0,127}) \(/.exec(text)?.[1];
    if (version !== undefined) return version;
    kept = text.slice(-160);
  }
  return undefined;
}

async function readHead(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const head = new Uint8Array(headBytes);
  let filled = 0;
  for await (const chunk of stream) {
    head.set(chunk.subarray(0, headBytes - filled), filled);
    filled = Math.min(headBytes, filled + chunk.length);
    if (filled === headBytes) break;
  }
  return head.subarray(0, filled);
}

/** `6.1.0-18-amd64 (builder@host) #1 SMP …` up to the first blank; undefined for what is no such kernel. */
export function readVersion(head: Uint8Array): string | undefined {
  if (head.length < 0x210) return undefined;
  if (latin.decode(head.subarray(setup.mark, setup.mark + 4)) !== setup.text) return undefined;
  const start = setup.base + new DataView(head.buffer, head.byteOffset).getUint16(setup.versionPointer, true);
  const text = latin.decode(head.subarray(start, start + 256));
  return /^\d[\w.+~-]*/.exec(text)?.[0];
}

/** Linux kernels and modules that lie in an image as files. Containers run on their host's kernel, so they are only listed. */
export const kernel: Ecosystem = defineEcosystem({
  id: "kernel",
  analyzers: [vmlinuz, kernelModule],
  purl: (pkg) => formatPurl({ type: "generic", name: pkg.name, version: pkg.version }),
  lookupGap: () => ({
    code: "no-advisories",
    message: "Kernels and their modules in images are only listed: containers run on the kernel of their host",
  }),
});
