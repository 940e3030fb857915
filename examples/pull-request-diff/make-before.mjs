// The image of examples/first-scan without its last two layers, as the target branch has it.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { layers } from "../first-scan/image-layers.mjs";
import { makeImage } from "../first-scan/make-image.mjs";

const folder = fileURLToPath(new URL("dist/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}before.tar`, await makeImage(layers.slice(0, -2)));
