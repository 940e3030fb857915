// Do time and memory grow as images do? For one axis after the other (files, packages, layers, bytes) and for all of them together, an
// image and one twice as large are scanned in fresh processes: `everything twice as large` may cost 2.1 times as much, the code being loaded. And does a
// process that scans again and again stay as it is?
//
//   node benchmarks/growth.mjs [share [axis…]]     share of the largest sizes below, 0.1 unless told; 1 takes several GB of disk
//
// Told are processor time (which other work on the machine disturbs least; the fastest of some rounds) and the peak of memory, each
// with what it is for one thing more: `(whole - half) / (things - things / 2)`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";

const here = fileURLToPath(import.meta.url);
const cli = fileURLToPath(new URL("../packages/cli/bin/plimsoll.js", import.meta.url));

/** The largest sizes that are asked for: bytes in megabytes. */
const largest = { files: 1_000_000, packages: 100_000, layers: 500, bytes: 2_000 };
/** What the other axes have meanwhile. */
const least = { files: 100, packages: 100, layers: 1, bytes: 1 };

const [mode, ...rest] = process.argv.slice(2);
if (mode === "--scan") await scanOnce(rest[0], rest[1]);
else if (mode === "--again") await scanAgain(rest[0], rest[1], Number(rest[2]));
else await compare(Number(mode ?? 0.1), rest);

/** Scans an image in this process, which is new, and tells what that took. */
async function scanOnce(layout, database) {
  const { imageFile, openAdvisories, scanImage } = await import("plimsoll");
  // Loading the code takes as long whatever the image: it would hide what grows.
  const before = process.cpuUsage();
  const advisories = await openAdvisories(database);
  const report = await scanImage(imageFile(layout), { advisories, cache: false });
  const { user, system } = process.cpuUsage(before);
  const lost = report.diagnostics.find(({ code }) => code === "limit-exceeded" || code === "malformed-layer");
  if (lost !== undefined) throw new Error(lost.message);
  tell({ ms: (user + system) / 1000 });
}

/** Scans an image again and again: what a scan takes early and late, and how much more is held at the end. */
async function scanAgain(layout, database, times) {
  const { imageFile, openAdvisories, scanImage } = await import("plimsoll");
  const advisories = await openAdvisories(database);
  const thirds = [];
  for (let third = 0; third < 3; third++) {
    const { user, system } = process.cpuUsage();
    for (let scan = 0; scan < times / 3; scan++) await scanImage(imageFile(layout), { advisories, cache: false });
    const used = process.cpuUsage({ user, system });
    globalThis.gc?.();
    thirds.push({ ms: (used.user + used.system) / 1000 / (times / 3), heap: process.memoryUsage().heapUsed / 2 ** 20 });
  }
  tell({ thirds });
}

function tell(found) {
  // What `resourceUsage` says begins with what the parent had.
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 1024;
  console.log(JSON.stringify({ peak, ...found }));
}

/** An OCI layout of layers with so many files, packages and megabytes of programs in all. */
async function makeImage(folder, { files, packages, layers, bytes }) {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const made = [];
  for (let index = 0; index < layers; index++)
    made.push(await makeLayer(blobs, index, { files, packages, layers, bytes }));
  const put = (kind, document) => {
    const text = JSON.stringify(document);
    const digest = createHash("sha256").update(text).digest("hex");
    writeFileSync(join(blobs, digest), text);
    return {
      mediaType: `application/vnd.oci.image.${kind}`,
      digest: `sha256:${digest}`,
      size: Buffer.byteLength(text),
    };
  };
  const config = put("config.v1+json", {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: made.map(({ diffId }) => diffId) },
  });
  const manifest = put("manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config,
    layers: made.map(({ digest, size }) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest,
      size,
    })),
  });
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
}

/** One member of a tar archive, in the form of ustar. */
function member(name, content, mode = 0o644) {
  const bytes = Buffer.from(content);
  const whole = Buffer.alloc(512 + Math.ceil(bytes.length / 512) * 512);
  whole.write(name, 0, 100, "latin1");
  const octal = (value, at, length) => whole.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes.length, 124, 12);
  octal(0, 136, 12);
  whole.write("        0", 148, "latin1");
  whole.write("ustar\x0000", 257, "latin1");
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += whole[at];
  whole.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  bytes.copy(whole, 512);
  return whole;
}

/** Members one after the other, put together to pieces of a megabyte: streams cost more for each piece than tar does. */
function* archive(members) {
  let piece = [];
  let length = 0;
  for (const next of members) {
    piece.push(next);
    length += next.length;
    if (length < 1_000_000) continue;
    yield Buffer.concat(piece);
    piece = [];
    length = 0;
  }
  yield Buffer.concat([...piece, Buffer.alloc(1024)]);
}

