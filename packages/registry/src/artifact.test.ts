import { ScanError } from "@plimsoll/model";
import type { Digest } from "@plimsoll/model";
import { loopbackRegistry, memoryRegistry } from "@plimsoll/testkit";
import type { MemoryRegistry, MemoryRegistryOptions } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { digestOf, pushArtifact, readBlob, referrersTag, registryRepository, resolveManifest } from "./index.ts";
import type { RegistryRepository } from "./index.ts";

const type = "application/vnd.example.note";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function repositoryOf(options: MemoryRegistryOptions = {}): {
  readonly registry: MemoryRegistry;
  readonly repository: RegistryRepository;
} {
  const registry = memoryRegistry(options);
  const { fetch } = registry;
  return { registry, repository: registryRepository("registry.example", "app", { fetch, backoff: 0, retries: 1 }) };
}

/** An image, and artifacts that are about it. */
async function withNotes(repository: RegistryRepository, count: number): Promise<Digest> {
  await pushArtifact(repository, { artifactType: "image", layers: [], tag: "1" });
  const subject = await resolveManifest(repository, "1");
  for (let index = 0; index < count; index++) {
    const layers = [{ mediaType: "text/plain", content: bytes(`note ${index}`), annotations: { index: `${index}` } }];
    await pushArtifact(repository, { artifactType: type, layers, subject, annotations: { index: `${index}` } });
  }
  return subject.digest;
}

async function notes(repository: RegistryRepository, subject: Digest, artifactType = type): Promise<string[]> {
  const texts: string[] = [];
  for (const { digest } of await repository.referrers(subject, { artifactType })) {
    const { document } = await resolveManifest(repository, digest);
    if (document.kind !== "manifest" || document.subject?.digest !== subject) throw new Error("about something else");
    for (const layer of document.layers) texts.push(new TextDecoder().decode(await readBlob(repository, layer)));
  }
  return texts.sort();
}

describe("artifacts about an image", () => {
  test.each<[string, MemoryRegistryOptions]>([
    ["with a referrers API", {}],
    ["with a referrers API of two a page", { pageSize: 2 }],
    ["without one, by the fallback tag", { referrersApi: false }],
  ])("are pushed and found, %s", async (_, options) => {
    const { registry, repository } = repositoryOf(options);
    const subject = await withNotes(repository, 3);
    expect(await notes(repository, subject)).toEqual(["note 0", "note 1", "note 2"]);
    expect(await repository.referrers(subject, { artifactType: "another" })).toEqual([]);
    expect((await repository.referrers(subject))[0]?.annotations.get("index")).toBe("0");
    expect(registry.manifests.has(`app/${referrersTag(subject)}`)).toBe(options.referrersApi === false);
  });

  test("are pushed twice as one", async () => {
    const { registry, repository } = repositoryOf({ referrersApi: false });
    const subject = await withNotes(repository, 1);
    const puts = (): number => registry.requests.filter((each) => each.startsWith("PUT /v2/app/blobs")).length;
    const before = puts();
    await withNotes(repository, 1);
    expect(await repository.referrers(subject)).toHaveLength(1);
    expect(puts()).toBe(before);
  });

  test("of an image that has none are none", async () => {
    const { repository } = repositoryOf({ referrersApi: false });
    expect(await repository.referrers(`sha256:${"0".repeat(64)}`)).toEqual([]);
  });

  test("are kept by a real registry, too", async ({ skip }) => {
    const real = await loopbackRegistry();
    if (real === undefined) return skip("docker-registry is not installed");
    try {
      const repository = registryRepository(real.host, "app", { plainHttp: [real.host] });
      expect(await notes(repository, await withNotes(repository, 2))).toEqual(["note 0", "note 1"]);
    } finally {
      real.stop();
    }
  });
});

describe("a registry that lies", () => {
  const subject: Digest = `sha256:${"1".repeat(64)}`;
  const lying = (answer: MemoryRegistryOptions["answer"]): RegistryRepository => repositoryOf({ answer }).repository;

  test("about a manifest asked for by digest is found out", async () => {
    const repository = lying(() => Response.json({ manifests: [] }));
    await expect(resolveManifest(repository, subject)).rejects.toMatchObject({ failure: { kind: "digest-mismatch" } });
  });

  test("about a blob is found out", async () => {
    const repository = lying(() => new Response("another"));
    await expect(readBlob(repository, { digest: subject })).rejects.toMatchObject({
      failure: { kind: "digest-mismatch" },
    });
  });

  test("with pages without end is left", async () => {
    const repository = lying((request) =>
      Response.json({ manifests: [] }, { headers: { link: `<${new URL(request.url).pathname}>; rel=next` } }),
    );
    await expect(repository.referrers(subject)).rejects.toMatchObject({ failure: { kind: "limit-exceeded" } });
  });

  test("with too many referrers is left", async () => {
    const manifests = Array.from({ length: 1_001 }, () => ({ digest: subject }));
    const repository = lying(() => Response.json({ manifests }));
    await expect(repository.referrers(subject)).rejects.toMatchObject({ failure: { kind: "limit-exceeded" } });
  });

  test("by sending on to another host is not followed", async () => {
    const link = '<https://evil.example/v2/app/referrers/x>; rel="next"';
    const repository = lying(() => Response.json({ manifests: [] }, { headers: { link } }));
    await expect(repository.referrers(subject)).rejects.toThrow("at another server");
  });

  test.each([
    ["no index", () => Response.json({ errors: [] })],
    ["no JSON", () => new Response("<html>")],
    ["a refusal", () => new Response(null, { status: 403 })],
    ["trouble", () => new Response(null, { status: 500 })],
  ])("by %s has not said that there are none", async (_, answer) => {
    await expect(lying(answer).referrers(subject)).rejects.toBeInstanceOf(ScanError);
  });

  test("with a blob larger than a small artifact is left unread", async () => {
    const { repository, registry } = repositoryOf();
    await expect(readBlob(repository, { digest: subject, size: 2 ** 30 })).rejects.toMatchObject({
      failure: { kind: "limit-exceeded" },
    });
    expect(registry.requests).toEqual([]);
  });
});

test("mirrors are not asked for referrers", async () => {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    asked.push(new URL(String(input)).host);
    return Response.json({ manifests: [] });
  };
  const options = { fetch, mirrors: { "registry.example": ["mirror.example"] } };
  await registryRepository("registry.example", "app", options).referrers(await digestOf(bytes("x")));
  expect(asked).toEqual(["registry.example"]);
});
