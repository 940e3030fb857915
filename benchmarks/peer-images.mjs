// Images as benchmarks hand them to peers.
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** The archives of a folder, unpacked into a working folder as tools other than ours want them. */
export async function imagesIn(folder, work) {
  const names = readdirSync(folder).filter((name) => /\.tar(\.gz)?$/.test(name));
  const images = [];
  for (const name of names.sort()) {
    const given = join(folder, name);
    const plain = name.endsWith(".gz") ? join(work, name.replace(/\.gz$/, "")) : given;
    if (plain !== given) await pipeline(createReadStream(given), createGunzip(), createWriteStream(plain));
    const layout = name.includes(".oci.");
    images.push({
      name,
      given,
      plain,
      layout,
      ...(layout ? { folder: unpacked(plain, join(work, `${name}.d`)) } : {}),
    });
  }
  return images;
}

function unpacked(archive, folder) {
  mkdirSync(folder);
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  return folder;
}
