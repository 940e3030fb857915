import { literalImage } from "@plimsoll/testkit";
import { secretDetector } from "@plimsoll/secrets";
import { memoryCache } from "@plimsoll/inventory";
import { describe, expect, test } from "vitest";
import { analyzeImage, scanImage } from "./index.ts";

/** Made up, and put together here so that no scanner takes this file for a leak. */
const token = `ghp${"_"}${"0aB1cD2eF3".repeat(4).slice(0, 36)}`;
const key = `AKI${"AQ3EGUYT2XK7BNMLP"}`;

const image = literalImage({
  layers: [
    { "srv/.env": `# settings\nTOKEN=${token}\n`, "srv/key.txt": `\n  ${key}\n` },
    { ".wh.srv": "", "etc/app.conf": `\n\n\ntoken: ${token}\n` },
    { "usr/share/doc/x/README": token, "web/yarn.lock": token },
  ],
});

describe("secrets of an image", () => {
  test("are found where they are and where they were, with the layer that removed them", async () => {
    const { secrets, coverage } = await scanImage(image, { scanners: ["secret"] });

    expect(
      secrets.map(({ id, location, removedIn }) => [
        id,
        location?.path,
        location?.line,
        location?.column,
        location?.layer?.index,
        removedIn?.index,
      ]),
    ).toEqual([
      ["github-pat", "etc/app.conf", 4, 8, 1, undefined],
      ["github-pat", "srv/.env", 2, 7, 0, 1],
      ["aws-access-key-id", "srv/key.txt", 2, 3, 0, 1],
    ]);
    expect(coverage.scanners).toEqual({ secret: "complete" });
  });

  test("are masked in everything that is said and kept", async () => {
    const said: unknown[] = [];
    const cache = memoryCache();
    const kept: unknown[] = [];
    const report = await scanImage(image, {
      scanners: ["secret"],
      cache: {
        ...cache,
        get: (name, options) => cache.get(name, options),
        set: (name, value, options) => {
          kept.push(name, new TextDecoder().decode(value as Uint8Array), value);
          return cache.set(name, value, options);
        },
      },
      onEvent: (event) => said.push(event),
    });

    const everything = JSON.stringify([report, said, kept]);
    for (const secret of [token, key])
      for (let at = 0; at + 12 <= secret.length; at += 4) expect(everything).not.toContain(secret.slice(at, at + 12));
    expect(report.secrets.length).toBeGreaterThan(0);
    expect(kept.length).toBeGreaterThan(0);
  });

  test("keep their fingerprint when lines move, and tell nothing by it", async () => {
    const fingerprints = async (content: string) =>
      (await scanImage(literalImage({ layers: [{ "a.txt": content }] }), { scanners: ["secret"] })).secrets.map(
        ({ fingerprint }) => fingerprint,
      );

    const [before] = await fingerprints(`x: ${token}\n`);
    expect(await fingerprints(`\n\nnew\nx: ${token}\n`)).toEqual([before]);
    expect(new Set(await fingerprints(`x: ${token}\nx: ${token}\n`)).size).toBe(2);
  });

  test("are looked for again when the rules are others, not answered from the cache of the first", async () => {
    const options = { scanners: ["secret"] as const, cache: memoryCache() };
    const own = secretDetector({
      rules: [
        { id: "ours", title: "Ours", category: "Us", severity: "LOW", keywords: ["settings"], pattern: "set+ings" },
      ],
    });

    expect((await scanImage(image, { ...options, scanners: ["secret"] })).secrets).toHaveLength(3);
    expect(
      (await scanImage(image, { ...options, scanners: ["secret"], detectors: [own] })).secrets.map(({ id }) => id),
    ).toEqual(["ours"]);
  });

  test("are nothing that anybody looked for unless asked", async () => {
    expect(await analyzeImage(image)).not.toHaveProperty("secrets");
  });
});
