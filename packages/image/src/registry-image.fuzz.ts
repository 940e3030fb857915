import { ScanError, defaultLimits } from "@plimsoll/model";
import type { Limits } from "@plimsoll/model";
import { joinDocuments, linkDocuments, readEverything, tarOf } from "@plimsoll/testkit";
import { everyPlatformFromRegistry, imageFromRegistry } from "./registry-image.ts";

/** A registry that asks for a token, one that asks for a password, and one that is open; the last document is the layer. */
export async function seeds(): Promise<string[]> {
  const layer = Buffer.from(await tarOf({ "etc/os-release": "ID=test" })).toString("latin1");
  const index = '{"manifests":[{"digest":"@3","platform":{"os":"linux","architecture":"amd64"}},{"digest":"@3"}]}';
  const manifest = '{"config":{"digest":"@4","size":99},"layers":[{"digest":"@5","size":2048}]}';
  const config = '{"architecture":"amd64","os":"linux","rootfs":{"diff_ids":["@5"]},"history":[{"created_by":"ADD"}]}';
  return [
    'Bearer realm="https://auth.example/token",service="registry",scope="repository:app:pull"',
    'Basic realm="registry"',
    "",
  ].map((challenge) => joinDocuments([challenge, '{"token":"secret"}', index, manifest, config, layer]));
}

const limits: Limits = { ...defaultLimits, maxEntryBytes: 1 << 20, maxTotalBytes: 16 << 20, maxManifestBytes: 1 << 16 };

/** Whatever a registry answers: an image that can be read, or a ScanError, after a bounded number of requests. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const [challenge, token, index, ...blobs] = linkDocuments(input);
  const header = new TextDecoder("latin1").decode(challenge?.bytes).replaceAll(/[^\x20-\x7e]/g, "");
  let requests = 0;
  const answer: typeof fetch = async (address, init) => {
    if (++requests > 200) throw new Error("it asks without end");
    const url = new URL(String(address));
    const headers = new Headers(init?.headers);
    if (!url.pathname.startsWith("/v2/")) return new Response(token?.bytes as Uint8Array<ArrayBuffer>); // made here
    if (header !== "" && !headers.has("authorization"))
      return new Response(null, { status: 401, headers: { "www-authenticate": header } });
    const wanted = url.pathname.split("/").at(-1) ?? "";
    const found = wanted === "1" ? index : blobs.find(({ digest }) => digest === wanted);
    return found === undefined
      ? new Response(null, { status: 404 })
      : new Response(found.bytes as Uint8Array<ArrayBuffer>); // made here
  };
  const options = {
    fetch: answer,
    retries: 1,
    backoff: 0,
    credentials: async () => ({ kind: "password", username: "user", password: "secret" }) as const,
  };
  try {
    await readEverything(await imageFromRegistry("registry.example/app:1", options).open({ limits }), limits);
    for (const source of await everyPlatformFromRegistry("registry.example/app:1", options, {}))
      await readEverything(await source.open({ limits }), limits);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
}
