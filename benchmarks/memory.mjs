// How much memory do large lock files and jars take, and does it grow as they do? Peak memory of the whole program, as a ratio
// to that of `node -e 0`, and of a file twice as large to the file. `node benchmarks/memory.mjs`; Linux alone tells the peak.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";

const cli = fileURLToPath(new URL("../packages/cli/bin/plimsoll.js", import.meta.url));

const hash = "0123456789abcdef".repeat(4);
const indexes = (count) => Array.from({ length: count }, (_, index) => index);

/** Lock files of so many packages, each with what its tool writes. */
const lockFiles = {
  "package-lock.json": (count) =>
    JSON.stringify({
      lockfileVersion: 3,
      packages: Object.fromEntries(
        indexes(count).map((index) => [
          `node_modules/package-${index}`,
          { version: "1.0.0", integrity: `sha1-${"A".repeat(27)}=`, engines: { node: ">=18" }, funding: { url: hash } },
        ]),
      ),
    }),
  "uv.lock": (count) =>
    `version = 1\n${indexes(count)
      .map(
        (index) =>
          `\n[[package]]\nname = "package-${index}"\nversion = "1.0.0"\nwheels = [\n  { url = "https://files.example/${index}.whl", hash = "sha256:${hash}" },\n  { url = "https://files.example/${index}-cp312.whl", hash = "sha256:${hash}" },\n]\n`,
      )
      .join("")}`,
  "composer.lock": (count) =>
    JSON.stringify({
      packages: indexes(count).map((index) => ({
        name: `vendor/package-${index}`,
        version: "1.0.0",
        dist: { type: "zip", url: `https://files.example/${hash}` },
        authors: [{ name: "A", email: "a@example.org" }],
        autoload: { "psr-4": { "Vendor\\Package\\": "src/" } },
      })),
      "packages-dev": [],
    }),
};

/** Lock files with the shortest entries that there are, just below their limits: 160,000 entries of npm and yarn, as many values of pnpm. */
const dense = {
  "package-lock.json": () =>
    `{"name":"r","lockfileVersion":3,"packages":{"":{}${shortest(25_000, (name) => `,"node_modules/${name}":{"version":"1"}`)}${shortest(134_900, (name) => `,"${name}":{}`)}}}`,
  "yarn.lock": () => `# yarn lockfile v1\n\n${shortest(159_900, (name) => `${name}@1:\n  version "1"\n\n`)}`,
  "pnpm-lock.yaml": () => `lockfileVersion: '9.0'\npackages:\n${shortest(79_990, (name) => `  ${name}@1.0.0: {}\n`)}`,
};

function shortest(count, entry) {
  return indexes(count)
    .map((index) => entry(`p${index.toString(36)}`))
    .join("");
}

/** A zip of one stored entry. */
function storedZip(path, content) {
  const name = Buffer.from(path);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + content.length, 16);
  const directory = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, Buffer.alloc(14), name]);
  return Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name, content, directory, end]);
}

/** A jar that holds a jar, of so many megabytes. */
function nestedJar(megabytes) {
  const library = storedZip("org/acme/data.bin", Buffer.alloc(megabytes * 1_000_000, 7));
  return storedZip("BOOT-INF/lib/library-1.0.jar", library);
}

/** The most memory that a run held, in MiB; undefined where the system does not tell. */
async function peak(args) {
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  let kibibytes;
  const look = setInterval(() => {
    try {
      kibibytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? kibibytes);
    } catch {
      // Not Linux, or it has just ended.
    }
  }, 5);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`plimsoll ${args.slice(1).join(" ")} ended with ${code}`);
  return kibibytes === undefined ? undefined : kibibytes / 1024;
}

const folder = mkdtempSync(join(tmpdir(), "plimsoll-memory-"));
try {
  const node = await peak(["-e", "setTimeout(() => 0, 100)"]);
  if (node === undefined) console.log("memory: skipped, this system does not tell how much a process held");
  else {
    const cases = [
      ...Object.entries(lockFiles).map(([name, make]) => [name, [10_000, 20_000], make, "packages"]),
      ["app.jar", [200, 400], nestedJar, "MB"],
    ];
    for (const [name, make] of Object.entries(dense)) {
      const root = join(folder, `dense-${name}`);
      mkdirSync(root);
      writeFileSync(join(root, name), make());
      const held = await peak([cli, "fs", root, "--scanners", "license", "--no-cache", "--offline", "--quiet"]);
      console.log(`${name}, as dense as its limit allows: ${held.toFixed(0)} MiB (wanted: at most 300)`);
    }
    for (const [name, sizes, make, unit] of cases) {
      const peaks = [];
      for (const size of sizes) {
        const root = join(folder, `${name}-${size}`);
        mkdirSync(root);
        writeFileSync(join(root, name), make(size));
        const command = name.endsWith(".jar") ? "rootfs" : "fs";
        peaks.push(await peak([cli, command, root, "--scanners", "license", "--no-cache", "--offline", "--quiet"]));
        rmSync(root, { recursive: true });
      }
      const [half = 0, whole = 0] = peaks;
      console.log(
        `${name}, ${sizes[1]} ${unit}: ${whole.toFixed(0)} MiB, ratio to Node ${(whole / node).toFixed(1)}, to half of it ${(whole / half).toFixed(2)} (wanted: at most 2.1)`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
