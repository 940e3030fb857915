import { parseYamlDocuments } from "@plimsoll/formats";
import type { LocatedDocument } from "@plimsoll/formats";
import { compareText, checkOptions, optionIs } from "@plimsoll/model";
import { parseImageName } from "./image-name.ts";

/** Options of {@link resolveTags}. */
export interface ResolveTagsOptions {
  /** `sha256:…` of an image, or the whole reference to write instead; undefined where there is none. Typically asks a registry. */
  readonly digestOf: (image: string) => string | undefined | Promise<string | undefined>;
}

/** A manifest with pinned images, and the images that could not be pinned. */
export interface ResolvedTags {
  /** The text; bytes outside of replaced images are unchanged. */
  readonly text: string;
  readonly resolved: readonly { readonly image: string; readonly pinned: string; readonly line: number }[];
  /** Images that were not replaced and invalid documents, each with its line (from 1) and the reason. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

/** An image in a text. */
interface ImagePlace {
  readonly image: string;
  readonly start: number;
  readonly line: number;
}

/** The images without a digest under any key `image` of a YAML stream; each once, sorted. */
export function taggedImages(text: string): readonly string[] {
  const { places } = findImages(text);
  return [...new Set(places.map(({ image }) => image))].sort(compareText);
}

/**
 * Replaces images that only have a tag by ones with a digest, under any key `image` of a YAML stream, and keeps all other bytes. Each image is
 * resolved once. An invalid document does not affect the others.
 */
export async function resolveTags(text: string, options: ResolveTagsOptions): Promise<ResolvedTags> {
  checkOptions("resolveTags", options, { digestOf: optionIs.call });
  const { places, problems } = findImages(text);
  const answers = new Map<string, string | undefined>();
  const resolved: { image: string; pinned: string; line: number }[] = [];
  const pieces: string[] = [];
  let at = 0;
  for (const { image, start, line } of places) {
    if (!answers.has(image)) answers.set(image, pinnedName(image, await options.digestOf(image)));
    const pinned = answers.get(image);
    if (pinned === undefined) {
      problems.push({ line, message: `${image} has no digest that could be found` });
      continue;
    }
    pieces.push(text.slice(at, start), pinned);
    at = start + image.length;
    resolved.push({ image, pinned, line });
  }
  problems.sort((first, second) => first.line - second.line);
  return { text: pieces.join("") + text.slice(at), resolved, problems };
}

function pinnedName(image: string, answer: string | undefined): string | undefined {
  if (answer === undefined || answer === "" || /\s/.test(answer)) return undefined;
  if (!/^[a-z0-9]+:[0-9a-f]{32,}$/.test(answer)) return answer;
  return `${parseImageName(image)?.repository ?? image}@${answer}`;
}

function findImages(text: string): {
  readonly places: readonly ImagePlace[];
  readonly problems: { line: number; message: string }[];
} {
  const { documents, problems: broken } = parseYamlDocuments(text);
  const problems = broken.map(({ line, message }) => ({ line, message: `the document cannot be read: ${message}` }));
  const places = new Map<number, ImagePlace>();
  for (const document of documents) {
    for (const { image, path } of imagesUnder(document)) {
      const span = document.spanOf(path);
      const line = document.rangeOf(path)?.line ?? 1;
      const offset = span === undefined ? -1 : text.slice(span.start, span.end).indexOf(image);
      if (span !== undefined && offset !== -1) places.set(span.start, { image, start: span.start + offset, line });
      else problems.push({ line, message: `${image} is written in a way that cannot be replaced` });
    }
  }
  return { places: [...places.values()].sort((first, second) => first.start - second.start), problems };
}

function imagesUnder(
  document: LocatedDocument,
): readonly { readonly image: string; readonly path: readonly (string | number)[] }[] {
  const found: { image: string; path: readonly (string | number)[] }[] = [];
  // Aliases share values: each container is walked once, which is where it is written first.
  const seen = new Set<object>();
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
      ? value.map((item: unknown, index) => [index, item] as const)
      : Object.entries(value);
    for (const [key, member] of members) {
      if (key === "image" && typeof member === "string") {
        if (member !== "" && !member.includes("@")) found.push({ image: member, path: [...path, key] });
      } else walk(member, [...path, key]);
    }
  };
  walk(document.value, []);
  return found;
}
