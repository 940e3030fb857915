import { layerChecks } from "@plimsoll/image";
import { existsSync } from "node:fs";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Digest, Image, ImageSource, OpenOptions } from "@plimsoll/model";
import { jsonIn, listField } from "@plimsoll/formats";
import { formatReference, parseDigest, parseReference } from "@plimsoll/registry";
import { imageStream } from "../image/image-file.ts";
import type { ImageFileOptions } from "../image/image-file.ts";

/** Options of {@link imageFromEngine}. */
export interface DockerEngineOptions extends Omit<ImageFileOptions, "tag" | "name"> {
  /**
   * `unix:///run/podman/podman.sock`, `tcp://127.0.0.1:2375`. Absent: `DOCKER_HOST` or `CONTAINER_HOST`, else the first usual socket that exists.
   */
  readonly host?: string | undefined;
  /** `docker` or `podman`: whose usual sockets to try, and the name in messages. Default `docker`. */
  readonly engine?: "docker" | "podman" | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * An image that a local Docker or Podman engine holds, streamed as `docker save` would
 * (Docker Engine API, `GET /images/{name}/get`; Podman serves the same).
 */
export function imageFromEngine(reference: string, options: DockerEngineOptions = {}): ImageSource {
  checkOptions("imageFromEngine", options, {
    ...layerChecks,
    kind: optionIs.oneOf(["docker-archive", "oci-archive", "oci-dir"]),
    host: optionIs.text,
    engine: optionIs.oneOf(["docker", "podman"]),
    env: optionIs.object,
  });
  const engine = options.engine ?? "docker";
  const label = `${engine} image ${reference}`;
  return { label, open: (openOptions = {}) => openFromEngine(reference, label, engine, options, openOptions) };
}

async function openFromEngine(
  reference: string,
  label: string,
  engine: "docker" | "podman",
  options: DockerEngineOptions,
  openOptions: OpenOptions,
): Promise<Image> {
  const host = options.host ?? engineHost(engine, options.env ?? process.env);
  if (host === undefined)
    throw new ScanError({ kind: "image-not-found", label, reason: `no ${engine} engine answers on this machine` });
  const name = encodeURIComponent(reference);
  const inspected = await get(host, `/images/${name}/json`, label, openOptions.signal);
  if (inspected.statusCode === 404) {
    inspected.resume();
    throw new ScanError({ kind: "image-not-found", label, reason: `${engine} has no such image` });
  }
  const pulledBy = await digestsPulledBy(inspected);
  const response = await get(host, `/images/${name}/get`, label, openOptions.signal);
  if (response.statusCode !== 200) {
    response.resume();
    throw new ScanError({ kind: "network", label, reason: `the engine answered ${response.statusCode}` });
  }
  const { host: _, engine: __, env: ___, ...reading } = options;
  const image = await imageStream(response, { ...reading, name: reference, ...tagOf(reference) }).open(openOptions);
  const indexDigests = [...new Set([...(image.indexDigests ?? []), ...pulledBy])].filter(
    (each) => each !== image.digest,
  );
  return indexDigests.length === 0 ? image : { ...image, indexDigests };
}

const maxInspectBytes = 4 * 1024 * 1024;

/** The digests under which registries gave the image (`RepoDigests`), mostly those of indexes; none where the answer is odd. */
async function digestsPulledBy(inspected: IncomingMessage): Promise<readonly Digest[]> {
  const parts: Buffer[] = [];
  let length = 0;
  // as: the chunks of a response are buffers while no encoding is set.
  for await (const part of inspected as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= maxInspectBytes) parts.push(part);
  }
  if (inspected.statusCode !== 200 || length > maxInspectBytes) return [];
  const answer = jsonIn(Buffer.concat(parts).toString("utf8"));
  return listField(answer, "RepoDigests").flatMap((text) =>
    typeof text === "string" ? (parseDigest(text.slice(text.lastIndexOf("@") + 1)) ?? []) : [],
  );
}

/** An engine's archive names the image in full; an id names none. */
function tagOf(reference: string): { tag?: string } {
  if (/^(sha256:)?[a-f0-9]{12,64}$/.test(reference)) return {};
  const parsed = parseReference(reference);
  if (parsed.tag === undefined) return {};
  const full = formatReference({ registry: parsed.registry, repository: parsed.repository, tag: parsed.tag });
  return { tag: full };
}

/** The address of an engine: `DOCKER_HOST` or `CONTAINER_HOST`, else the first existing socket of the usual installations. */
export function engineHost(
  engine: "docker" | "podman",
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = engine === "docker" ? env["DOCKER_HOST"] : env["CONTAINER_HOST"];
  if (named !== undefined && named !== "") return named;
  const home = env["HOME"] ?? homedir();
  const runtime = env["XDG_RUNTIME_DIR"];
  const sockets =
    engine === "docker"
      ? [
          "/var/run/docker.sock",
          join(home, ".docker", "run", "docker.sock"),
          ...(runtime === undefined ? [] : [join(runtime, "docker.sock")]),
        ]
      : [...(runtime === undefined ? [] : [join(runtime, "podman", "podman.sock")]), "/run/podman/podman.sock"];
  const found = sockets.find((socket) => existsSync(socket));
  return found === undefined ? undefined : `unix://${found}`;
}

function get(host: string, path: string, label: string, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  const address = addressOf(host);
  if (address === undefined) {
    throw new ScanError({
      kind: "invalid-option",
      option: `engine address "${host}"`,
      reason: "only unix:// and tcp:// addresses are understood",
    });
  }
  return new Promise((resolve, reject) => {
    const options = { ...address, path, method: "GET", ...(signal === undefined ? {} : { signal }) };
    request(options, resolve)
      .on("error", (error: NodeJS.ErrnoException) => {
        if (signal?.aborted === true) reject(signal.reason);
        else reject(new ScanError({ kind: "network", label, reason: reasonOf(error, host) }, { cause: error }));
      })
      // Without a listener Node ends such a connection and tells nobody.
      .on("upgrade", (answer, socket) => {
        socket.destroy();
        const reason = `it answers ${answer.statusCode} and speaks another protocol`;
        reject(new ScanError({ kind: "network", label, reason }));
      })
      .end();
  });
}

function addressOf(host: string): { socketPath: string } | { host: string; port: number } | undefined {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  const tcp = /^(?:tcp|http):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(host);
  return tcp === null ? undefined : { host: (tcp[1] ?? "").replace(/^\[|\]$/g, ""), port: Number(tcp[2] ?? 2375) };
}

function reasonOf(error: NodeJS.ErrnoException, host: string): string {
  if (error.code === "EACCES") return `no permission to use ${host}`;
  if (error.code === "ECONNREFUSED" || error.code === "ENOENT") return `nothing answers at ${host}`;
  return error.message;
}
