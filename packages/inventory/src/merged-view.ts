import { directoryOf, joinTarget } from "./image-path.ts";
import type { PathHasher, PathHashes } from "./path-hash.ts";
import { maxLinksFollowed, present, removed, untouched } from "./path-index.ts";
import type { Effect, PathIndex, Present } from "./path-index.ts";

/** The entry at a path of the merged layers. */
export interface Standing {
  readonly kind: Present;
  /** The uppermost layer that has it. */
  readonly layer: number;
}

/** A link to a directory, and the true path of that. */
export interface DirectoryLink {
  readonly link: string;
  readonly target: string;
}

/**
 * The layers put on top of each other as an overlay file system does it (Linux `overlayfs.rst`, OCI image-spec
 * `layer.md`): the uppermost entry wins, directories merge unless opaque, a directory that a layer merely implies
 * counts as one, and anything else at a path hides what lower layers have beneath it. Nothing is added to the layers any more.
 */
export class MergedView {
  readonly #layers: readonly PathIndex[];
  #directoryLinks: readonly DirectoryLink[] | undefined;

  constructor(layers: readonly PathIndex[]) {
    this.#layers = layers;
  }

  /** What is at a path when `top` is the uppermost layer. */
  at(path: string, top: number = this.#layers.length - 1): Standing | undefined {
    return this.#standing(this.#effectsOn(path), top);
  }

  #standing(effectIn: (index: PathIndex | undefined) => Effect, top: number): Standing | undefined {
    for (let layer = top; layer >= 0; layer--) {
      const effect = effectIn(this.#layers[layer]);
      if (effect === removed) return undefined;
      if (effect !== untouched) return { kind: effect, layer };
    }
    return undefined;
  }

  /**
   * The layers whose version of a file counts for the final one, uppermost first: each was visible until the one
   * before it replaced it. Empty when there is no file at the end.
   */
  fileVersions(path: string): readonly number[] {
    const versions: number[] = [];
    const effectIn = this.#effectsOn(path);
    for (let layer = this.#layers.length - 1; layer >= 0; layer--) {
      const effect = effectIn(this.#layers[layer]);
      if (effect === untouched) continue;
      if (effect !== present.file && effect !== present.hardlink) break;
      versions.push(layer);
    }
    return versions;
  }

  /**
   * The true path behind `path`, as the kernel finds it: links in every position followed, `..` stopping at the root.
   * Undefined when a link leads nowhere or in circles.
   */
  resolve(path: string, top: number = this.#layers.length - 1): string | undefined {
    return this.#walk(path, 0, top);
  }

  /** @param followed how many links were followed until here. */
  #walk(path: string, followed: number, top: number): string | undefined {
    let whole = path;
    for (let links = followed; ;) {
      const effectIn = this.#effectsOn(whole);
      let end = -1;
      let link: Standing | undefined;
      for (let depth = 1; link === undefined && end < whole.length; depth++) {
        const slash = whole.indexOf("/", end + 1);
        end = slash === -1 ? whole.length : slash;
        const standing = this.#standing((index) => effectIn(index, depth), top);
        if (standing === undefined) return undefined;
        if (standing.kind === present.symlink) link = standing;
      }
      if (link === undefined) return whole;
      const here = whole.slice(0, end);
      const target = this.#layers[link.layer]?.linkAt(here);
      if (target === undefined || ++links > maxLinksFollowed) return undefined;
      // The target may itself lead through links, so it is walked from the root again.
      const onward = joinTarget(directoryOf(here), target);
      whole = end === whole.length ? onward : `${onward}${onward === "" ? "" : "/"}${whole.slice(end + 1)}`;
      if (whole === "") return "";
    }
  }

  /** Layers that put something into a directory, lowest first. */
  layersWith(directory: string): readonly number[] {
    const effectIn = this.#effectsOn(directory);
    return this.#layers.flatMap((index, layer) => (effectIn(index) === present.directory ? [layer] : []));
  }

  /** What layers do to a path, or to its first so many segments, which is hashed once for all layers that one process has read. */
  #effectsOn(path: string): (index: PathIndex | undefined, depth?: number) => Effect {
    let hasher: PathHasher | undefined;
    let hashes: PathHashes | undefined;
    return (index, depth) => {
      if (index === undefined) return untouched;
      if (hashes === undefined || index.hasher !== hasher) {
        hasher = index.hasher;
        hashes = hasher.prefixes(path);
      }
      return index.effectOf(hashes, depth);
    };
  }

  /** The links near the root that lead to directories, with their true targets: `bin` → `usr/bin`. Sorted by link. */
  directoryLinks(): readonly DirectoryLink[] {
    this.#directoryLinks ??= this.#findDirectoryLinks();
    return this.#directoryLinks;
  }

  #findDirectoryLinks(): readonly DirectoryLink[] {
    const top = this.#layers.length - 1;
    const links = new Set(this.#layers.flatMap((index) => [...index.shallowLinks]));
    // Hundreds of commands may be links to one program.
    const directories = new Map<string, string | undefined>();
    return [...links].sort().flatMap((link) => {
      const standing = this.at(link);
      if (standing?.kind !== present.symlink) return [];
      const text = this.#layers[standing.layer]?.linkAt(link);
      if (text === undefined) return [];
      const onward = joinTarget(directoryOf(link), text);
      if (!directories.has(onward)) {
        const target = onward === "" ? "" : this.#walk(onward, 1, top);
        const isDirectory = target !== undefined && this.at(target)?.kind === present.directory;
        directories.set(onward, isDirectory ? target : undefined);
      }
      const target = directories.get(onward);
      return target === undefined ? [] : [{ link, target }];
    });
  }
}
