import { compareText, workDone } from "@plimsoll/model";
import { isBelow } from "./dispatch.ts";
import { baseNameOf, joinTarget } from "./image-path.ts";
import { emptyRecord } from "./layer-result.ts";
import type { FileRecord, LayerResult, LinkRecord } from "./layer-result.ts";
import type { MergedView, Standing } from "./merged-view.ts";
import { maxLinksFollowed, present } from "./path-index.ts";
import type { PlannedAnalyzer } from "./plan.ts";

/** A file (or all files of a directory) that an analyzer must be shown although no matcher names it. */
export interface LookRequest {
  readonly planned: PlannedAnalyzer;
  /** The layer that has the content, and where it has it. */
  readonly layer: number;
  readonly path: string;
  /** Show all files directly inside of `path`. */
  readonly directory: boolean;
  /** Under which path (or directory) the analyzer is to see it. */
  readonly as: string;
  /** The layer whose record gets its observations; differs from `layer` for hard links. */
  readonly storeLayer: number;
  readonly storePath: string;
}

/** Following a link takes about as long, for each layer, as looking at so many bytes. */
const bytesPerLink = 512;

/** Records of one analyzer, one per layer. */
export interface Track {
  readonly planned: PlannedAnalyzer;
  readonly layers: readonly { readonly files: Map<string, FileRecord>; readonly links: Map<string, LinkRecord> }[];
}

/** The records of one analyzer in all layers. */
export function trackOf(planned: PlannedAnalyzer, layers: readonly Pick<LayerResult, "records">[]): Track {
  return {
    planned,
    layers: layers.map(({ records }) => {
      const { files, links } = records.get(planned.id) ?? emptyRecord;
      return {
        files: new Map(files.map((file) => [file.path, file])),
        links: new Map(links.map((link) => [link.path, link])),
      };
    }),
  };
}

/**
 * What the first pass could not see because links stand between the wanted path and the content: `var/lib/rpm` →
 * `../../usr/lib/sysimage/rpm`, a hard link to a file of a lower layer. In an order that does not depend on chance.
 */
export function findLookRequests(track: Track, view: MergedView): readonly LookRequest[] {
  const requests = new Map<string, LookRequest>();
  const add = (request: Omit<LookRequest, "planned">): void => {
    const key = JSON.stringify([request.storeLayer, request.storePath, request.directory]);
    if (!requests.has(key)) requests.set(key, { planned: track.planned, ...request });
  };
  for (const request of throughMatchers(track, view)) add(request);
  for (const request of throughSymbolicLinks(track, view)) add(request);
  for (const request of throughOtherLinks(track, view)) add(request);
  return [...requests.values()];
}

/** Paths and directories named by a matcher that lead elsewhere in the merged view. */
function* throughMatchers(track: Track, view: MergedView): Generator<Omit<LookRequest, "planned">> {
  const { matches } = track.planned;
  const directories = new Set(matches.flatMap((matcher) => ("directory" in matcher ? [matcher.directory] : [])));
  for (const matcher of matches) {
    if ("path" in matcher) yield* lookAtFile(track, view, matcher.path);
    if (!("directory" in matcher)) continue;
    const target = view.resolve(matcher.directory);
    if (target === undefined || target === matcher.directory || directories.has(target)) continue;
    if (view.at(target)?.kind !== present.directory) continue;
    for (const layer of view.layersWith(target))
      yield { layer, path: target, directory: true, as: matcher.directory, storeLayer: layer, storePath: target };
  }
}

/** Wanted names that turned out to be symbolic links: `package.json` → `package.prod.json`. */
function* throughSymbolicLinks(track: Track, view: MergedView): Generator<Omit<LookRequest, "planned">> {
  for (const path of linkPaths(track, (link) => link.kind === "symlink")) yield* lookAtFile(track, view, path);
}

function* lookAtFile(track: Track, view: MergedView, path: string): Generator<Omit<LookRequest, "planned">> {
  const target = view.resolve(path);
  if (target === undefined || target === path) return;
  for (const layer of view.fileVersions(target))
    if (!sawFile(track, layer, target))
      yield { layer, path: target, directory: false, as: path, storeLayer: layer, storePath: target };
}

/** Wanted names that are hard links, in every version that counts. */
function* throughOtherLinks(track: Track, view: MergedView): Generator<Omit<LookRequest, "planned">> {
  for (const path of linkPaths(track, ({ kind }) => kind === "hardlink" || kind === "moved"))
    for (const version of view.fileVersions(path)) {
      const { files, links } = track.layers[version] ?? {};
      const link = links?.get(path);
      // Matchers name the path, and still nobody saw content there: the first pass found a link.
      if (link === undefined || link.kind === "symlink" || link.kind === "content" || files?.has(path) === true)
        continue;
      const source =
        link.kind === "moved" ? { layer: version, path: link.target } : hardLinkSource(track, view, version, link);
      if (source !== undefined) yield { ...source, directory: false, as: path, storeLayer: version, storePath: path };
    }
}

