import { createHash } from "node:crypto";
import type { Digest, EntryAttributes, Image, ImageSource, Layer, LayerEntry } from "@plimsoll/model";

/** A file's content, or what else stands at the path. A path ending in `/` is a directory; `.wh.` names are whiteouts. */
export type LiteralEntry =
  | string
  | Uint8Array
  | { readonly symlink: string }
  | { readonly hardlink: string }
  | { readonly executable: string | Uint8Array }
  | OwnedFile;

/** A file, or a directory where the path ends in `/`, with its mode and owner. */
export interface OwnedFile {
  readonly owned: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Path to entry, in tar order. */
export type LiteralLayer = Readonly<Record<string, LiteralEntry>>;

export interface LiteralImage {
  readonly name?: string;
  readonly layers: readonly LiteralLayer[];
  /** One per layer. */
  readonly createdBy?: readonly string[];
  /** What the image configuration says of the program: `Env`, `Labels`, `Cmd`, `Entrypoint`, `Healthcheck`. Only in archives. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Steps of the history after the last layer that made none. Only in archives. */
  readonly emptySteps?: readonly string[];
}

/** An image source that reads no bytes: its layers are the literals themselves. */
export function literalImage(literal: LiteralImage): ImageSource {
  const layers = literal.layers.map((entries, index): Layer => {
    const digest: Digest = `sha256:${createHash("sha256")
      .update(JSON.stringify([index, Object.entries(entries).map(([path, entry]) => [path, describe(entry)])]))
      .digest("hex")}`;
    const createdBy = literal.createdBy?.[index];
    return {
      index,
      digest,
      diffId: digest,
      size: 0,
      cacheable: true,
      ...(createdBy === undefined ? {} : { createdBy }),
      async *entries() {
        for (const [path, entry] of Object.entries(entries)) yield toEntry(path, entry);
      },
    };
  });
  const digest: Digest = `sha256:${createHash("sha256")
    .update(layers.map((layer) => layer.digest).join())
    .digest("hex")}`;
  const image: Image = {
    kind: "container-image",
    name: literal.name ?? "literal",
    digest,
    platform: { os: "linux", architecture: "amd64" },
    layers,
  };
  return { label: `literal ${image.name}`, open: async () => image };
}

function describe(entry: LiteralEntry): unknown {
  return entry instanceof Uint8Array ? createHash("sha256").update(entry).digest("hex") : entry;
}

function toEntry(path: string, entry: LiteralEntry): LayerEntry {
  const cut = path.lastIndexOf("/") + 1;
  const directory = path.slice(0, cut);
  const base = path.slice(cut);
  const attributes = attributesOf(entry);
  if (base === "") return { kind: "directory", path: directory.slice(0, -1), ...attributes };
  if (base === ".wh..wh..opq") return { kind: "opaque", path: directory.slice(0, -1) };
  if (base.startsWith(".wh.")) return { kind: "whiteout", path: directory + base.slice(4) };
  if (typeof entry === "object" && "symlink" in entry) return { kind: "symlink", path, target: entry.symlink };
  if (typeof entry === "object" && "hardlink" in entry) return { kind: "hardlink", path, target: entry.hardlink };
  const executable = typeof entry === "object" && "executable" in entry;
  const content =
    typeof entry === "string" || entry instanceof Uint8Array
      ? entry
      : "owned" in entry
        ? entry.owned
        : entry.executable;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    kind: "file",
    path,
    size: bytes.length,
    executable,
    ...attributes,
    async *content() {
      yield bytes;
    },
  };
}

function attributesOf(entry: LiteralEntry): { readonly attributes?: EntryAttributes } {
  if (typeof entry === "string" || !("owned" in entry)) return {};
  const { mode, uid, gid } = entry;
  return { attributes: { mode, uid, gid } };
}
