import { ScanError, compareText, defaultLimits, checkOptions, callChecks, optionIs } from "@plimsoll/model";
import type {
  CallOptions,
  EntryAttributes,
  FileTree,
  Image,
  LayerEntry,
  LayerFile,
  Limits,
  TreeEntry,
} from "@plimsoll/model";

/** How the tree of an image is read. */
export interface ImageTreeOptions extends CallOptions {
  /** Limits for reading the layers. Absent: {@link defaultLimits}. */
  readonly limits?: Limits | undefined;
}

/**
 * How many bytes of configuration files are kept in memory, in all, while the layers are read. Other files are read again when they are
 * asked for.
 */
const keptBytes = 64 << 20;
const keptFileBytes = 1 << 20;
const configuration = /^(?:etc|(?:usr\/(?:local\/)?)?lib\/systemd|var\/lib\/kubelet|var\/lib\/rancher|opt)\//;

/** What the layers say of one path. */
interface Place {
  readonly entry: TreeEntry;
  /** Position of the uppermost layer that has this path or a path below it. */
  touched: number;
  /** Position of the layer that has the content of a file. */
  readonly layer: number;
  /** Path under which that layer has it; another one for a hard link. */
  readonly path: string;
  readonly content?: Uint8Array | undefined;
  /** What is in a directory, by name. */
  readonly children?: Map<string, Place>;
}

/**
 * The files of an image as a container would see them, with modes and owners: its layers on top of each other (OCI image-spec
 * layer.md). Every layer is read once; the image has to stay open while the tree is asked.
 * @throws ScanError `malformed-image` when a layer cannot be read to its end, since half a tree would answer "not there" where it does
 * not know, and when the source of the image knows no modes and owners.
 */
export async function imageTree(image: Image, options: ImageTreeOptions = {}): Promise<FileTree> {
  checkOptions("imageTree", options, { ...callChecks, limits: optionIs.limits });
  const { limits = defaultLimits, signal } = options;
  const tree = new LayeredTree();
  for (const [index, layer] of image.layers.entries()) {
    for await (const entry of layer.entries({ limits, signal, attributes: true })) {
      if (entry.kind !== "diagnostic") await tree.take(entry, index, image.name);
      else if (entry.effect === "incomplete") throw unreadable(image.name, entry.message);
    }
  }
  return {
    stat: (path) => tree.find(path)?.entry ?? null,
    list: (path) => {
      const place = tree.find(path);
      return place?.entry.type === "directory" ? [...(place.children?.keys() ?? [])].sort(compareText) : null;
    },
    read: async (path, limit) => {
      const place = tree.find(path);
      if (place?.entry.type !== "file" || place.entry.size > limit) return null;
      return place.content ?? (await readAgain(image, place, { limits, signal }));
    },
  };
}

/** The content of a file that was not kept. */
async function readAgain(
  image: Image,
  { layer, path, entry: { size } }: Place,
  options: { readonly limits: Limits; readonly signal: AbortSignal | undefined },
): Promise<Uint8Array | null> {
  let found: Uint8Array | null = null;
  for await (const entry of image.layers[layer]?.entries({ ...options, matches: [{ path }] }) ?? [])
    if (entry.kind === "file" && entry.path === path && entry.size === size) found = await contentOf(entry);
  return found;
}

async function contentOf(file: LayerFile): Promise<Uint8Array> {
  const content = new Uint8Array(file.size);
  let at = 0;
  for await (const chunk of file.content()) {
    content.set(chunk.subarray(0, content.length - at), at);
    at += chunk.length;
  }
  return content;
}

interface Directory {
  readonly children: Map<string, Place>;
}

