// Programs that keep to the outer form of ELF, PE and Mach-O: their tables are where they belong, and say odd things.
import { oneOf, wholeBelow } from "./random.ts";
import type { Random } from "./random.ts";

const wideNumbers = [0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

/** Names that readers look for; each stands between zero bytes in the table of names. */
const sectionNames = [
  ".go.buildinfo",
  ".gopclntab",
  ".dep-v0",
  ".note.package",
  "sbom",
  ".dynsym",
  ".dynstr",
  ".symtab",
  ".strtab",
  ".modinfo",
  ".data",
];

function encoded(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Mostly the number that belongs there. */
function nearly(random: Random, right: number): number {
  return random() < 0.9 ? right : oneOf(random, [...wideNumbers, right + 1, right - 1, wholeBelow(random, 70_000)], 0);
}

/** A program of any format with sections that readers look for, odd in some of its numbers. */
export function oddProgram(random: Random): Uint8Array {
  const content = oddContent(random);
  return oneOf(random, [oddElf, oddPe, oddMachO], oddElf)(random, content);
}

/** What stands in the sections: build information of Go in both of its forms, a function table, a note, and bytes of any kind. */
function oddContent(random: Random): Uint8Array {
  const modules = `${"0".repeat(16)}path\tx\nmod\tx\tv1.0.0\t\ndep\ta\tv1.0.0\n=>\tb\t${oneOf(random, ["v2", "", "\t\t"], "")}\nbuild\t-ldflags="-X main.version=v1"\n${"0".repeat(16)}`;
  const kind = wholeBelow(random, 4);
  if (kind === 0) {
    const mark = encoded(`\u00ff Go buildinf:${oneOf(random, ["\u0008\u0002", "\u0004\u0000", "\u0008\u0001"], "")}`);
    const version = encoded("go1.22.1");
    const text = encoded(modules);
    const bytes = new Uint8Array(32 + 1 + version.length + 2 + text.length);
    bytes.set(mark);
    bytes[32] = nearly(random, version.length) & 0xff;
    bytes.set(version, 33);
    bytes.set([(text.length & 0x7f) | 0x80, text.length >> 7], 33 + version.length);
    bytes.set(text, 35 + version.length);
    return bytes;
  }
  const bytes = Uint8Array.from({ length: 64 + wholeBelow(random, 400) }, () =>
    random() < 0.5 ? 0 : wholeBelow(random, 256),
  );
  const view = new DataView(bytes.buffer);
  if (kind === 1) {
    view.setUint32(0, oneOf(random, [0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1], 0), true);
    bytes.set([0, 0, 1, 8], 4);
    for (let at = 8; at < 56; at += 8) view.setBigUint64(at, BigInt(nearly(random, wholeBelow(random, 64))), true);
  } else if (kind === 2) {
    view.setUint32(0, nearly(random, 4), true);
    view.setUint32(4, nearly(random, 20), true);
    view.setUint32(8, 0xcafe1a7e, true);
    bytes.set(encoded('FDO\0{"name":"a","version":"1"}'), 12);
  }
  return bytes;
}

function oddElf(random: Random, content: Uint8Array): Uint8Array {
  const little = random() < 0.8;
  const names = encoded(`\0${sectionNames.join("\0")}\0`);
  const sections = 2 + wholeBelow(random, 6);
  const start = 64 + 56;
  const table = start + content.length + names.length;
  const file = new Uint8Array(table + (sections + 1) * 64);
  const view = new DataView(file.buffer);
  const long = (at: number, value: number): void => view.setBigUint64(at, BigInt(Math.max(0, value)), little);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1]);
  long(0x20, 64);
  long(0x28, nearly(random, table));
  view.setUint16(0x36, nearly(random, 56) & 0xffff, little);
  view.setUint16(0x38, nearly(random, 1) & 0xffff, little);
  view.setUint16(0x3a, 64, little);
  view.setUint16(0x3c, nearly(random, sections + 1) & 0xffff, little);
  view.setUint16(0x3e, nearly(random, sections) & 0xffff, little);
  view.setUint32(64, 1, little);
  view.setUint32(68, 6, little);
  long(64 + 8, start);
  long(64 + 16, 0x40_0000);
  long(64 + 32, nearly(random, content.length));
  file.set(content, start);
  file.set(names, start + content.length);
  for (let index = 1; index <= sections; index++) {
    const at = table + index * 64;
    const isNames = index === sections;
    const name = oneOf(random, sectionNames, "sbom");
    view.setUint32(at, isNames ? 0 : nearly(random, 1 + sectionNames.join("\0").indexOf(name)), little);
    view.setUint32(at + 4, nearly(random, 1), little);
    long(at + 8, 3);
    long(at + 16, 0x40_0000);
    long(at + 24, nearly(random, isNames ? start + content.length : start));
    long(at + 32, nearly(random, isNames ? names.length : content.length));
  }
  return file;
}

