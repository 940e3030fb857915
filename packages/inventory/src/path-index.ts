import { ownHasher } from "./path-hash.ts";
import type { PathHasher, PathHashes } from "./path-hash.ts";
import { directoryOf, joinTarget } from "./image-path.ts";

/** What a layer puts at a path; 0 when nothing. */
export const present = { directory: 1, file: 2, symlink: 3, hardlink: 4, other: 5 } as const;

/** One of {@link present}. */
export type Present = (typeof present)[keyof typeof present];

/** What a layer does to a path of the layers below: leaves it, removes it, or puts something there. */
export type Effect = typeof untouched | typeof removed | Present;
/** The layer does not change the path. */
export const untouched = 0;
/** The layer removes the path. */
export const removed = -1;

const kindMask = 7;
const whiteoutFlag = 8;
const opaqueFlag = 16;
/** Something is beneath this path, but the layer has no entry for it. */
const mentionedFlag = 32;

/** Link texts kept per layer, in characters; a file system allows 4,095 bytes for one. */
const maxLinkText = 16 * 1024 * 1024;
const maxTargetLength = 4_095;
/** The most links that one lookup follows, as in Linux (path_resolution(7)). */
export const maxLinksFollowed = 40;

/**
 * The paths of one layer as an open-addressing table of hashes: 9 bytes a slot, at most half full, so a million entries
 * take some 20 MB. It answers what the layer does to any path. Within the layer the last entry of a path wins, as
 * when the tar is unpacked in order; whiteouts concern lower layers only, wherever they stand in the tar.
 */
export class PathIndex {
  /** What its paths are hashed with. */
  readonly hasher: PathHasher;
  /** Whether links were left out because their targets together are too long. */
  linksLost = false;
  /** Targets of symbolic links by hash of their path. */
  readonly links: Map<number, string> = new Map();
  /** Symbolic links at the top of the tree and one level below it: those that merge directories (`bin` → `usr/bin`). */
  readonly shallowLinks: Set<string> = new Set();
  #keys: Float64Array;
  #flags: Uint8Array;
  #size = 0;
  #linkText = 0;
  /** Directories that were replaced within the layer, and when; what was put beneath them before is gone. */
  readonly #kills = new Map<number, number>();
  #killCount = 0;
  #epochs: Uint32Array | undefined;
  #lastParent = 0;

  constructor(expected = 512, hasher: PathHasher = ownHasher()) {
    this.hasher = hasher;
    let capacity = 1024;
    while (capacity < expected * 2) capacity *= 2;
    this.#keys = new Float64Array(capacity);
    this.#flags = new Uint8Array(capacity);
  }

  /**
   * Records an entry and returns its true path, which differs where an earlier symbolic link of the same layer stands
   * in its way (`lib` → `usr/lib`, then `lib/x`). Undefined for an entry behind a loop of links.
   */
  add(path: string, kind: Present, target = ""): string | undefined {
    return this.#add(path, kind, target, 0);
  }

  /** `path` of the layers below is gone. */
  whiteout(path: string): void {
    this.#mention(path, whiteoutFlag);
  }

  /** What the layers below have in the directory is gone. */
  opaque(path: string): void {
    if (path === "" || this.add(path, present.directory) !== undefined) this.#mention(path, opaqueFlag);
  }

  /** Where a symbolic link at the path leads; undefined when the layer has none there. */
  linkAt(path: string): string | undefined {
    return this.links.get(this.hasher.hash(path));
  }

  /** What the layer does to the path. */
  effect(path: string): Effect {
    return this.effectOf(this.hasher.prefixes(path));
  }