class LayeredTree {
  readonly #root: Place & Directory = {
    entry: impliedDirectory,
    touched: -1,
    layer: -1,
    path: "",
    children: new Map(),
  };
  #kept = keptBytes;

  find(path: string): Place | undefined {
    let place: Place | undefined = this.#root;
    for (const name of namesOf(path)) place = place?.children?.get(name);
    return place;
  }

  async take(entry: LayerEntry, layer: number, image: string): Promise<void> {
    if (entry.kind === "whiteout" || entry.kind === "opaque") {
      const place = this.find(entry.path);
      if (place === undefined) return;
      hideLower(place, layer);
      if (entry.kind === "whiteout" && place.touched < layer)
        this.#directoryOf(entry.path, layer).delete(baseOf(entry.path));
      return;
    }
    const { attributes } = entry;
    if (attributes === undefined) throw unreadable(image, "its source does not know modes and owners of files");
    const place = await this.#placeOf(entry, attributes, layer);
    this.#directoryOf(entry.path, layer).set(baseOf(entry.path), place);
  }

  async #placeOf(
    entry: Exclude<LayerEntry, { readonly kind: "whiteout" | "opaque" }>,
    { mode, uid = nobody, gid = nobody }: EntryAttributes,
    layer: number,
  ): Promise<Place> {
    const attributes = { mode, uid, gid };
    const { path } = entry;
    const touched = layer;
    switch (entry.kind) {
      case "file": {
        const content = this.#isKept(entry) ? await contentOf(entry) : undefined;
        this.#kept -= content?.length ?? 0;
        return { entry: { type: "file", ...attributes, size: entry.size }, touched, layer, path, content };
      }
      case "hardlink": {
        // A name more for a file that is there: its mode and owner are the file's.
        const target = this.find(entry.target);
        return target === undefined || target.children !== undefined
          ? { entry: { type: "other", ...attributes, size: 0 }, touched, layer, path }
          : { ...target, touched };
      }
      case "symlink":
        return { entry: { type: "symlink", ...attributes, size: 0, target: entry.target }, touched, layer, path };
      case "directory":
        // One that is stated again keeps what lies in it.
        return {
          entry: { type: "directory", ...attributes, size: 0 },
          touched,
          layer,
          path,
          children: this.find(path)?.children ?? new Map<string, Place>(),
        };
      case "other":
        return { entry: { type: "other", ...attributes, size: 0 }, touched, layer, path };
    }
  }

  #isKept({ path, size }: LayerFile): boolean {
    return configuration.test(path) && size <= keptFileBytes && size <= this.#kept;
  }

  /**
   * What the directory of a path holds, by name. The directory and those above it are made where a layer has none; another kind of file in
   * their place is replaced.
   */
  #directoryOf(path: string, layer: number): Map<string, Place> {
    let { children } = this.#root;
    for (const name of namesOf(path).slice(0, -1)) {
      const there = children.get(name);
      const next =
        there?.children === undefined
          ? { entry: impliedDirectory, touched: layer, layer, path: "", children: new Map<string, Place>() }
          : Object.assign(there, { touched: layer });
      children.set(name, next);
      children = next.children ?? new Map<string, Place>();
    }
    return children;
  }
}

/** Removes what lower layers put below a place, as an opaque whiteout does. What the same layer puts there stays, before the whiteout or after. */
function hideLower(place: Place, layer: number): void {
  const waiting = [place];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const [name, child] of at.children ?? []) {
      if (child.touched < layer) at.children?.delete(name);
      else waiting.push(child);
    }
}

/** The directory that container engines make where an archive has a file but not its directory. */
const impliedDirectory: TreeEntry = { type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0 };

/** The number for an owner or group that the archive does not state: `(uid_t)-1` of POSIX, which no account has. */
const nobody = 0xffff_ffff;

function baseOf(path: string): string {
  return namesOf(path).at(-1) ?? "";
}

function namesOf(path: string): readonly string[] {
  return path.split("/").filter((name) => name !== "");
}

function unreadable(label: string, reason: string): ScanError {
  return new ScanError({ kind: "malformed-image", label, reason });
}