/**
 * What was said of a file that is known by its first bytes is true under all of its names, also when the first one is gone: it
 * is noted under each, and nothing is read again.
 */
export async function nameSharedContent(track: Track, view: MergedView): Promise<void> {
  // One content may have any number of names: they share what is said of it.
  const withoutProblems = new Map<FileRecord, FileRecord["observations"]>();
  for (const path of linkPaths(track, ({ kind }) => kind === "content")) {
    await workDone(bytesPerLink * track.layers.length);
    for (const version of view.fileVersions(path)) {
      const { files, links } = track.layers[version] ?? {};
      const link = links?.get(path);
      if (files === undefined || link?.kind !== "content" || files.has(path)) continue;
      const source = hardLinkSource(track, view, version, link);
      const record = source === undefined ? undefined : track.layers[source.layer]?.files.get(source.path);
      if (source === undefined || record === undefined) continue;
      // What is wrong with a file is told once, under the name that the content came with, while that is there.
      const isThere = view.at(source.path)?.layer === source.layer;
      const quiet = withoutProblems.get(record) ?? record.observations.filter(({ kind }) => kind !== "diagnostic");
      withoutProblems.set(record, quiet);
      const observations = isThere ? quiet : record.observations;
      files.set(path, { ...record, path, as: record.as ?? record.path, observations });
    }
  }
}

/** The files whose content has further names at the end, under which a track knows it by its first bytes. */
export function* contentSources(track: Track, view: MergedView): Generator<ContentPlace> {
  for (const path of linkPaths(track, ({ kind }) => kind === "content")) {
    const version = view.at(path)?.layer;
    const link = version === undefined ? undefined : track.layers[version]?.links.get(path);
    if (version === undefined || link?.kind !== "content") continue;
    const source = hardLinkSource(track, view, version, link);
    if (source !== undefined) yield source;
  }
}

/** Where a content lies. */
interface ContentPlace {
  readonly layer: number;
  readonly path: string;
}

/** The file that a hard link shares its content with: of the same layer as a rule, else of a lower one. */
function hardLinkSource(track: Track, view: MergedView, layer: number, link: LinkRecord): ContentPlace | undefined {
  let current = { layer, path: link.path, target: link.target };
  for (let followed = 0; followed < maxLinksFollowed; followed++) {
    // A layer may remove the first name of a file of a lower one to which it gives a second name.
    const found =
      standingAt(view, current.target, current.layer) ?? standingAt(view, current.target, current.layer - 1);
    if (found === undefined) return undefined;
    const { path, kind } = found;
    if (kind === present.file) return { layer: found.layer, path };
    if (kind !== present.hardlink) return undefined;
    const next = track.layers[found.layer]?.links.get(path);
    // Looking at a hard link tells its target; the request is made again with that.
    if (next === undefined) return { layer: found.layer, path };
    current = { layer: found.layer, path, target: next.target };
  }
  return undefined;
}

function standingAt(view: MergedView, target: string, top: number): (Standing & { readonly path: string }) | undefined {
  const path = view.resolve(joinTarget("", target), top);
  const standing = path === undefined ? undefined : view.at(path, top);
  return path === undefined || standing === undefined ? undefined : { path, ...standing };
}

function sawFile(track: Track, layer: number, path: string): boolean {
  return track.layers[layer]?.files.has(path) === true || namesPath(track.planned, path);
}

/** Whether a matcher names the path, so that the first pass has shown it. */
function namesPath({ matches }: PlannedAnalyzer, path: string): boolean {
  return matches.some(
    (matcher) =>
      ("path" in matcher && matcher.path === path) ||
      ("basename" in matcher &&
        matcher.basename === baseNameOf(path) &&
        (matcher.outside === undefined || !isBelow(path, matcher.outside))) ||
      ("below" in matcher && path.startsWith(`${matcher.below}/`)) ||
      ("stem" in matcher && baseNameOf(path).startsWith(matcher.stem)) ||
      ("suffix" in matcher && path.endsWith(matcher.suffix)),
  );
}

function linkPaths(track: Track, wanted: (link: LinkRecord) => boolean): readonly string[] {
  const paths = new Set<string>();
  for (const { links } of track.layers) for (const link of links.values()) if (wanted(link)) paths.add(link.path);
  return [...paths].sort(compareText);
}
