import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerArchive } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { analyzeImage } from "./node.ts";

test("of an image nothing is written but what was found, in the cache directory, and without a cache nothing at all", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-written-"));
  try {
    const cacheDir = join(folder, "a", "cache");
    mkdirSync(cacheDir, { recursive: true });
    const honest = {
      "srv/node_modules/x/package.json": '{"name":"x","version":"1.0.0","description":"a text of the file"}',
      "usr/bin/run.sh": "#!/bin/sh\ntouch a-text-of-the-file\n",
    };
    const leading = { "../../../planted": "a text of the file", [join(folder, "absolute")]: "a text of the file" };
    const image = join(folder, "image.tar");
    const written = (): readonly string[] =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
        (path) => path !== "image.tar" && statSync(join(folder, path)).isFile(),
      );

    for (const layer of [{ ...honest, ...leading }, honest]) {
      writeFileSync(image, await dockerArchive({ name: "hostile", layers: [layer] }));
      await analyzeImage(image, { cacheDir, cache: false });
      expect(written()).toEqual([]);
      const { packages } = await analyzeImage(image, { cacheDir });
      expect(packages).toMatchObject([{ name: "x" }]);
    }

    // Of the layer whose paths led outside nothing was kept.
    expect(written()).not.toEqual([]);
    for (const path of written()) {
      expect(path.replaceAll("\\", "/")).toMatch(/^a\/cache\//);
      expect(readFileSync(join(folder, path), "latin1")).not.toContain("a text of the file");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
