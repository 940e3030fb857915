import { gzipSync } from "node:zlib";
import { ScanError } from "@plimsoll/model";
import { pushArtifact, registryRepository } from "@plimsoll/registry";
import type { ArtifactLayer } from "@plimsoll/registry";
import { memoryRegistry, tarOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { pullPolicyFiles } from "./pull-policy-files.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function pulled(layers: readonly ArtifactLayer[]): Promise<ReadonlyMap<string, string>> {
  const { fetch } = memoryRegistry();
  const registry = { fetch, backoff: 0, retries: 0, credentials: async () => undefined };
  const repository = registryRepository("registry.example", "policies", registry);
  await pushArtifact(repository, { artifactType: "application/vnd.example.policies", layers, tag: "1" });
  return pullPolicyFiles("oci://registry.example/policies:1", { registry });
}

describe("policies of an OCI artifact", () => {
  test("are files by their title, and members of archives, packed or not", async () => {
    const title = (name: string): Record<string, string> => ({ "org.opencontainers.image.title": name });
    const files = await pulled([
      { mediaType: "application/yaml", content: bytes("kind: A\n"), annotations: title("a.yaml") },
      { mediaType: "text/plain", content: bytes("read me"), annotations: title("README.md") },
      {
        mediaType: "application/vnd.oci.image.layer.v1.tar",
        content: await tarOf({ "lib/b.json": "{}", "lib/run.sh": "x" }),
      },
      {
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        content: gzipSync(await tarOf({ "c.rego": "package c" })),
      },
    ]);
    expect([...files]).toEqual([
      ["a.yaml", "kind: A\n"],
      ["lib/b.json", "{}"],
      ["c.rego", "package c"],
    ]);
  });

  test("that are none, damaged, or swell without end are an error", async () => {
    const layer = (content: Uint8Array): ArtifactLayer => ({ mediaType: "application/octet-stream", content });
    await expect(pulled([])).rejects.toBeInstanceOf(ScanError);
    await expect(pulled([layer(bytes("x"))])).rejects.toThrow("none of its layers");
    await expect(pulled([layer(gzipSync(bytes("x")).subarray(0, 15))])).rejects.toThrow("cannot be unpacked");
    await expect(pulled([layer(gzipSync(new Uint8Array(70 << 20)))])).rejects.toBeInstanceOf(ScanError);
    const archive = await tarOf({ "a.yaml": "kind: A\n".repeat(200) });
    await expect(pulled([layer(archive.subarray(0, 900))])).rejects.toBeInstanceOf(ScanError);
  });
});
