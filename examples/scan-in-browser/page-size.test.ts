import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import type { OutputChunk } from "rolldown";
import { describe, expect, test } from "vitest";

/** What a page carries that looks for two ecosystems: what else a scan may need is loaded when it is needed. */

const here = fileURLToPath(new URL(".", import.meta.url));
const built = existsSync(`${here}../../packages/plimsoll/dist/index.js`);
if (!built) console.warn("the packages are not built: no page is bundled from them (npm run setup builds them)");

const code = `
import { openStore, scanImage } from "plimsoll";
import { apk, npm } from "plimsoll/ecosystems";
export const scan = async (file, database) =>
  scanImage(file, { ecosystems: [apk, npm], advisories: await openStore(database) });
`;

describe.skipIf(!built)("a page with apk and npm", () => {
  test("is at most 150 kB, gzipped, before it meets anything rare", async () => {
    const page = await rolldown({
      input: "page",
      platform: "browser",
      cwd: here,
      logLevel: "silent",
      plugins: [
        {
          name: "page",
          resolveId: (id) => (id === "page" ? `${here}page-of-two.mjs` : null),
          load: (id) => (id.endsWith("page-of-two.mjs") ? code : null),
        },
      ],
    });
    const { output } = await page.generate({ format: "esm", minify: true });
    await page.close();
    const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file]] : [])));
    const first = [...chunks.values()].filter(({ isEntry }) => isEntry);
    const carried = new Set<OutputChunk>(first);
    for (const chunk of carried)
      for (const name of chunk.imports) if (chunks.has(name)) carried.add(chunks.get(name) as OutputChunk);
    const bytes = [...carried].reduce((total, chunk) => total + gzipSync(chunk.code).length, 0);
    const late = [...chunks.values()].filter((chunk) => !carried.has(chunk));
    const modules = (parts: Iterable<OutputChunk>) => [...parts].flatMap((chunk) => Object.keys(chunk.modules));

    expect(first).toHaveLength(1);
    expect(bytes).toBeLessThanOrEqual(150_000);
    for (const rare of [
      /zstddec/,
      /js-yaml/,
      /packages\/secrets\//,
      /packages\/checks\//,
      /packages\/licenses\//,
      /\/maven\//,
    ]) {
      expect(modules(carried).filter((id) => rare.test(id))).toEqual([]);
      expect(modules(late).some((id) => rare.test(id))).toBe(true);
    }
  });
});
