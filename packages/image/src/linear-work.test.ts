import { growthProblem, ociLayoutFiles, tarOf } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { imageArchive } from "./archive.ts";

test("twice as many names in an index of a layout are about twice the work", async () => {
  const files = await ociLayoutFiles({ layers: [{ a: "1" }] });
  const [manifest] = (JSON.parse(Buffer.from(files["index.json"] ?? []).toString()) as { manifests: object[] })
    .manifests;
  const named = (count: number): Promise<Uint8Array> =>
    tarOf({
      ...files,
      "index.json": JSON.stringify({
        manifests: Array.from({ length: count }, (_, at) => ({
          ...manifest,
          annotations: { "org.opencontainers.image.ref.name": `t${at}` },
        })),
      }),
    });
  const archives = new Map(
    await Promise.all([1, 2, 4].map(async (times) => [times, await named(500 * times)] as const)),
  );

  expect(await growthProblem((times) => imageArchive(archives.get(times) ?? new Uint8Array()).open())).toBeUndefined();
});
