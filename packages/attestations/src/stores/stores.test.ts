import { ScanError } from "@plimsoll/model";
import type { Attestation, AttestationStore } from "@plimsoll/model";
import { pushArtifact, registryRepository, resolveManifest } from "@plimsoll/registry";
import { memoryRegistry } from "@plimsoll/testkit";
import type { MemoryRegistryOptions } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { newKeyPair } from "../fixtures/key-pair.ts";
import {
  cosignTag,
  grafeasAttestationStore,
  memoryAttestationStore,
  registryAttestationStore,
  signAttestation,
  verifyAttestation,
} from "../index.ts";

const network = { backoff: 0, retries: 0 } as const;

/** An image in a registry of its own, and the store beside it. */
async function inRegistry(options: MemoryRegistryOptions = {}): Promise<{
  readonly image: string;
  readonly store: AttestationStore;
  readonly problems: string[];
  readonly registry: ReturnType<typeof memoryRegistry>;
}> {
  const registry = memoryRegistry(options);
  const { fetch } = registry;
  const repository = registryRepository("registry.example", "app", { fetch, ...network });
  await pushArtifact(repository, { artifactType: "image", layers: [], tag: "1" });
  const { digest } = await resolveManifest(repository, "1");
  const problems: string[] = [];
  const store = registryAttestationStore({ fetch, ...network, onProblem: (message) => problems.push(message) });
  return { image: `registry.example/app@${digest}`, store, problems, registry };
}

/** A Grafeas server that keeps occurrences, two a page. */
function grafeas(apiVersion: "v1beta1" | "v1"): AttestationStore {
  const occurrences: Record<string, unknown>[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    expect(request.headers.get("authorization")).toBe("Bearer secret");
    if (request.method === "POST" && pathname === `/${apiVersion}/projects/shop/occurrences`) {
      occurrences.push((await request.json()) as Record<string, unknown>);
      return Response.json({});
    }
    if (pathname !== `/${apiVersion}/projects/shop/notes/qa/occurrences`) return new Response(null, { status: 404 });
    const from = Number(searchParams.get("pageToken") ?? 0);
    const nextPageToken = from + 2 < occurrences.length ? String(from + 2) : "";
    return Response.json({ occurrences: occurrences.slice(from, from + 2), nextPageToken });
  };
  const noteReference = "projects/shop/notes/qa";
  const url = "https://grafeas.example";
  return grafeasAttestationStore({
    url,
    noteReference,
    apiVersion,
    fetch,
    ...network,
    authorization: () => "Bearer secret",
  });
}

const somewhere = `registry.example/app@sha256:${"a1".repeat(32)}`;
const everyStore: readonly (readonly [
  string,
  () => Promise<{ readonly image: string; readonly store: AttestationStore }>,
])[] = [
  ["memory", async () => ({ image: somewhere, store: memoryAttestationStore() })],
  ["a registry", async () => inRegistry()],
  ["a registry without a referrers API", async () => inRegistry({ referrersApi: false })],
  ["Grafeas v1beta1", async () => ({ image: somewhere, store: grafeas("v1beta1") })],
  ["Grafeas v1", async () => ({ image: somewhere, store: grafeas("v1") })],
];

describe.each(everyStore)("attestations in %s", (name, open) => {
  test("are found again as they were put, each once", async () => {
    const { image, store } = await open();
    const signer = await newKeyPair("EcdsaP256Sha256");
    const pgp = { keyId: "AB12", signature: "-----BEGIN PGP MESSAGE-----\n\nowE=\n-----END PGP MESSAGE-----\n" };
    const signed = await Promise.all([
      signAttestation(image, { ...signer, keyId: "https://keys.example/1" }),
      signAttestation(image, { ...signer, keyId: "https://keys.example/2" }),
    ]);
    const forms = [...signed, ...(name === "Grafeas v1" ? [] : [pgp])];
    if (name !== "Grafeas v1beta1") forms.push(await signAttestation(image, { ...signer, keyId: "k3", form: "jwt" }));
    if (!name.startsWith("Grafeas")) forms.push(await signAttestation(image, { ...signer, keyId: "k4", form: "dsse" }));
    for (const each of [...forms, ...forms]) await store.put(image, each);

    const found = await store.list(image);
    const sorted = (list: readonly Attestation[]): readonly Attestation[] =>
      [...list].sort((a, b) => (a.keyId < b.keyId ? -1 : 1));
    expect(sorted(found)).toEqual(sorted(forms));
    const key = { type: "pkix", pem: signer.pem, algorithm: "EcdsaP256Sha256" } as const;
    for (const each of found.filter(({ keyId }) => keyId !== pgp.keyId))
      expect(await verifyAttestation(image, each, [{ id: each.keyId, key }])).toEqual({ verified: true });
  });

  test("of another image are none, and an image without a digest has none to ask for", async () => {
    const { image, store } = await open();
    await store.put(image, { keyId: "k", signature: "AAAA", payload: "{}" });
    expect(await store.list(`registry.example/app@sha256:${"0".repeat(64)}`)).toEqual([]);
    await expect(store.list("registry.example/app:1")).rejects.toBeInstanceOf(ScanError);
  });
});

