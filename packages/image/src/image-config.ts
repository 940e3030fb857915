import { field, listField, record, textField } from "@plimsoll/formats";
import type { Digest, Platform } from "@plimsoll/model";
import { parseDigest, parsePlatform, parseTexts } from "@plimsoll/registry";

/** What an image configuration says (OCI image-spec config.md), as far as it is used. */
export interface ImageConfig {
  readonly platform?: Platform;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  readonly labels: ReadonlyMap<string, string>;
}

export interface HistoryEntry {
  readonly createdBy?: string;
  /** Made no layer. */
  readonly empty: boolean;
}

/** Undefined when the document is no image configuration at all: something else that registries keep, such as a chart. */
export function parseConfig(document: unknown): ImageConfig | undefined {
  const object = record(document);
  const rootfs = record(field(object, "rootfs"));
  if (object === undefined || (rootfs === undefined && !Object.hasOwn(object, "architecture"))) return undefined;
  const platform = parsePlatform(object);
  return {
    ...(platform === undefined ? {} : { platform }),
    diffIds: listField(rootfs, "diff_ids").flatMap((value) => parseDigest(value) ?? []),
    history: listField(object, "history").map(parseHistory),
    labels: parseTexts(field(field(object, "config"), "Labels")),
  };
}

function parseHistory(value: unknown): HistoryEntry {
  const createdBy = textField(value, "created_by") ?? textField(value, "comment");
  const empty = field(value, "empty_layer") === true;
  return createdBy === undefined ? { empty } : { createdBy, empty };
}
