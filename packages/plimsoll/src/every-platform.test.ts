import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryCache } from "@plimsoll/inventory";
import { ociLayoutFiles } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { analyzeImage, everyPlatform } from "./node.ts";

test("every platform of an image is scanned, and a layer that they share is fetched once", async () => {
  const base = {
    "var/lib/dpkg/status": "Package: shared\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
  };
  const own = { "var/lib/dpkg/status.d/arm": "Package: own\nVersion: 2\nArchitecture: arm64\n" };
  const amd = await ociLayoutFiles({ layers: [base] }, { gzip: true });
  const arm = await ociLayoutFiles({ layers: [base, own] }, { gzip: true, architecture: "arm64" });
  const manifests = [amd, arm].map((files) => {
    const index = JSON.parse(Buffer.from(files["index.json"] ?? []).toString()) as { manifests: { digest: string }[] };
    return index.manifests[0];
  });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = request.url?.split("/").at(-1) ?? "";
    asked.push(name);
    const blob = `blobs/${name.replace(":", "/")}`;
    response.end(name === "latest" ? JSON.stringify({ manifests }) : (amd[blob] ?? arm[blob]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const cache = memoryCache();
    const seen: unknown[] = [];

    for (const source of await everyPlatform(`registry:${host}/app`, { registry: { plainHttp: [host] } })) {
      const { artifact, packages } = await analyzeImage(source, { cache });
      seen.push([artifact.platform, packages.map(({ name }) => name)]);
    }

    expect(seen).toEqual([
      ["linux/amd64", ["shared"]],
      ["linux/arm64", ["own", "shared"]],
    ]);
    const layer = Buffer.from(amd[`blobs/${manifests[0]?.digest.replace(":", "/")}`] ?? []).toString();
    const shared = (JSON.parse(layer) as { layers: { digest: string }[] }).layers[0]?.digest ?? "";
    expect(asked.filter((name) => name === shared)).toHaveLength(1);
    await expect(everyPlatform(`${host}/app`, { offline: true })).rejects.toThrow("forbidden by --offline");
  } finally {
    server.close();
  }
});
