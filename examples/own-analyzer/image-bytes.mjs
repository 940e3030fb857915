// The smallest image there is: one layer with one file, as `docker save` would write it. Only the tar headers need care.
import { createHash } from "node:crypto";

function tar(files) {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("0ustar\0" + "00", 156);
    header.fill(" ", 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function imageBytes() {
  const layer = tar({ "etc/harbour/plugins.txt": "crane 1.4.0\nwinch 2.0.1\n" });
  const diffId = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const config = JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [diffId] } });
  const manifest = JSON.stringify([{ Config: "config.json", RepoTags: ["harbour:latest"], Layers: ["layer.tar"] }]);
  return tar({ "layer.tar": layer, "config.json": config, "manifest.json": manifest });
}
