import { field, listField, record, textField } from "@plimsoll/formats";
import type { Digest, Platform } from "@plimsoll/model";
import { parseDigest, parsePlatform, parseTexts } from "@plimsoll/registry";

/** What an image configuration says (OCI image-spec config.md), as far as it is used. */
export interface ImageConfig {
  readonly platform?: Platform;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  readonly labels: ReadonlyMap<string, string>;
  readonly user: string;
  readonly environment: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** One entry of the history of an image configuration. */
export interface HistoryEntry {
  readonly createdBy?: string;
  /** The step made no layer. */
  readonly empty: boolean;
}

/** Reads an image configuration. Undefined when the document is none, but something else that registries keep, such as a chart. */
export function parseConfig(document: unknown): ImageConfig | undefined {
  const object = record(document);
  const rootfs = record(field(object, "rootfs"));
  if (object === undefined || (rootfs === undefined && !Object.hasOwn(object, "architecture"))) return undefined;
  const platform = parsePlatform(object);
  const run = field(object, "config");
  return {
    ...(platform === undefined ? {} : { platform }),
    diffIds: listField(rootfs, "diff_ids").flatMap((value) => parseDigest(value) ?? []),
    history: listField(object, "history").map(parseHistory),
    labels: parseTexts(field(run, "Labels")),
    user: textField(run, "User") ?? "",
    environment: textList(run, "Env"),
    entrypoint: textList(run, "Entrypoint"),
    command: textList(run, "Cmd"),
    healthcheck: textList(field(run, "Healthcheck"), "Test"),
  };
}

/** A member that is a list of texts. Older configurations have one text in its place. */
function textList(object: unknown, name: string): readonly string[] {
  const text = textField(object, name);
  if (text !== undefined) return [text];
  return listField(object, name).filter((value): value is string => typeof value === "string");
}

function parseHistory(value: unknown): HistoryEntry {
  const createdBy = textField(value, "created_by") ?? textField(value, "comment");
  const empty = field(value, "empty_layer") === true;
  return createdBy === undefined ? { empty } : { createdBy, empty };
}
