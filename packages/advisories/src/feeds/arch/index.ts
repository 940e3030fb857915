import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, AffectedRange, FeedRecord, FixStatus } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { jsonFeed } from "../shared/json-feed.ts";
import { textsField } from "../shared/untrusted-json.ts";

const group = shape.fields({
  name: shape.text,
  affected: shape.text,
  fixed: shape.text,
  severity: shape.text,
  status: shape.text,
  packages: shape.list(shape.text),
  issues: shape.list(shape.text),
});
const expected = shape.either(group, shape.list(group));

/** Arch Linux' security tracker: https://security.archlinux.org/issues/all.json, or one group (`AVG-1.json`) per file. */
export const arch: AdvisoryFeed = jsonFeed("arch", /(?:^|\/)(?:arch\/[^/]+|AVG-\d+)\.json$/, expected, read);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  for (const group of Array.isArray(value) ? value : [value]) yield readGroup(group, name);
}

function readGroup(value: unknown, document: string): FeedRecord {
  const group = record(value);
  const id = textField(group, "name");
  const introduced = textField(group, "affected");
  const packages = textsField(group, "packages");
  if (group === undefined || id === undefined || introduced === undefined || packages.length === 0) {
    return malformed(document, "no group of vulnerabilities");
  }
  const state = textField(group, "status");
  if (state === "Not affected") return { kind: "skipped", id, reason: "not affected" };
  const fixed = textField(group, "fixed");
  const end: AffectedRange["end"] = fixed === undefined ? { kind: "open" } : { kind: "fixed", version: fixed };
  const rating = textField(group, "severity");
  const status: FixStatus | undefined =
    fixed !== undefined || state === "Vulnerable" ? undefined : "under_investigation";
  return {
    kind: "advisory",
    advisory: {
      id,
      source: "arch",
      aliases: [],
      upstream: textsField(group, "issues").filter(isCve),
      severities:
        rating === undefined || rating === "Unknown" ? [] : [{ system: "rating", value: rating, source: "arch" }],
      references: [`https://security.archlinux.org/${id}`],
      affected: packages.map((name) => ({
        advisory: id,
        namespace: "Arch Linux",
        name,
        ranges: [{ introduced, end }],
        ...(status === undefined ? {} : { status }),
      })),
    },
  };
}
