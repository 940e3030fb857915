// What does finding language packages cost on top of reading a layer? A node_modules of 30,000 files, 300 MB of fat jars and
// a Go program of 100 MB, each also at half its size, as ratios to walking the same tar with tar-stream in the same run, in processor time, which other programs disturb least.
// `node benchmarks/language-evidence.mjs`; the Go program needs the go command.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { crc32, deflateRawSync } from "node:zlib";
import { extract, pack } from "tar-stream";

const rounds = Number(process.env["ROUNDS"] ?? 3);
const here = fileURLToPath(import.meta.url);
const [mode, ...rest] = process.argv.slice(2);
if (mode === "--measure") await measure(...rest);
else await compare();

/** One measurement in a fresh process. */
async function measure(what, image, layer) {
  const run = what === "walk" ? () => walk(layer) : await analyzer(image);
  const [before, started] = [process.cpuUsage(), performance.now()];
  const counted = await run();
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ cpu: (user + system) / 1000, ms: performance.now() - started, counted }));
}

async function analyzer(image) {
  const { takeInventory } = await import("@plimsoll/inventory");
  const { everyEcosystem } = await import("@plimsoll/ecosystems");
  const { imageFile } = await import("@plimsoll/node");
  return async () => {
    const source = imageFile(image, { verify: false });
    const { packages } = await takeInventory(source, { ecosystems: everyEcosystem });
    return packages.length;
  };
}

async function walk(layer) {
  let files = 0;
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    if (header.type === "file") files++;
    stream.on("end", next);
    stream.resume();
  });
  await pipeline(createReadStream(layer, { highWaterMark: 1 << 20 }), reader);
  return files;
}

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-language-"));
  try {
    const cases = [
      ["node_modules, 15,000 files", () => nodeModules(1_500)],
      ["node_modules, 30,000 files", () => nodeModules(3_000)],
      ["fat jars, 150 MB", () => fatJars(5)],
      ["fat jars, 300 MB", () => fatJars(10)],
      ...(spawnSync("go", ["version"]).error === undefined
        ? [
            ["Go program, 50 MB", () => goProgram(folder, 48)],
            ["Go program, 100 MB", () => goProgram(folder, 98)],
          ]
        : (console.log("no go command: the Go program is left out"), [])),
    ];
    for (const [name, files] of cases) await compareOne(join(folder, "image"), name, files());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareOne(folder, name, files) {
  mkdirSync(folder, { recursive: true });
  const { image, layer, count } = await writeImage(folder, files);
  const own = (what) =>
    JSON.parse(execFileSync(process.execPath, [here, "--measure", what, image, layer], { encoding: "utf8" }));
  const times = { walk: [], analyze: [], wall: [] };
  let packages = 0;
  for (let round = 0; round < rounds; round++)
    for (const what of ["walk", "analyze"]) {
      const { cpu, ms, counted } = own(what);
      times[what].push(cpu);
      if (what === "walk") continue;
      packages = counted;
      times.wall.push(ms);
    }
  const [walked, analyzed] = [median(times.walk), median(times.analyze)];
  const megabytes = statSync(layer).size / 1e6;
  console.log(
    `${name.padEnd(28)} ${packages.toString().padStart(5)} packages  CPU: walk ${walked.toFixed(0)} ms, analyze ${analyzed.toFixed(0)} ms` +
      `  ratio ${(analyzed / walked).toFixed(2)}  ${(count / (analyzed / 1000)).toFixed(0)} files/s  ${(megabytes / (analyzed / 1000)).toFixed(0)} MB/s  (wall ${median(times.wall).toFixed(0)} ms)`,
  );
  rmSync(folder, { recursive: true });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A docker-save archive of one layer, and the layer by itself. */
async function writeImage(folder, files) {
  const layer = join(folder, "layer.tar");
  const archive = pack();
  const written = pipeline(archive, createWriteStream(layer));
  let count = 0;
  for (const [name, content, executable] of files) {
    count++;
    await new Promise((resolve, reject) =>
      archive.entry({ name, mode: executable ? 0o755 : 0o644 }, Buffer.from(content), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  }
  archive.finalize();
  await written;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(layer)) hash.update(chunk);
  const config = JSON.stringify({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [`sha256:${hash.digest("hex")}`] },
    history: [{ created_by: "COPY" }],
  });
  writeFileSync(join(folder, "config.json"), config);
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify([{ Config: "config.json", RepoTags: null, Layers: ["layer.tar"] }]),
  );
  const image = join(folder, "image.tar");
  execFileSync("tar", ["-cf", image, "-C", folder, "manifest.json", "config.json", "layer.tar"]);
  return { image, layer, count };
}

/** Ten files for each package, as the registry's have them. */
function* nodeModules(packages) {
  const code = "exports.f = function f(value) { return value === undefined ? null : value; };\n".repeat(30);
  for (let index = 0; index < packages; index++) {
    const name = `package-${index}`;
    const manifest = {
      name,
      version: `1.${index % 50}.0`,
      description: "made for a benchmark ".repeat(5),
      license: "MIT",
      dependencies: { [`package-${(index + 1) % packages}`]: "^1.0.0" },
      scripts: { test: "node test.js" },
    };
    yield [`app/node_modules/${name}/package.json`, JSON.stringify(manifest, null, 2)];
    for (let file = 0; file < 9; file++) yield [`app/node_modules/${name}/lib/file-${file}.js`, code];
  }
}

/** Thirty jars of a megabyte stored in each, as Spring Boot packs them. */
function* fatJars(count) {
  for (let index = 0; index < count; index++) {
    const inner = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [
        `BOOT-INF/lib/library-${index}-${at}-1.0.${at}.jar`,
        libraryJar(index, at),
      ]),
    );
    yield [`opt/app-${index}.jar`, zip({ ...maven("org.acme", `app-${index}`, "1.0.0"), ...inner })];
  }
}

