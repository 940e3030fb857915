import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { imageFromRegistry, everyPlatformFromRegistry } from "@plimsoll/image";
import type { RegistryImageOptions } from "@plimsoll/image";
import { ScanError, defaultLimits } from "@plimsoll/model";
import type { Cache, Diagnostic, Failure, Image, OpenOptions, ScratchSpace } from "@plimsoll/model";
import { ociLayoutFiles, sha256, tarOf } from "@plimsoll/testkit";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { nativeReading } from "../image/image-file.ts";
import { scratchSpace } from "../image/scratch-space.ts";

/** Faults that a real registry will not produce on request; real ones are tested in real-registry.test.ts. */

const osRelease = "ID=alpine\nVERSION_ID=3.19.0\n";
let blobs: ReadonlyMap<string, Uint8Array>;
let manifestDigest = "";
let layerDigest = "";
let armManifestDigest = "";

beforeAll(async () => {
  const base = { "etc/os-release": osRelease };
  const noise = { "opt/noise": incompressible(300_000) };
  const amd = await ociLayoutFiles({ layers: [{ ...base, ...noise }] }, { gzip: true });
  const arm = await ociLayoutFiles(
    { layers: [{ ...base, ...noise }, { "etc/arm": "yes" }] },
    { gzip: true, architecture: "arm64" },
  );
  const digestOf = (files: Record<string, Uint8Array>): string =>
    (JSON.parse(new TextDecoder().decode(files["index.json"])) as { manifests: { digest: string }[] }).manifests[0]
      ?.digest ?? "";
  manifestDigest = digestOf(amd);
  armManifestDigest = digestOf(arm);
  const all = { ...amd, ...arm };
  blobs = new Map(
    Object.entries(all)
      .filter(([path]) => path.startsWith("blobs/"))
      .map(([path, bytes]) => [`sha256:${path.slice("blobs/sha256/".length)}`, bytes]),
  );
  const manifest = JSON.parse(new TextDecoder().decode(blobs.get(manifestDigest))) as { layers: { digest: string }[] };
  layerDigest = manifest.layers[0]?.digest ?? "";
});

/** Bytes of a xorshift generator: the same ones every time, and gzip finds nothing in them. */
function incompressible(length: number): Uint8Array {
  let state = 88_675_123;
  return new Uint8Array(length).map(() => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => boolean | void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A registry on loopback that serves the image, unless `fault` answers first. */
async function registry(fault: Handler = () => false): Promise<{ host: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    if (fault(request, response) !== true) serve(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const reference = /^\/v2\/demo\/app\/(?:manifests|blobs)\/(.+)$/.exec(request.url ?? "")?.[1] ?? "";
  const bytes = blobs.get(reference === "latest" ? manifestDigest : reference);
  if (bytes === undefined) return void response.writeHead(404).end();
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": bytes.length - from }).end(bytes.subarray(from));
}

function open(host: string, options: RegistryImageOptions = {}, openOptions: OpenOptions = {}): Promise<Image> {
  return imageFromRegistry(`${host}/demo/app`, { ...nativeReading, plainHttp: [host], backoff: 1, ...options }).open(
    openOptions,
  );
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ScanError);
  return (error as ScanError).failure;
}

async function readAll(image: Image): Promise<{ paths: string[]; diagnostics: Diagnostic[] }> {
  const paths: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const layer of image.layers) {
    for await (const entry of layer.entries({ limits: defaultLimits })) {
      if (entry.kind === "diagnostic") diagnostics.push(entry);
      else paths.push(entry.path);
    }
  }
  return { paths, diagnostics };
}

describe("an image in a registry", () => {
  test("is opened by tag and by digest, and its layers are verified", async () => {
    const { host } = await registry();
    const byTag = await open(host);
    const byDigest = await imageFromRegistry(`${host}/demo/app@${manifestDigest}`, {
      ...nativeReading,
      plainHttp: [host],
    }).open();

    expect(byTag.digest).toBe(manifestDigest);
    expect(byDigest.digest).toBe(manifestDigest);
    expect(byTag.tags).toEqual([`${host}/demo/app:latest`]);
    expect(await readAll(byTag)).toEqual({ paths: ["etc/os-release", "opt/noise"], diagnostics: [] });
  });

  test("on loopback falls back from TLS to plain HTTP", async () => {
    const { host } = await registry();

    expect(
      (await imageFromRegistry(`${host}/demo/app`, { ...nativeReading, backoff: 1, retries: 1 }).open()).digest,
    ).toBe(manifestDigest);
  });

  test("with several platforms gives one source for each, and the asked-for one when opened", async () => {
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        { digest: manifestDigest, platform: { os: "linux", architecture: "amd64" } },
        { digest: armManifestDigest, platform: { os: "linux", architecture: "arm64" } },
        { digest: sha256("attestation"), platform: { os: "unknown", architecture: "unknown" } },
      ],
    });
    const { host } = await registry((request, response) =>
      request.url?.endsWith("/manifests/latest") === true ? (response.end(index), true) : false,
    );

    const image = await open(host, {}, { platform: { os: "linux", architecture: "arm64" } });
    const sources = await everyPlatformFromRegistry(`${host}/demo/app`, { ...nativeReading, plainHttp: [host] });
    const digests = await Promise.all(sources.map(async (source) => (await source.open()).digest));

    expect(image.digest).toBe(armManifestDigest);
    expect(digests).toEqual([manifestDigest, armManifestDigest]);
    expect(await failureOf(open(host, {}, { platform: { os: "linux", architecture: "s390x" } }))).toMatchObject({
      kind: "platform-not-found",
      available: ["linux/amd64", "linux/arm64"],
    });
  });
});

