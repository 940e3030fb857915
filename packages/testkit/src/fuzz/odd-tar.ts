import { wholeBelow } from "./random.ts";
import type { Random } from "./random.ts";

/** A tar header and its content, field by field, for what no archiver writes. */
export interface RawTarMember {
  readonly name?: string | Uint8Array;
  readonly flag?: string;
  readonly link?: string | Uint8Array;
  readonly mode?: string | Uint8Array;
  readonly data?: string | Uint8Array;
  /** What the size field says, when it is not the length of the data. */
  readonly size?: Uint8Array | string;
  readonly prefix?: string | Uint8Array;
  /** Eight bytes: ustar's with its version, or another's. */
  readonly magic?: string;
  /** Last word on the header before its checksum is written. */
  readonly patch?: (header: Uint8Array) => void;
  /** The checksum sums signed characters, as old archivers did. */
  readonly signed?: boolean;
}

const encoder = new TextEncoder();

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/** The blocks of one member; the data is padded. */
export function rawTarMember(raw: RawTarMember): Uint8Array {
  const header = new Uint8Array(512);
  const data = bytesOf(raw.data ?? "");
  const put = (at: number, value: string | Uint8Array, most: number): void =>
    header.set(bytesOf(value).subarray(0, most), at);
  put(0, raw.name ?? "file", 100);
  put(100, raw.mode ?? "0000644\0", 8);
  put(124, raw.size ?? `${data.length.toString(8).padStart(11, "0")}\0`, 12);
  put(156, raw.flag ?? "0", 1);
  put(157, raw.link ?? "", 100);
  put(257, raw.magic ?? "ustar\u000000", 8);
  put(345, raw.prefix ?? "", 155);
  raw.patch?.(header);
  put(148, "        ", 8);
  const sum = header.reduce((all, byte) => all + (raw.signed === true && byte > 127 ? byte - 256 : byte), 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `, 8);
  const whole = new Uint8Array(512 + data.length + ((512 - (data.length % 512)) % 512));
  whole.set(header);
  whole.set(data, 512);
  return whole;
}

/** Records of a pax header, one behind the other. `digits`: leading zeros make a length at least so long. */
export function paxRecords(records: readonly (readonly [string, string])[], digits = 0): string {
  return records
    .map(([keyword, value]) => {
      const rest = encoder.encode(` ${keyword}=${value}\n`).length;
      let length = rest + Math.max(digits, 1);
      while (rest + Math.max(digits, String(length).length) !== length) length++;
      return `${String(length).padStart(digits, "0")} ${keyword}=${value}\n`;
    })
    .join("");
}

/**
 * An archive of some members in which every field may say something odd or contradict another: lengths, magic numbers,
 * prefixes, GNU and pax headers of one member, global headers, sparse files, types that nobody knows.
 */
export function oddTar(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let count = 1 + wholeBelow(random, 5); count > 0; count--) {
    for (let headers = wholeBelow(random, 3); headers > 0; headers--) parts.push(oddHeader(random));
    parts.push(oddMember(random));
  }
  parts.push(oddEnd(random));
  return joined(parts);
}

function oneOf<T>(random: Random, ...choices: readonly [T, ...T[]]): T {
  return choices[wholeBelow(random, choices.length)] ?? choices[0];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const names: readonly [string | Uint8Array, ...(string | Uint8Array)[]] = [
  "a",
  "d/",
  "etc/os-release",
  "./b//c",
  "../up",
  "",
  "ü",
  Uint8Array.of(0x64, 0x2f, 0xfc),
  `${"n".repeat(99)}/`,
  "x".repeat(100),
];

function nameIn(random: Random): string | Uint8Array {
  return oneOf(random, ...names);
}

/** A header that speaks of the member behind it. */
function oddHeader(random: Random): Uint8Array {
  switch (wholeBelow(random, 6)) {
    case 0:
      return rawTarMember({
        name: "././@LongLink",
        flag: oneOf(random, "L", "K"),
        data: joined([bytesOf(nameIn(random)), bytesOf(oneOf(random, "\0", "", "\0more"))]),
        magic: oneOf(random, "ustar  \0", "ustar\u000000"),
      });
    case 1:
      return rawTarMember({ name: "pax", flag: "x", data: sparseRecords(random) });
    default:
      return rawTarMember({
        name: oneOf(random, "pax", "p/"),
        flag: oneOf(random, "x", "x", "x", "g", "X"),
        data: paxRecords(
          Array.from({ length: wholeBelow(random, 3) }, () => oddRecord(random)),
          oneOf(random, 0, 0, 0, 10),
        ),
      });
  }
}

function oddRecord(random: Random): readonly [string, string] {
  const name = nameIn(random);
  switch (wholeBelow(random, 5)) {
    case 0:
      return ["path", typeof name === "string" ? name : "p"];
    case 1:
      return ["linkpath", typeof name === "string" ? name : "p"];
    case 2:
      return ["size", oneOf(random, "0", "3", "512", "+3", "000000000000000000003", "", "-1", "1e2", "0x3")];
    case 3:
      return ["GNU.sparse.name", "sparse-name"];
    default:
      return [oneOf(random, "comment", "mtime", "GNU.sparse.major", "GNU.sparse.minor"), oneOf(random, "1", "0", "")];
  }
}

function sparseRecords(random: Random): string {
  const runs = oneOf(random, [2, 3], [0, 3], [0, 1, 4, 2], [1, 1, 1, 2], [0, 9], []);
  const size = oneOf(random, "9", "3", "600");
  const records: [string, string][] = [];
  const version = oneOf(random, "0.0", "0.1", "1.0", "1.1", "none");
  if (version === "0.1" || version === "1.0" || version === "1.1") {
    records.push(["GNU.sparse.major", version.slice(0, 1)], ["GNU.sparse.minor", version.slice(2)]);
  }
  if (random() < 0.8) records.push([oneOf(random, "GNU.sparse.size", "GNU.sparse.realsize"), size]);
  if (random() < 0.8)
    records.push(["GNU.sparse.numblocks", String(oneOf(random, runs.length / 2, runs.length / 2, 1))]);
  if (random() < 0.5) records.push(["GNU.sparse.name", "sparse-name"]);
  if (version === "0.1" || version === "none") records.push(["GNU.sparse.map", runs.join(",")]);
  if (version === "0.0")
    for (const [index, value] of runs.entries())
      records.push([index % 2 === 0 ? "GNU.sparse.offset" : "GNU.sparse.numbytes", String(value)]);
  return paxRecords(records);
}

function oddMember(random: Random): Uint8Array {
  const data = oneOf(random, "", "abc", "x".repeat(512), "y".repeat(700), "1\n0\n3\n".padEnd(512, "\0") + "abc");
  const length = new Uint8Array(12);
  length.set([0x80]);
  new DataView(length.buffer).setUint32(8, data.length);
  const flag = oneOf(random, "0", "0", "0", "0", "\0", "\0", "1", "2", "3", "5", "6", "7", "S", "V", "X", "Z", "M");
  return rawTarMember({
    name: nameIn(random),
    flag,
    link: nameIn(random),
    data: /[1-6]/.test(flag) ? "" : data,
    ...(random() < 0.1
      ? { size: oneOf<string | Uint8Array>(random, length, "         3 \0", "3\0", new Uint8Array(12).fill(0xff)) }
      : {}),
    ...(random() < 0.1
      ? { mode: oneOf<string | Uint8Array>(random, "    755\0", new Uint8Array(8).fill(0xff), "\0\0\0\0\0\0\0\0") }
      : {}),
    magic: oneOf(
      random,
      "ustar\u000000",
      "ustar\u000000",
      "ustar  \0",
      "\0\0\0\0\0\0\0\0",
      "ustar\0 \0",
      "uxxxx\u000000",
      "ustar 00",
    ),
    prefix: oneOf<string | Uint8Array>(
      random,
      "",
      "",
      "",
      "pre/fix",
      "p".repeat(155),
      "00000000001 00000000001 ",
      "00000000001\u0000z",
      Uint8Array.of(0x80, 1, 2),
      Uint8Array.of(0xfc, 0x2f),
    ),
    patch: (header) => {
      if (random() < 0.15) header.set(bytesOf("tar\0"), 508);
      if (flag === "S") header.set(bytesOf("00000000001\u000000000000003\u0000"), 386);
      if (flag === "S") header.set(bytesOf(oneOf(random, "00000000011\0", "00000000004\0", "00000000001\0")), 483);
    },
    signed: random() < 0.1,
  });
}

function oddEnd(random: Random): Uint8Array {
  const hidden = rawTarMember({ name: "behind-the-end", data: "here" });
  switch (wholeBelow(random, 5)) {
    case 0:
      return new Uint8Array(0);
    case 1:
      return new Uint8Array(512);
    case 2:
      return joined([new Uint8Array(1024), hidden]);
    case 3:
      return joined([new Uint8Array(512), hidden]);
    default:
      return new Uint8Array(1024);
  }
}
