import { createHash } from "node:crypto";

/** Missing features and faults of a registry in memory. */
export interface MemoryRegistryOptions {
  /** Absent: true. False: the referrers API answers 404, and pushes return no `OCI-Subject`. */
  readonly referrersApi?: boolean | undefined;
  /** Referrers on one page. Absent: all. */
  readonly pageSize?: number | undefined;
  /** Replaces the response to a request; undefined keeps it. */
  readonly answer?: ((request: Request) => Response | undefined) | undefined;
}

/** A registry that exists as a `fetch` only, for any host. */
export interface MemoryRegistry {
  readonly fetch: typeof fetch;
  /** `METHOD /path?query` of every request. */
  readonly requests: string[];
  /** Manifests by tag and digest of every repository: `app/1`. */
  readonly manifests: Map<string, { readonly bytes: Uint8Array<ArrayBuffer>; readonly mediaType: string }>;
  readonly blobs: Map<string, Uint8Array<ArrayBuffer>>;
}

/** An OCI registry of version 1.1 in memory: push, pull and referrers. */
export function memoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const { referrersApi = true, pageSize = Infinity } = options;
  const blobs: MemoryRegistry["blobs"] = new Map();
  const manifests: MemoryRegistry["manifests"] = new Map();
  const uploads = new Map<string, Uint8Array[]>();
  const requests: string[] = [];

  return { requests, manifests, blobs, fetch: async (input, init) => answer(new Request(input, init)) };

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    const special = options.answer?.(request);
    if (special !== undefined) return special;
    const [, name = "", kind = "", rest = ""] =
      /^\/v2\/(.+?)\/(manifests|blobs|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") return manifest(request, name, rest);
    if (kind === "blobs") return blob(request, url, rest);
    if (kind === "referrers" && referrersApi) return referrers(url, name, rest);
    return new Response(null, { status: 404 });
  }

  async function manifest(request: Request, name: string, reference: string): Promise<Response> {
    if (request.method !== "PUT") {
      const found = manifests.get(`${name}/${reference}`);
      if (found === undefined) return new Response(null, { status: 404 });
      return new Response(found.bytes, { headers: { "content-type": found.mediaType } });
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    const stored = { bytes, mediaType: request.headers.get("content-type") ?? "" };
    manifests.set(`${name}/${reference}`, stored);
    manifests.set(`${name}/${digestOf(bytes)}`, stored);
    const subject = subjectOf(bytes);
    const headers = referrersApi && subject !== undefined ? { "oci-subject": subject } : {};
    return new Response(null, { status: 201, headers });
  }

  async function blob(request: Request, url: URL, rest: string): Promise<Response> {
    if (request.method === "POST") {
      const id = `upload-${uploads.size}`;
      uploads.set(id, []);
      return new Response(null, { status: 202, headers: { location: `${url.pathname}${id}` } });
    }
    const upload = uploads.get(rest.replace("uploads/", ""));
    if (request.method === "PATCH" && upload !== undefined) {
      upload.push(new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 202, headers: { location: url.pathname } });
    }
    if (request.method === "PUT" && upload !== undefined) {
      blobs.set(url.searchParams.get("digest") ?? "", new Uint8Array(Buffer.concat(upload)));
      return new Response(null, { status: 201 });
    }
    const found = blobs.get(rest);
    if (found === undefined) return new Response(null, { status: 404 });
    return new Response(request.method === "HEAD" ? null : found);
  }

  function referrers(url: URL, name: string, digest: string): Response {
    const all = [...manifests]
      .filter(([key, { bytes }]) => key.startsWith(`${name}/sha256:`) && subjectOf(bytes) === digest)
      .map(([key, { bytes, mediaType }]) => {
        const { artifactType, annotations } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
        return { mediaType, digest: key.slice(name.length + 1), size: bytes.length, artifactType, annotations };
      });
    const from = Number(url.searchParams.get("from") ?? 0);
    const end = from + pageSize;
    const link =
      end < all.length ? { link: `<${url.pathname}?from=${end}>; rel="next"` } : ({} as Record<string, string>);
    return Response.json({ schemaVersion: 2, manifests: all.slice(from, end) }, { headers: link });
  }
}

function subjectOf(bytes: Uint8Array): string | undefined {
  const { subject } = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly subject?: { readonly digest?: string };
  };
  return subject?.digest;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
