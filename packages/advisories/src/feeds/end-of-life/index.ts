import { field, record, shape, textField } from "@plimsoll/formats";
import type { AdvisoryFeed, FeedRecord } from "@plimsoll/model";
import { distributions } from "./products.ts";
import { malformed } from "../shared/document-text.ts";
import { jsonFeed } from "../shared/json-feed.ts";
import { objectField, objectsField } from "../shared/untrusted-json.ts";

const cycle = shape.fields({
  cycle: shape.text,
  name: shape.text,
  extendedSupport: shape.scalar,
  eol: shape.scalar,
  eolFrom: shape.scalar,
});
const expected = shape.either(
  shape.list(cycle),
  shape.fields({ result: shape.fields({ releases: shape.list(cycle) }) }),
);

/**
 * When releases of distributions end, as https://endoflife.date publishes them (MIT licence): one product per file, its API's first version
 * (`api/debian.json`, a list of cycles) or second (`api/v1/products/debian`). Kept as `endoflife/debian.json`.
 * A release is an entry of the namespace `End of life` under the distribution's os-release id, its date in the qualifier `endOfLife`.
 */
export const endOfLife: AdvisoryFeed = jsonFeed(
  "end-of-life",
  /(?:^|\/)(?:endoflife(?:\.date)?|end-of-life)\/(?:.+\/)?[a-z0-9-]+(?:\.json)?$/,
  expected,
  read,
);

/** Distributions whose extended support is for everybody, so that their releases end with it. */
const longTerm: ReadonlySet<string> = new Set(["debian"]);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const product = /([a-z0-9-]+)(?:\.json)?$/.exec(name)?.[1] ?? "";
  const distribution = distributions.get(product);
  if (distribution === undefined) {
    yield { kind: "skipped", id: product, reason: "no distribution that images are made of" };
    return;
  }
  const cycles = Array.isArray(value)
    ? value.map(record)
    : objectsField(objectField(record(value), "result"), "releases");
  if (cycles.length === 0) yield malformed(name, "no list of releases");
  for (const cycle of cycles) {
    const release = textField(cycle, "cycle") ?? textField(cycle, "name");
    if (cycle === undefined || release === undefined) {
      yield malformed(name, "a release without name");
      continue;
    }
    // `true` says that it has ended, and `false` that no date is known: neither is one.
    const dates = ["extendedSupport", "eol", "eolFrom"].map((each) => field(cycle, each));
    const extended = longTerm.has(distribution) ? textField(cycle, "extendedSupport") : undefined;
    const support = extended ?? textField(cycle, "eol") ?? textField(cycle, "eolFrom");
    const id = `EOL-${distribution}-${release}`;
    if (support === undefined || !/^\d{4}-\d\d-\d\d$/.test(support)) {
      yield {
        kind: "skipped",
        id,
        reason: dates.some((date) => date === true) ? "ended, no date is known" : "no end is announced",
      };
      continue;
    }
    yield {
      kind: "advisory",
      advisory: {
        id,
        source: "end-of-life",
        aliases: [],
        severities: [],
        references: [`https://endoflife.date/${product}`],
        affected: [
          {
            advisory: id,
            namespace: "End of life",
            name: distribution,
            ranges: [],
            versions: [release],
            qualifiers: { endOfLife: support },
          },
        ],
      },
    };
  }
}
