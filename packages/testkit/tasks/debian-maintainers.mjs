// Usage: xz -dc Packages.xz … | npm run debian-maintainers
// Writes deb/maintainer-addresses.ts anew from package indexes of the Debian archive (deb822, decompressed, in any order, on standard
// input): the checksums of all addresses of maintainers that are not Debian's or Ubuntu's own. Decision 0201 says why.
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { crc32 } from "node:zlib";

const target = new URL("../../ecosystems/src/deb/maintainer-addresses.ts", import.meta.url);
const ownAddress = /@(?:[\w-]+\.)*(?:debian\.(?:org|net)|ubuntu\.com|canonical\.com)$/;

const checksums = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  const address = /^Maintainer:.*<([^<>]+)>,?\s*$/.exec(line)?.[1]?.toLowerCase();
  if (address !== undefined && !ownAddress.test(address)) checksums.add(crc32(address).toString(16).padStart(8, "0"));
}
if (checksums.size === 0) throw new Error("There is no package index on standard input");

const sorted = [...checksums].sort();
const lines = [];
for (let at = 0; at < sorted.length; at += 14) lines.push(sorted.slice(at, at + 14).join(" "));
writeFileSync(
  target,
  `/**
 * CRC-32 of the addresses, in lower case, of those who maintain packages of Debian under an address of their own: eight hexadecimal
 * digits each, sorted. Package indexes of main, contrib and non-free of Debian 11, 12, 13 and unstable, read 2026-11.
 * Written by packages/testkit/tasks/debian-maintainers.mjs.
 */
export const maintainerChecksums = \`
${lines.join("\n")}
\`;
`,
);