describe("a layer that is read twice", () => {
  const times = (requests: readonly IncomingMessage[]): number =>
    requests.filter(({ url }) => url?.includes(layerDigest)).length;

  test("is fetched once while the image is open", async () => {
    const { host, requests } = await registry();
    const image = await open(host, { scratch: scratchSpace });
    const [first, again] = [await readAll(image), await readAll(image)];
    await image.close?.();

    expect(first).toEqual({ paths: ["etc/os-release", "opt/noise"], diagnostics: [] });
    expect(again).toEqual(first);
    expect(times(requests)).toBe(1);
  });

  test("is fetched again where there is no space for a copy", async () => {
    const { host, requests } = await registry();
    const full = (): never => {
      throw new Error("no space left on device");
    };
    const image = await open(host, { scratch: full });
    const [first, again] = [await readAll(image), await readAll(image)];

    expect(again).toEqual(first);
    expect(times(requests)).toBe(2);
  });

  test("is fetched again where the first reading was left before its end, and its copy is let go", async () => {
    const { host, requests } = await registry();
    let held = 0;
    const counted = (): ScratchSpace => {
      const space = scratchSpace();
      held++;
      return { ...space, close: () => (held--, space.close()) };
    };
    const image = await open(host, { scratch: counted });
    const before = held;
    for await (const entry of image.layers[0]?.entries({ limits: defaultLimits }) ?? [])
      if (entry.kind === "file") break;
    expect(held).toBe(before);

    await readAll(image);
    expect(held).toBe(before + 1);
    await image.close?.();

    expect(times(requests)).toBe(2);
    expect(held).toBe(0);
  });
});

describe("a connection that breaks", () => {
  test.each([
    ["with ranges", true],
    ["without ranges", false],
  ])("in a layer is taken up where it ended, %s", async (_, ranges) => {
    let broken = 0;
    const { host, requests } = await registry((request, response) => {
      if (request.url?.includes(layerDigest) !== true) return false;
      if (!ranges) delete request.headers.range;
      const bytes = blobs.get(layerDigest) ?? new Uint8Array();
      if (broken++ >= 2) return false;
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { "content-length": bytes.length - from });
      response.write(bytes.subarray(from, from + 50_000), () => response.destroy());
      return true;
    });

    expect((await readAll(await open(host))).diagnostics).toEqual([]);
    expect(requests.filter((request) => request.url?.includes(layerDigest)).length).toBe(3);
  });

  test("again and again ends in an error, not in a hang", async () => {
    const { host } = await registry((request, response) => {
      if (request.url?.includes(layerDigest) !== true) return false;
      response.writeHead(200, { "content-length": 100 }).flushHeaders();
      response.destroy();
      return true;
    });
    const image = await open(host, { retries: 2 });

    expect(await failureOf(readAll(image))).toMatchObject({ kind: "network" });
  });

  test("by falling silent counts as dead", async () => {
    let silent = true;
    const { host } = await registry((request, response) => {
      if (request.url?.includes(layerDigest) !== true || !silent) return false;
      silent = false;
      response.writeHead(200, { "content-length": blobs.get(layerDigest)?.length ?? 0 }).write("x".slice(1));
      response.flushHeaders();
      return true;
    });

    expect((await readAll(await open(host, { idleTimeout: 100 }))).diagnostics).toEqual([]);
  });

  test("stops when aborted", async () => {
    const abort = new AbortController();
    const { host } = await registry((_, response) => {
      abort.abort(new Error("enough"));
      response.writeHead(503).end();
      return true;
    });

    await expect(open(host, { backoff: 10_000 }, { signal: abort.signal })).rejects.toThrow("enough");
  });
});

