import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";

/** Where the setup header of a compressed kernel for x86 says what it is: Linux `Documentation/arch/x86/boot.rst`. */
const setup = { mark: 0x202, text: "HdrS", versionPointer: 0x20e, base: 0x200 } as const;

/** The version text lies within the setup code, which is at most 64 sectors. */
const headBytes = 64 * 512;

const vmlinuz: FileAnalyzer = {
  kind: "file",
  id: "kernel/vmlinuz",
  revision: 1,
  matches: [{ directory: "boot" }, { basename: "vmlinuz" }],
  async *analyze(file): AsyncGenerator<Observation> {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    if (!name.startsWith("vmlinuz")) return;
    const version = readVersion(await readHead(file.stream()));
    if (version !== undefined) yield { kind: "package", package: { name: "linux-kernel", version } };
  },
};

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
  const latin = new TextDecoder("latin1");
  if (latin.decode(head.subarray(setup.mark, setup.mark + 4)) !== setup.text) return undefined;
  const start = setup.base + new DataView(head.buffer, head.byteOffset).getUint16(setup.versionPointer, true);
  const text = latin.decode(head.subarray(start, start + 256));
  return /^\d[\w.+~-]*/.exec(text)?.[0];
}

/** Linux kernels that lie in an image as files. Containers run on their host's kernel, so they are only listed. */
export const kernel: Ecosystem = defineEcosystem({
  id: "kernel",
  analyzers: [vmlinuz],
  purl: (pkg) => formatPurl({ type: "generic", name: pkg.name, version: pkg.version }),
  lookupGap: () => ({
    code: "no-advisories",
    message: "Kernels in images are listed only: containers run on their host's",
  }),
});