  /** The same of a path that is hashed already, by this layer's {@link hasher}, or of the ancestor that has so many segments. */
  effectOf({ hashes, count: all }: PathHashes, count: number = all): Effect {
    let gone = (this.#flagsOf(rootHash) & opaqueFlag) !== 0;
    for (let at = 0; at < count - 1; at++) {
      const flags = this.#flagsOf(hashes[at] ?? 0);
      if (flags === 0) return gone ? removed : untouched;
      const kind = flags & kindMask;
      if (kind > present.directory) return removed;
      if ((flags & (whiteoutFlag | opaqueFlag)) !== 0) gone = true;
    }
    const slot = this.#find(hashes[count - 1] ?? 0);
    const flags = this.#flags[slot] ?? 0;
    if ((flags & kindMask) !== 0 && this.#alive(slot, hashes, count)) return (flags & kindMask) as Present; // masked to the five kinds
    return gone || (flags & whiteoutFlag) !== 0 ? removed : untouched;
  }

  /** Whether the table can be stored as {@link dump} gives it: not when directories were replaced within the layer. */
  get plain(): boolean {
    return this.#kills.size === 0;
  }

  /** Hashes and flags of all slots in use. */
  dump(): { readonly keys: Float64Array; readonly flags: Uint8Array } {
    const keys = new Float64Array(this.#size);
    const flags = new Uint8Array(this.#size);
    let next = 0;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      if (this.#keys[slot] === 0) continue;
      keys[next] = this.#keys[slot] ?? 0;
      flags[next++] = this.#flags[slot] ?? 0;
    }
    return { keys, flags };
  }

  /** The inverse of {@link dump}. */
  static restore(keys: Float64Array, flags: Uint8Array, hasher: PathHasher): PathIndex {
    const index = new PathIndex(keys.length, hasher);
    // Every scan of a known layer does this for each of its paths: the slots are found without a call.
    const slots = index.#keys;
    const mask = slots.length - 1;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] || 1;
      let slot = (key >>> 0) & mask;
      while (slots[slot] !== 0 && slots[slot] !== key) slot = (slot + 1) & mask;
      if (slots[slot] === 0) index.#size++;
      slots[slot] = key;
      index.#flags[slot] = flags[at] ?? 0;
    }
    return index;
  }

  #add(path: string, kind: Present, target: string, followed: number): string | undefined {
    const { hashes, count } = this.hasher.prefixes(path);
    const self = hashes[count - 1] ?? 0;
    // Entries of one directory usually follow each other: its ancestors need no second look.
    const parent = count > 1 ? (hashes[count - 2] ?? 0) : 0;
    if (parent !== this.#lastParent) {
      const link = this.#makeAncestors(hashes, count);
      if (link >= 0) {
        if (followed >= maxLinksFollowed) return undefined;
        return this.#add(this.#throughLink(path, link, hashes[link] ?? 0), kind, target, followed + 1);
      }
      this.#lastParent = parent;
    }
    const slot = this.#slot(self);
    const flags = this.#flags[slot] ?? 0;
    const before = flags & kindMask;
    this.#flags[slot] = (flags & ~kindMask) | kind;
    if (this.#epochs !== undefined) this.#epochs[slot] = this.#killCount;
    if (before === present.directory && kind !== present.directory) this.#kill(self);
    if (before === present.symlink) this.#dropLink(path, self);
    if (kind === present.symlink) this.#keepLink(path, self, count, target);
    return path;
  }

  /** Makes a directory of every ancestor, as unpacking does. Returns the position of one that is a symbolic link, else -1. */
  #makeAncestors(hashes: readonly number[], count: number): number {
    for (let at = 0; at < count - 1; at++) {
      const slot = this.#slot(hashes[at] ?? 0);
      const flags = this.#flags[slot] ?? 0;
      const kind = flags & kindMask;
      if (kind === present.directory && this.#alive(slot, hashes, at + 1)) continue;
      if (kind === present.symlink && this.links.has(hashes[at] ?? 0) && this.#alive(slot, hashes, at + 1)) return at;
      this.#flags[slot] = (flags & ~kindMask) | present.directory;
      if (this.#epochs !== undefined) this.#epochs[slot] = this.#killCount;
    }
    return -1;
  }

  #throughLink(path: string, position: number, hash: number): string {
    const segments = path.split("/");
    const link = segments.slice(0, position + 1).join("/");
    const target = joinTarget(directoryOf(link), this.links.get(hash) ?? "");
    const rest = segments.slice(position + 1).join("/");
    return target === "" ? rest : `${target}/${rest}`;
  }

  #mention(path: string, flag: number): void {
    const { hashes, count } = this.hasher.prefixes(path);
    for (let at = 0; at < count; at++) {
      const slot = this.#slot(path === "" ? rootHash : (hashes[at] ?? 0));
      this.#flags[slot] = (this.#flags[slot] ?? 0) | (at === count - 1 ? flag : mentionedFlag);
    }
  }

  #kill(hash: number): void {
    this.#epochs ??= new Uint32Array(this.#keys.length);
    this.#kills.set(hash, ++this.#killCount);
    this.#lastParent = 0;
  }

  #alive(slot: number, hashes: readonly number[], count: number): boolean {
    if (this.#kills.size === 0) return true;
    const epoch = this.#epochs?.[slot] ?? 0;
    for (let at = 0; at < count - 1; at++) if ((this.#kills.get(hashes[at] ?? 0) ?? 0) > epoch) return false;
    return true;
  }

  #keepLink(path: string, hash: number, depth: number, target: string): void {
    if (depth <= 2) this.shallowLinks.add(path);
    this.#linkText += target.length;
    if (target.length > maxTargetLength || this.#linkText > maxLinkText) this.linksLost = true;
    else this.links.set(hash, target);
  }

  #dropLink(path: string, hash: number): void {
    this.links.delete(hash);
    this.shallowLinks.delete(path);
  }

  #flagsOf(hash: number): number {
    return this.#flags[this.#find(hash)] ?? 0;
  }

  /** The slot that holds the hash, or the empty one where it would go. */
  #find(hash: number): number {
    const mask = this.#keys.length - 1;
    let slot = (hash >>> 0) & mask;
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  /** The slot of the hash, taken if need be. */
  #slot(hash: number): number {
    const slot = this.#find(hash);
    if (this.#keys[slot] === hash) return slot;
    if (this.#size * 2 >= this.#keys.length) {
      this.#grow();
      return this.#slot(hash);
    }
    this.#keys[slot] = hash;
    this.#size++;
    return slot;
  }

  #grow(): void {
    const { length } = this.#keys;
    const [keys, flags, epochs] = [this.#keys, this.#flags, this.#epochs];
    this.#keys = new Float64Array(length * 2);
    this.#flags = new Uint8Array(length * 2);
    if (epochs !== undefined) this.#epochs = new Uint32Array(length * 2);
    for (let from = 0; from < length; from++) {
      const key = keys[from] ?? 0;
      if (key === 0) continue;
      const to = this.#find(key);
      this.#keys[to] = key;
      this.#flags[to] = flags[from] ?? 0;
      if (this.#epochs !== undefined) this.#epochs[to] = epochs?.[from] ?? 0;
    }
  }
}

/** Stands for the root directory, which has no path. Any number that is no hash would do. */
const rootHash = -1;
