// Writes the example image as `docker save` does: one tar with a layer.tar per layer, a configuration and a manifest.
import { createHash } from "node:crypto";
import { pack } from "tar-stream";
import { layers } from "./image-layers.mjs";

/** A tar of files by path, without clock and owner, so that the same files give the same bytes everywhere. */
async function tar(files) {
  const archive = pack();
  for (const [name, content] of Object.entries(files))
    archive.entry({ name, mtime: new Date(0), mode: 0o644 }, content);
  archive.finalize();
  const chunks = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The archive's bytes; of some layers only, where they are given. */
export async function makeImage(chosen = layers) {
  const blobs = await Promise.all(chosen.map(({ files }) => tar(files)));
  const names = blobs.map((blob) => `${sha256(blob)}/layer.tar`);
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["node", "/srv/shop"], WorkingDir: "/srv/shop" },
    rootfs: { type: "layers", diff_ids: blobs.map((blob) => `sha256:${sha256(blob)}`) },
    history: chosen.map(({ createdBy }) => ({ created_by: createdBy })),
  });
  const configName = `${sha256(config)}.json`;
  return tar({
    ...Object.fromEntries(blobs.map((blob, index) => [names[index], blob])),
    [configName]: config,
    "manifest.json": JSON.stringify([{ Config: configName, RepoTags: ["plimsoll/first-scan:latest"], Layers: names }]),
  });
}