describe("a registry that is busy or wrong", () => {
  test("is asked again after 429 and 503, as Retry-After says", async () => {
    const answers = [429, 503];
    const { host, requests } = await registry((_, response) => {
      const status = answers.shift();
      if (status === undefined) return false;
      response.writeHead(status, { "retry-after": "0" }).end();
      return true;
    });

    await open(host);
    expect(requests.filter((request) => request.url?.endsWith("/manifests/latest"))).toHaveLength(3);
  });

  test.each([
    [
      "429 for ever",
      (response: ServerResponse) => response.writeHead(429).end(),
      { kind: "network", reason: "too many requests, try again later or log in" },
    ],
    ["404", (response: ServerResponse) => response.writeHead(404).end(), { kind: "image-not-found" }],
    ["403", (response: ServerResponse) => response.writeHead(403).end(), { kind: "unauthorized" }],
    ["no JSON", (response: ServerResponse) => response.end("<html>"), { kind: "malformed-image" }],
    ["JSON of another kind", (response: ServerResponse) => response.end("[]"), { kind: "unsupported-image" }],
    ["401 without a way in", (response: ServerResponse) => response.writeHead(401).end(), { kind: "unauthorized" }],
  ])("answers %s", async (_, answer, expected) => {
    const { host } = await registry((__, response) => (answer(response), true));

    expect(await failureOf(open(host, { retries: 1 }))).toMatchObject(expected);
  });

  test("lies about a manifest's digest", async () => {
    const { host } = await registry((request, response) =>
      request.url?.includes("/manifests/") === true ? (response.end(blobs.get(armManifestDigest)), true) : false,
    );

    expect(
      await failureOf(imageFromRegistry(`${host}/demo/app@${manifestDigest}`, { plainHttp: [host] }).open()),
    ).toMatchObject({ kind: "digest-mismatch", expected: manifestDigest });
  });

  test("gives another layer than the manifest names", async () => {
    const other =
      [...blobs.keys()].find((digest) => digest !== layerDigest && (blobs.get(digest)?.[0] ?? 0) === 0x1f) ?? "";
    const { host } = await registry((request, response) =>
      request.url?.includes(layerDigest) === true ? (response.end(blobs.get(other)), true) : false,
    );
    const image = await open(host, { retries: 0 });

    expect(["truncated", "digest-mismatch"]).toContain((await failureOf(readAll(image))).kind);
  });

  test("gives another layer than the manifest names, and is found out without an engine's hasher", async () => {
    const other = gzipSync(await tarOf({ "etc/os-release": "ID=other\n" }));
    const { host } = await registry((request, response) =>
      request.url?.includes(layerDigest) === true
        ? (response.end(Buffer.concat([other, Buffer.alloc((blobs.get(layerDigest)?.length ?? 0) - other.length)])),
          true)
        : false,
    );
    const image = await imageFromRegistry(`${host}/demo/app`, { plainHttp: [host], retries: 0 }).open();
    const found = await readAll(image).then(
      ({ diagnostics }) => diagnostics.map(({ code }) => code),
      (error: ScanError) => [error.failure.kind],
    );

    expect(["digest-mismatch", "malformed-layer"]).toContain(found[0]);
  });

  test("sends a manifest without end", async () => {
    const { host } = await registry((request, response) => {
      if (!request.url?.includes("/manifests/")) return false;
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(1024 * 1024, 32), more));
      more();
      return true;
    });

    expect(await failureOf(open(host))).toMatchObject({ kind: "limit-exceeded" });
  });
});

describe("redirects", () => {
  test("to another origin do not take the password along, to the same one do", async () => {
    const elsewhere = await registry();
    const { host, requests } = await registry((request, response) => {
      if (request.headers.authorization === undefined)
        return (response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end(), true);
      if (request.url?.includes("/blobs/") !== true) return false;
      response.writeHead(307, { location: `http://${elsewhere.host}${request.url}` }).end();
      return true;
    });
    const credentials = async (): Promise<{ kind: "password"; username: string; password: string }> => ({
      kind: "password",
      username: "ada",
      password: "secret",
    });

    expect((await readAll(await open(host, { credentials }))).diagnostics).toEqual([]);
    expect(requests.some((request) => request.headers.authorization?.startsWith("Basic "))).toBe(true);
    expect(elsewhere.requests.length).toBeGreaterThan(0);
    expect(elsewhere.requests.every((request) => request.headers.authorization === undefined)).toBe(true);
  });

  test.each([
    ["in a circle", (request: IncomingMessage) => request.url ?? ""],
    ["to another protocol", () => "file:///etc/passwd"],
  ])("%s end in an error", async (_, target) => {
    const { host } = await registry(
      (request, response) => (response.writeHead(302, { location: target(request) }).end(), true),
    );

    expect(await failureOf(open(host, { retries: 0 }))).toMatchObject({ kind: "network" });
  });
});