describe("a registry", () => {
  test("keeps signatures where cosign looks for them", async () => {
    const { image, store, registry } = await inRegistry();
    await store.put(image, { keyId: "", signature: "AAAA", payload: "{}", certificate: "PEM", logEntry: "{}" });
    const tag = cosignTag(image.split("@")[1] ?? "");
    const { layers } = JSON.parse(new TextDecoder().decode(registry.manifests.get(`app/${tag}`)?.bytes)) as {
      readonly layers: readonly { readonly mediaType: string; readonly annotations: Record<string, string> }[];
    };
    expect(layers).toMatchObject([
      {
        mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
        annotations: {
          "dev.cosignproject.cosign/signature": "AAAA",
          "dev.sigstore.cosign/certificate": "PEM",
          "dev.sigstore.cosign/bundle": "{}",
        },
      },
    ]);
  });

  test("that lists what is about another image, or is damaged, loses nothing but that", async () => {
    const { image, store, problems, registry } = await inRegistry();
    const bundle = { keyId: "", signature: '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}' };
    await store.put(image, bundle);
    const lying = memoryRegistry({
      answer: (request) => {
        if (!request.url.includes("/referrers/")) return undefined;
        const digests = [...registry.manifests.keys()].filter((key) => key.startsWith("app/sha256:"));
        const manifests = [...digests.map((key) => key.slice(4)), `sha256:${"f".repeat(64)}`].map((digest) => ({
          digest,
        }));
        return Response.json({ manifests });
      },
    });
    for (const [key, value] of registry.manifests) lying.manifests.set(key, value);
    for (const [key, value] of registry.blobs) lying.blobs.set(key, value);
    const asked = registryAttestationStore({
      fetch: lying.fetch,
      ...network,
      onProblem: (text) => problems.push(text),
    });

    expect(await asked.list(image)).toEqual([bundle]);
    expect(problems).toEqual([expect.stringContaining("cannot be read")]);
    const other = `registry.example/app@sha256:${"0".repeat(64)}`;
    expect(await asked.list(other)).toEqual([]);
    expect(problems.some((text) => text.includes("but it is not"))).toBe(true);
  });

  test.each([
    ["a tag of cosign's", 1_003, { tag: true }],
    ["referrers", 1_001, { tag: false }],
  ])("that has more attestations in %s than are read says so", async (_, count, { tag }) => {
    const { image, store, problems, registry } = await inRegistry();
    const { fetch } = registry;
    const repository = registryRepository("registry.example", "app", { fetch, ...network });
    const digest = image.split("@")[1] as `sha256:${string}`; // as: the store above made it
    const content = new TextEncoder().encode('{"payloadType":"","payload":"","signatures":[]}');
    const subject = { digest, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 1 };
    const mediaType = tag ? "application/vnd.dsse.envelope.v1+json" : "application/vnd.dev.sigstore.bundle.v0.3+json";
    const layers = Array.from({ length: count }, (__, at) => ({ mediaType, content, annotations: { at: `${at}` } }));
    await pushArtifact(repository, {
      layers,
      ...(tag ? { tag: cosignTag(digest, "att") } : { subject, artifactType: mediaType }),
    });

    await store.list(image);

    expect(problems).toEqual([`${image} has more than 1000 attestations; the others are left out`]);
  });

  test("that cannot be asked has not said that there are none", async () => {
    const fetch = async (): Promise<Response> => new Response(null, { status: 500 });
    const store = registryAttestationStore({ fetch, ...network });
    await expect(store.list(somewhere)).rejects.toBeInstanceOf(ScanError);
  });
});

describe("Grafeas", () => {
  test.each([
    ["refuses", () => new Response(null, { status: 403 })],
    ["is in trouble", () => new Response(null, { status: 500 })],
    ["answers something else", () => new Response("<html>")],
    ["has pages without end", () => Response.json({ nextPageToken: "again" })],
  ])("that %s has not said that there are none", async (_, answer) => {
    const options = { url: "https://grafeas.example", noteReference: "projects/p/notes/n", ...network };
    const store = grafeasAttestationStore({ ...options, fetch: async () => answer() });
    await expect(store.list(somewhere)).rejects.toBeInstanceOf(ScanError);
  });

  test("leaves out occurrences of other images that a server sends along", async () => {
    const occurrence = {
      resource: { uri: "https://registry.example/other@sha256:0" },
      attestation: { attestation: { pgpSignedAttestation: { signature: "x", pgpKeyId: "k" } } },
    };
    const fetch = async (): Promise<Response> => Response.json({ occurrences: [occurrence] });
    const options = { url: "https://grafeas.example", noteReference: "projects/p/notes/n", fetch, ...network };
    expect(await grafeasAttestationStore(options).list(somewhere)).toEqual([]);
  });

  test("needs an address and a version that there is", () => {
    const noteReference = "projects/p/notes/n";
    expect(() => grafeasAttestationStore({ url: "grafeas", noteReference })).toThrow(TypeError);
    expect(() =>
      grafeasAttestationStore({ url: "https://g.example", noteReference, apiVersion: "v2" as "v1" }),
    ).toThrow(TypeError);
  });
});
