/** What the name of a layer entry means, by the layer format's convention (OCI image-spec layer.md, "Whiteouts"). */
export type NameMeaning =
  | { readonly kind: "plain" }
  | { readonly kind: "whiteout"; readonly path: string }
  | { readonly kind: "opaque"; readonly path: string }
  /** AUFS bookkeeping at the root (`.wh..wh.plnk`, `.wh..wh.orph`, `.wh..wh.aufs`): no content. */
  | { readonly kind: "ignored" };

const prefix = ".wh.";
const metaPrefix = ".wh..wh.";
const opaqueName = ".wh..wh..opq";

const plain: NameMeaning = { kind: "plain" };

/** Reads the meaning of a normalised path. */
export function meaningOf(path: string): NameMeaning {
  // Nearly every path ends here.
  if (!path.includes(prefix)) return plain;
  const cut = path.lastIndexOf("/") + 1;
  const parent = path.slice(0, Math.max(0, cut - 1));
  const base = path.slice(cut);
  if (base === opaqueName) return { kind: "opaque", path: parent };
  // Only there: elsewhere engines unpack what lies below such a name.
  if (path.startsWith(metaPrefix)) return { kind: "ignored" };
  if (!base.startsWith(prefix)) return plain;
  const hidden = base.slice(prefix.length);
  // Names that no file can have.
  if (hidden === "" || hidden === "." || hidden === "..") return { kind: "ignored" };
  return { kind: "whiteout", path: path.slice(0, cut) + hidden };
}