function* membersOf(index, { files, packages, layers, bytes }) {
  const share = (all) => Math.floor((all * (index + 1)) / layers) - Math.floor((all * index) / layers);
  if (index === 0) yield member("etc/os-release", "ID=alpine\nVERSION_ID=3.10.9\n");
  // Few layers change the database of packages.
  if (index === layers - 1) {
    const stanza = (at) => `P:package-${at}\nV:1.${at % 50}.0-r0\nA:x86_64\no:package-${at}\n\n`;
    yield member("lib/apk/db/installed", Array.from({ length: packages }, (_, at) => stanza(at)).join(""));
  }
  for (let at = 0; at < share(files); at++)
    // What shrinks to nothing is refused as a bomb.
    yield member(
      `srv/${index}/${Math.floor(at / 100)}/${at}.txt`,
      createHash("sha256").update(`${at}`).digest("base64"),
    );
  const program = Buffer.alloc(1_000_000);
  program.write("\x7fELF\x02\x01\x01", "latin1");
  for (let at = 0; at < share(bytes); at++) {
    // Not the same everywhere, so that it does not shrink to nothing.
    for (let place = 64; place + 4 <= program.length; place += 61)
      program.writeUInt32LE(Math.imul(place + at, 2_654_435_761) >>> 0, place);
    yield member(`opt/${index}/${at}`, program, 0o755);
  }
}

async function makeLayer(blobs, index, sizes) {
  const plain = createHash("sha256");
  const packed = createHash("sha256");
  const file = join(blobs, "unnamed");
  const watched = (hash) =>
    async function* (chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
  const members = Readable.from(archive(membersOf(index, sizes)));
  await pipeline(members, watched(plain), createGzip({ level: 1 }), watched(packed), createWriteStream(file));
  const digest = packed.digest("hex");
  const { size } = statSync(file);
  renameSync(file, join(blobs, digest));
  return { digest: `sha256:${digest}`, size, diffId: `sha256:${plain.digest("hex")}` };
}

/** Runs this file in a fresh process. */
function measured(...args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", here, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

function buildDatabase(folder) {
  const osv = join(folder, "osv", "Alpine");
  mkdirSync(osv, { recursive: true });
  for (let at = 0; at < 50; at++) {
    const record = {
      id: `CVE-2020-${1000 + at}`,
      modified: "2020-01-01T00:00:00Z",
      affected: [
        {
          package: { ecosystem: "Alpine:v3.10", name: `package-${at}` },
          ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2.0.0-r0" }] }],
        },
      ],
    };
    writeFileSync(join(osv, `${record.id}.json`), JSON.stringify(record));
  }
  const database = join(folder, "db.plimsoll");
  const { status, stderr } = spawnSync(
    process.execPath,
    [cli, "db", "build", "--from", join(folder, "osv"), "--output", database],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return database;
}

async function compare(part, axes) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-growth-"));
  try {
    const database = buildDatabase(folder);
    const sized = (names, factor) => ({
      ...least,
      ...Object.fromEntries(names.map((name) => [name, Math.max(2, Math.round(largest[name] * part * factor))])),
    });
    const cases = [...Object.keys(largest).map((name) => [name, [name]]), ["everything", Object.keys(largest)]];
    for (const [name, grown] of cases.filter(([name]) => axes.length === 0 || axes.includes(name))) {
      const results = [];
      for (const factor of [0.5, 1]) {
        const layout = join(folder, `${name}-${factor}`);
        await makeImage(layout, sized(grown, factor));
        const rounds = Array.from({ length: part >= 0.5 ? 2 : 3 }, () => measured("--scan", layout, database));
        results.push({
          ms: Math.min(...rounds.map(({ ms }) => ms)),
          peak: Math.min(...rounds.map(({ peak }) => peak)),
        });
        rmSync(layout, { recursive: true });
      }
      const [half, whole] = results;
      const sizes = sized(grown, 1);
      const size = grown.map((axis) => `${sizes[axis]} ${axis === "bytes" ? "MB" : axis}`).join(", ");
      const ratio = (field) => (whole[field] / half[field]).toFixed(2);
      console.log(
        `${size}: ${(whole.ms / 1000).toFixed(2)} s of processor time, ratio to half of it ${ratio("ms")}; ${whole.peak.toFixed(0)} MiB, ratio ${ratio("peak")} (wanted: at most 2.1)`,
      );
      if (grown.length === 1) {
        const more = sizes[grown[0]] / 2;
        console.log(
          `  for one more: ${(((whole.ms - half.ms) / more) * 1000).toFixed(1)} µs, ${(((whole.peak - half.peak) / more) * 1024).toFixed(2)} KiB`,
        );
      }
    }
    if (axes.length > 0 && !axes.includes("again")) return;
    const layout = join(folder, "again");
    await makeImage(layout, { files: 1_000, packages: 500, layers: 3, bytes: 3 });
    const { thirds } = measured("--again", layout, database, "300");
    const [, second, third] = thirds;
    console.log(
      `300 scans in one process: ${third.ms.toFixed(1)} ms each of the last hundred, ratio to the hundred before ${(third.ms / second.ms).toFixed(2)}; ${(third.heap - second.heap).toFixed(2)} MiB more held`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
