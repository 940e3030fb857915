// A real image for benchmarks: two gzip layers of unpacked Debian packages with their dpkg database, some hundred
// megabytes and tens of thousands of files. Made once, in a folder of the caller's.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const layers = [
  ["libllvm14", "openjdk-17-jre-headless", "gcc-12", "perl-modules-5.36", "git", "libboost1.74-dev"],
  ["chromium", "chromium-common", "libpython3.11-stdlib", "libperl5.36", "cmake-data", "libicu-dev", "vim-runtime"],
];

/** Why no image can be made here; undefined when it can. */
export function missingTool() {
  return ["apt-get", "dpkg-deb", "tar", "gzip"].find((tool) => {
    try {
      execFileSync(tool, ["--version"], { stdio: "ignore" });
      return false;
    } catch {
      return true;
    }
  });
}

/** Makes the image as an OCI layout in `folder`; gives the paths of its layer blobs. */
export async function debianImage(folder) {
  const layout = join(folder, "layout");
  const blobs = join(layout, "blobs", "sha256");
  if (!existsSync(join(layout, "index.json"))) await build(folder, layout, blobs);
  const files = readdirSync(blobs).map((name) => join(blobs, name));
  return { layout, layers: files.filter((file) => statSync(file).size > 1_000_000).sort() };
}

async function build(folder, layout, blobs) {
  mkdirSync(blobs, { recursive: true });
  const made = [];
  for (const [index, packages] of layers.entries()) {
    const root = join(folder, `root${index}`);
    const debs = join(folder, `debs${index}`);
    mkdirSync(join(root, "var/lib/dpkg"), { recursive: true });
    mkdirSync(debs, { recursive: true });
    execFileSync("apt-get", ["download", ...packages], { cwd: debs, stdio: "ignore" });
    const names = readdirSync(debs).sort();
    for (const name of names) execFileSync("dpkg-deb", ["-x", join(debs, name), root]);
    const all = index === 0 ? names : [...readdirSync(join(folder, "debs0")).sort(), ...names];
    writeFileSync(join(root, "var/lib/dpkg/status"), all.map((name) => stanza(folder, name)).join("\n"));
    if (index === 0)
      writeFileSync(
        join(root, "usr/lib/os-release"),
        'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
      );
    const tar = join(folder, `layer${index}.tar`);
    execFileSync("tar", [
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mtime=@0",
      "-cf",
      tar,
      "-C",
      root,
      ".",
    ]);
    const diffId = await sha256(tar);
    execFileSync("gzip", ["-n", "-6", "-f", tar]);
    made.push({ diffId, ...(await addBlob(`${tar}.gz`, blobs)) });
    rmSync(root, { recursive: true });
  }
  writeLayout(layout, blobs, made);
}

function stanza(folder, name) {
  const file = ["debs0", "debs1"].map((debs) => join(folder, debs, name)).find((path) => existsSync(path));
  const fields = execFileSync("dpkg-deb", ["-f", file], { encoding: "utf8", maxBuffer: 1 << 24 });
  return fields.replace(/^(Package: .*)$/m, "$1\nStatus: install ok installed");
}

async function addBlob(file, blobs) {
  const digest = await sha256(file);
  execFileSync("mv", [file, join(blobs, digest)]);
  return { digest: `sha256:${digest}`, size: statSync(join(blobs, digest)).size };
}

function writeLayout(layout, blobs, made) {
  // Peers insist on media types.
  const mediaType = (kind) => `application/vnd.oci.image.${kind}`;
  const put = (kind, document) => {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, digest), bytes);
    return { mediaType: mediaType(kind), digest: `sha256:${digest}`, size: bytes.length };
  };
  const config = put("config.v1+json", {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: made.map(({ diffId }) => `sha256:${diffId}`) },
    history: made.map((_, index) => ({ created_by: `RUN apt-get install # ${layers[index].length} packages` })),
  });
  const manifest = put("manifest.v1+json", {
    schemaVersion: 2,
    mediaType: mediaType("manifest.v1+json"),
    config,
    layers: made.map(({ digest, size }) => ({ mediaType: mediaType("layer.v1.tar+gzip"), digest, size })),
  });
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
}

async function sha256(file) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
