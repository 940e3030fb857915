import type { AdvisoryStore, Ecosystem, ImageSource } from "@plimsoll/model";
import { listEcosystem, literalImage } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { scanImage } from "./index.ts";

/** An image in which everything is so many times as large: layers, their files, the packages that files mention. */
function image(times: number): ImageSource {
  const layer = (index: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: 20 * times }, (_, file) => [
        `srv/${index}/${file}.list`,
        Array.from({ length: 3 }, (_each, line) => `package-${index}-${file}-${line} 1`).join("\n"),
      ]),
    );
  return literalImage({ layers: Array.from({ length: 4 }, (_, index) => layer(index)) });
}

/** How often the parts of a scan that cost something were asked for. `npm run bench -- growth` measures what that takes. */
async function workOf(times: number): Promise<Readonly<Record<string, number>>> {
  const work = { analyzed: 0, named: 0, keys: 0, compared: 0, looked: 0, read: 0 };
  const list = listEcosystem({ onAnalyze: () => work.analyzed++ });
  const ecosystem: Ecosystem = {
    ...list,
    versions: {
      ...list.versions,
      compare: (a, b) => {
        work.compared++;
        return list.versions.compare(a, b);
      },
    },
    purl: (pkg, distro) => {
      work.named++;
      return list.purl(pkg, distro);
    },
    advisoryKeys: (pkg, distro) => {
      work.keys++;
      return list.advisoryKeys(pkg, distro);
    },
  };
  const advisories: AdvisoryStore = {
    revision: "1",
    sources: [],
    covers: () => true,
    async find(keys) {
      work.looked += keys.length;
      return keys.map(({ namespace, name }) => [
        {
          advisory: `A-${name}`,
          namespace,
          name,
          ranges: [{ introduced: "0", end: { kind: "fixed" as const, version: "2" } }],
        },
      ]);
    },
    async read(ids) {
      work.read += ids.length;
      return ids.map(() => undefined);
    },
    enrich: async (cves) => cves.map(() => undefined),
  };
  const { vulnerabilities } = await scanImage(image(times), { ecosystems: [ecosystem], advisories });
  expect(vulnerabilities).toHaveLength(240 * times);
  return work;
}

test("everything twice as large is twice the work, and no more", async () => {
  const once = await workOf(1);
  const twice = await workOf(2);

  for (const [part, count] of Object.entries(once)) {
    expect(count, part).toBeGreaterThan(0);
    expect((twice[part] ?? 0) / count, part).toBeLessThanOrEqual(2.1);
  }
});
