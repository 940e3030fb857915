import { FormatError } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import type {
  AdvisoryFeed,
  AffectedPackage,
  AffectedRange,
  CallOptions,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { documentJson, malformed } from "./document-text.ts";
import { tellWrongParts } from "./wrong-parts.ts";

/**
 * A feed whose documents are JSON and are read as a whole. Parts that do not have the shape `expected` are reported as diagnostics, and
 * `read` must not throw for them.
 */
export function jsonFeed(
  id: string,
  documents: RegExp,
  expected: DocumentShape,
  read: (value: unknown, name: string) => Iterable<FeedRecord>,
): AdvisoryFeed {
  async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
    let value: unknown;
    try {
      value = await documentJson(document, options);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformed(document.name, error);
      return;
    }
    yield* tellWrongParts(document.name, value, expected);
    for (const record of read(value, document.name)) {
      options.signal?.throwIfAborted();
      yield record;
    }
  }
  return { id, accepts: (name) => documents.test(name), parse };
}

/** The range from the first version to the one with the fix; without a fix, to the end of time. */
export function fixedIn(version: string | undefined): readonly AffectedRange[] {
  return [{ introduced: "0", end: version === undefined ? { kind: "open" } : { kind: "fixed", version } }];
}

/** A record that states something about some CVEs, without texts. */
export function statement(
  source: string,
  id: string,
  upstream: readonly string[],
  affected: readonly Omit<AffectedPackage, "advisory">[],
  references: readonly string[] = [],
): FeedRecord {
  return {
    kind: "advisory",
    partial: true,
    advisory: {
      id,
      source,
      aliases: [],
      upstream,
      severities: [],
      references,
      affected: affected.map((entry) => ({ advisory: id, ...entry })),
    },
  };
}