function libraryJar(index, at) {
  const classes = Object.fromEntries(
    Array.from({ length: 20 }, (_, file) => [`org/acme/C${file}.class`, randomFillSync(Buffer.alloc(50_000))]),
  );
  return zip({ ...maven("org.acme", `library-${index}-${at}`, `1.0.${at}`), ...classes });
}

function maven(group, artifact, version) {
  return {
    "META-INF/MANIFEST.MF": Buffer.from("Manifest-Version: 1.0\r\n\r\n"),
    [`META-INF/maven/${group}/${artifact}/pom.properties`]: Buffer.from(
      `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
    ),
  };
}

/** A zip; jars in it are stored, other files deflated. */
function zip(files) {
  const bodies = [];
  const directory = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path);
    const stored = path.endsWith(".jar");
    const packed = stored ? content : deflateRawSync(content, { level: 1 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    bodies.push(Buffer.from("PK\x03\x04"), common, name, packed);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), common, tail, name);
    offset += 30 + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

/** A web server with so many megabytes of files in it. */
function* goProgram(folder, megabytes) {
  const place = join(folder, `go-${megabytes}`);
  mkdirSync(place);
  writeFileSync(join(place, "data.bin"), randomFillSync(Buffer.alloc(megabytes * 1_000_000)));
  writeFileSync(join(place, "go.mod"), "module example.com/app\n\ngo 1.20\n");
  writeFileSync(
    join(place, "main.go"),
    'package main\n\nimport (\n\t_ "embed"\n\t"net/http"\n)\n\n//go:embed data.bin\nvar data []byte\n\nfunc main() { http.ListenAndServe(":80", http.NotFoundHandler()); println(len(data)) }\n',
  );
  execFileSync("go", ["build", "-buildvcs=false", "-o", "app", "."], {
    cwd: place,
    env: { ...process.env, GOPROXY: "off", GOTOOLCHAIN: "local", CGO_ENABLED: "0" },
  });
  const bytes = readFileSync(join(place, "app"));
  rmSync(place, { recursive: true });
  yield ["usr/local/bin/app", bytes, true];
}
