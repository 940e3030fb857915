import { compareText, workDone } from "@plimsoll/model";
import type { FileMatcher } from "@plimsoll/model";
import { compileDispatcher } from "./dispatch.ts";
import type { Dispatcher } from "./dispatch.ts";
import { joinTarget } from "./image-path.ts";
import { emptyRecord } from "./layer-result.ts";
import type { FileRecord, LayerResult, LinkRecord } from "./layer-result.ts";
import type { MergedView, Standing } from "./merged-view.ts";
import { maxLinksFollowed, present } from "./path-index.ts";
import type { PlannedAnalyzer } from "./plan.ts";

/** A file (or all files of a directory whose names are wanted there) that an analyzer must be shown although no matcher names it. */
export interface LookRequest {
  readonly planned: PlannedAnalyzer;
  /** The layer that has the content, and where it has it. */
  readonly layer: number;
  readonly path: string;
  /** Show the files directly inside of `path`, by the matchers for `as`. */
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

/** Where to look for what an analyzer missed. */
interface Search {
  readonly track: Track;
  readonly view: MergedView;
  /** Whether the first pass has shown a path. */
  wasShown(path: string): boolean;
}

/**
 * What the first pass could not see because links stand between the wanted path and the content: `var/lib/rpm` →
 * `../../usr/lib/sysimage/rpm`, a hard link to a file of a lower layer; and what is needed beside files that it kept. In an order that does not depend on chance.
 */
export function findLookRequests(track: Track, view: MergedView): readonly LookRequest[] {
  const { planned } = track;
  // Compiled when it is needed: most images have no link that leads to a wanted file.
  let names: Dispatcher<unknown> | undefined;
  const named = new Set(planned.matches.flatMap((matcher) => ("path" in matcher ? [matcher.path] : [])));
  const wasShown = (path: string): boolean =>
    named.has(path) || (names ??= compileDispatcher([{ matches: planned.matches }])).byPath(path).length > 0;
  const search: Search = { track, view, wasShown };
  const requests = new Map<string, LookRequest>();
  const add = (request: Omit<LookRequest, "planned">): void => {
    // What is wanted of a directory depends on the name that it is wanted under.
    const as = request.directory ? request.as : "";
    const key = JSON.stringify([request.storeLayer, request.storePath, request.directory, as]);
    if (!requests.has(key)) requests.set(key, { planned, ...request });
  };
  for (const request of throughMatchers(search)) add(request);
  for (const request of throughSymbolicLinks(search)) add(request);
  for (const request of throughOtherLinks(search)) add(request);
  for (const request of besideKeptFiles(search)) add(request);
  return [...requests.values()];
}

/** Paths and directories named by a matcher that lead elsewhere in the merged view. */
function* throughMatchers(search: Search): Generator<Omit<LookRequest, "planned">> {
  const { track, view } = search;
  const { matches } = track.planned;
  for (const matcher of matches) if ("path" in matcher) yield* lookAtFile(search, matcher.path);
  const directories = matches.filter((matcher) => "directory" in matcher);
  // Where the files of a directory were or will be shown, under one name of it.
  const shown = new Map(directories.map((matcher) => [matcher, matcher.directory]));
  for (const matcher of directories) {
    const { directory } = matcher;
    const target = view.resolve(directory);
    if (target === undefined || [...shown].some(([other, at]) => at === target && meansAll(other, matcher))) continue;
    if (view.at(target)?.kind !== present.directory) continue;
    shown.set(matcher, target);
    for (const layer of view.layersWith(target))
      yield { layer, path: target, directory: true, as: directory, storeLayer: layer, storePath: target };
  }
}

type OfDirectory = Extract<FileMatcher, { readonly directory: string }>;

/** Whether a matcher means every name that another one means. */
function meansAll({ beginning, ending }: OfDirectory, other: OfDirectory): boolean {
  return (
    (beginning === undefined || beginning === other.beginning) && (ending === undefined || ending === other.ending)
  );
}

/** Wanted names that turned out to be symbolic links: `package.json` → `package.prod.json`. */
function* throughSymbolicLinks(search: Search): Generator<Omit<LookRequest, "planned">> {
  const paths = new Set<string>();
  for (const { links } of search.track.layers)
    for (const { kind, path } of links.values()) if (kind === "symlink") paths.add(path);
  for (const path of [...paths].sort(compareText)) yield* lookAtFile(search, path);
}

/** The file that a path leads to, in every version that counts and that nobody was shown. */
function* lookAtFile({ track, view, wasShown }: Search, path: string): Generator<Omit<LookRequest, "planned">> {
  const target = view.resolve(path);
  if (target === undefined || wasShown(target)) return;
  for (const layer of view.fileVersions(target))
    if (track.layers[layer]?.files.has(target) !== true)
      yield { layer, path: target, directory: false, as: path, storeLayer: layer, storePath: target };
}

/** Wanted names that are hard links, in every version that counts. */
function* throughOtherLinks({ track, view }: Search): Generator<Omit<LookRequest, "planned">> {
  for (const { layer, link } of linksWithoutContent(track, ["hardlink", "moved"])) {
    const { kind, path } = link;
    if (!view.fileVersions(path).includes(layer)) continue;
    const source = kind === "moved" ? { layer, path: link.target } : hardLinkSource(track, view, layer, link);
    if (source !== undefined) yield { ...source, directory: false, as: path, storeLayer: layer, storePath: path };
  }
}

/** What an analyzer of several files needs beside those that it has, as it is at the end. */
function* besideKeptFiles(search: Search): Generator<Omit<LookRequest, "planned">> {
  const { track, view } = search;
  const { analyzer } = track.planned;
  if (analyzer.kind !== "tree" || analyzer.needsBeside === undefined) return;
  for (const [layer, { files }] of track.layers.entries())
    for (const { path, as = path, retained } of files.values())
      if (retained !== undefined && view.at(path)?.layer === layer)
        for (const needed of analyzer.needsBeside(as)) {
          const [request] = lookAtFile(search, needed);
          if (request !== undefined) yield request;
        }
}

/**
 * What was said of a file that is known by its first bytes is true under all of its names, also when the first one is gone: it
 * is noted under each, and nothing is read again.
 */
export async function nameSharedContent(track: Track, view: MergedView): Promise<void> {
  // One content may have any number of names: they share what is said of it.
  const withoutProblems = new Map<FileRecord, FileRecord["observations"]>();
  for (const { layer, link, files } of linksWithoutContent(track, ["content"])) {
    await workDone(bytesPerLink * track.layers.length);
    if (!view.fileVersions(link.path).includes(layer)) continue;
    const source = hardLinkSource(track, view, layer, link);
    if (source === undefined) continue;
    const record = track.layers[source.layer]?.files.get(source.path);
    if (record === undefined) continue;
    // What is wrong with a file is told once, under the name that the content came with, while that is there.
    const isThere = view.at(source.path)?.layer === source.layer;
    const quiet = withoutProblems.get(record) ?? record.observations.filter(({ kind }) => kind !== "diagnostic");
    withoutProblems.set(record, quiet);
    const observations = isThere ? quiet : record.observations;
    files.set(link.path, { ...record, path: link.path, as: record.as ?? record.path, observations });
  }
}

/** The files whose content has further names at the end, under which a track knows it by its first bytes. */
export function* contentSources(track: Track, view: MergedView): Generator<ContentPlace> {
  for (const { layer, link } of linksWithoutContent(track, ["content"])) {
    if (view.fileVersions(link.path)[0] !== layer) continue;
    const source = hardLinkSource(track, view, layer, link);
    if (source !== undefined) yield source;
  }
}

/** Links of some kinds whose content was not seen under their names. */
function* linksWithoutContent(
  { layers }: Track,
  kinds: readonly LinkRecord["kind"][],
): Generator<{ readonly layer: number; readonly link: LinkRecord; readonly files: Map<string, FileRecord> }> {
  for (const [layer, { files, links }] of layers.entries())
    for (const link of links.values())
      if (kinds.includes(link.kind) && !files.has(link.path)) yield { layer, link, files };
}

/** Where a content lies. */
interface ContentPlace {
  readonly layer: number;
  readonly path: string;
}

/** The file that a hard link shares its content with: of the same layer as a rule, else of a lower one. */
function hardLinkSource(track: Track, view: MergedView, layer: number, link: LinkRecord): ContentPlace | undefined {
  let current = { layer, target: link.target };
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
    current = { layer: found.layer, target: next.target };
  }
  return undefined;
}

function standingAt(view: MergedView, target: string, top: number): (Standing & { readonly path: string }) | undefined {
  const path = view.resolve(joinTarget("", target), top);
  if (path === undefined) return undefined;
  const standing = view.at(path, top);
  return standing === undefined ? undefined : { path, ...standing };
}