function oddPe(random: Random, content: Uint8Array): Uint8Array {
  const sections = 1 + wholeBelow(random, 5);
  const table = 88 + 240;
  const start = table + sections * 40;
  const file = new Uint8Array(start + content.length);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, nearly(random, 64), true);
  view.setUint32(64, 0x4550, true);
  view.setUint16(64 + 6, nearly(random, sections) & 0xffff, true);
  view.setUint32(64 + 12, nearly(random, 0), true);
  view.setUint16(64 + 20, nearly(random, 240) & 0xffff, true);
  view.setUint16(88, 0x20b, true);
  view.setBigUint64(88 + 24, 0x1_4000_0000n, true);
  view.setUint32(88 + 108, 16, true);
  for (let directory = 0; directory < 16; directory++)
    view.setUint32(88 + 112 + directory * 8, oneOf(random, [0, 0, 0x1000, 0x1004, 0xffffffff], 0), true);
  for (let index = 0; index < sections; index++) {
    const at = table + index * 40;
    file.set(encoded(oneOf(random, [...sectionNames, ".rdata", "/4", "/9999999"], "").slice(0, 8)), at);
    view.setUint32(at + 8, nearly(random, content.length), true);
    view.setUint32(at + 12, nearly(random, 0x1000), true);
    view.setUint32(at + 16, nearly(random, content.length), true);
    view.setUint32(at + 20, nearly(random, start), true);
    view.setUint32(at + 36, oneOf(random, [0xc000_0040, 0x4000_0040], 0), true);
  }
  file.set(content, start);
  return file;
}

function oddMachO(random: Random, content: Uint8Array): Uint8Array {
  const sections = 1 + wholeBelow(random, 4);
  const command = 72 + sections * 80;
  const start = 32 + command + 24;
  const file = new Uint8Array(start + content.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xfeedfacf, true);
  view.setUint32(16, nearly(random, 2), true);
  view.setUint32(32, 0x19, true);
  view.setUint32(36, nearly(random, command), true);
  view.setBigUint64(32 + 24, 0x1000n, true);
  view.setBigUint64(32 + 40, BigInt(start), true);
  view.setBigUint64(32 + 48, BigInt(content.length), true);
  view.setUint32(32 + 60, 3, true);
  view.setUint32(32 + 64, nearly(random, sections), true);
  for (let index = 0; index < sections; index++) {
    const at = 104 + index * 80;
    file.set(encoded(oneOf(random, ["__go_buildinfo", "__gopclntab", "__data", ".dep-v0", "sbom"], "")), at);
    view.setBigUint64(at + 32, 0x1000n, true);
    view.setBigUint64(at + 40, BigInt(Math.max(0, nearly(random, content.length))), true);
    view.setUint32(at + 48, nearly(random, start), true);
  }
  view.setUint32(32 + command, 2, true);
  view.setUint32(32 + command + 4, 24, true);
  for (const field of [8, 12, 16, 20])
    view.setUint32(32 + command + field, nearly(random, field === 12 ? 4 : start), true);
  file.set(content, start);
  if (random() < 0.8) return file;
  // Several architectures, which may be the same bytes.
  const slices = 1 + wholeBelow(random, 4);
  const fat = new Uint8Array(8 + slices * 20 + file.length);
  const outer = new DataView(fat.buffer);
  outer.setUint32(0, 0xcafebabe);
  outer.setUint32(4, nearly(random, slices));
  for (let slice = 0; slice < slices; slice++) {
    outer.setUint32(8 + slice * 20 + 8, nearly(random, 8 + slices * 20));
    outer.setUint32(8 + slice * 20 + 12, nearly(random, file.length));
  }
  fat.set(file, 8 + slices * 20);
  return fat;
}