describe("tokens", () => {
  function guarded(
    tokens: string[],
    realm: (host: string) => string,
  ): Promise<{ host: string; requests: IncomingMessage[] }> {
    return registry((request, response) => {
      const host = request.headers.host ?? "";
      if (request.url?.startsWith("/token") === true)
        return (response.end(JSON.stringify({ token: tokens.shift() ?? "stale" })), true);
      if (request.headers.authorization === "Bearer good") return false;
      response
        .writeHead(401, {
          "www-authenticate": `Bearer realm="${realm(host)}",service="demo",scope="repository:demo/app:pull"`,
        })
        .end();
      return true;
    });
  }

  test("are fetched once, for the scope and service that the registry names", async () => {
    const { host, requests } = await guarded(["good"], (own) => `http://${own}/token`);

    expect((await readAll(await open(host))).diagnostics).toEqual([]);
    const asked = requests.filter((request) => request.url?.startsWith("/token"));
    expect(asked.map((request) => request.url)).toEqual(["/token?service=demo&scope=repository%3Ademo%2Fapp%3Apull"]);
  });

  test("that do not help end the matter after one try", async () => {
    const { host, requests } = await guarded(["bad", "bad", "bad"], (own) => `http://${own}/token`);

    expect(await failureOf(open(host))).toMatchObject({ kind: "unauthorized" });
    expect(requests.filter((request) => request.url?.startsWith("/token"))).toHaveLength(1);
  });

  test.each(["file:///etc/passwd", "not an address", ""])("from %j are not fetched", async (realm) => {
    const { host } = await guarded(["good"], () => realm);

    expect(await failureOf(open(host))).toMatchObject({ kind: "unauthorized" });
  });

  test("a password is not told to a plain HTTP token server elsewhere", async () => {
    const { host } = await guarded(["good"], () => "http://tokens.example/token");
    const options: RegistryImageOptions = {
      plainHttp: [],
      credentials: async () => ({ kind: "password", username: "ada", password: "secret" }),
      retries: 0,
    };

    expect(await failureOf(open(host, options))).toMatchObject({
      kind: "unauthorized",
      reason: expect.stringContaining("plain text") as string,
    });
  });
});

describe("mirrors", () => {
  test("are asked first, and passed over when they fail", async () => {
    const mirror = await registry();
    const broken = await registry((_, response) => (response.writeHead(500).end(), true));
    const { host, requests } = await registry();
    const plainHttp = [mirror.host, broken.host, host];

    await readAll(await open(host, { mirrors: { [host]: [broken.host, mirror.host] }, plainHttp, retries: 0 }));

    expect(broken.requests.length).toBeGreaterThan(0);
    expect(mirror.requests.length).toBeGreaterThan(0);
    expect(requests).toHaveLength(0);
  });
});

describe("a cache of documents", () => {
  const memory = (): Cache & { readonly entries: Map<string, Uint8Array> } => {
    const entries = new Map<string, Uint8Array>();
    return {
      entries,
      get: async (key) => entries.get(key),
      set: async (key, value) => void entries.set(key, value),
    };
  };
  const openWith = (host: string, documents: Cache): Promise<Image> =>
    imageFromRegistry(`${host}/demo/app`, { ...nativeReading, plainHttp: [host], backoff: 1, documents }).open();

  test("makes opening an image again one request: which manifest it has now", async () => {
    const { host, requests } = await registry();
    const documents = memory();
    const first = await openWith(host, documents);
    const asked = requests.length;
    const second = await openWith(host, documents);

    expect(asked).toBeGreaterThan(1);
    expect(requests.slice(asked).map(({ url }) => url)).toEqual(["/v2/demo/app/manifests/latest"]);
    expect(second.layers.map(({ diffId }) => diffId)).toEqual(first.layers.map(({ diffId }) => diffId));
    expect(second.digest).toBe(first.digest);
    expect(await readAll(second)).toEqual(await readAll(first));
  });

  test("is not believed when what it holds has another digest", async () => {
    const { host, requests } = await registry();
    const documents = memory();
    await openWith(host, documents);
    for (const key of documents.entries.keys()) documents.entries.set(key, new TextEncoder().encode("{}"));
    const asked = requests.length;
    const image = await openWith(host, documents);

    expect(image.layers).toHaveLength(1);
    expect(requests.length - asked).toBeGreaterThan(1);
  });
});
