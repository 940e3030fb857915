import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, AdvisorySeverity, AffectedPackage, FeedRecord, FixStatus } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { fixedIn, jsonFeed, statement } from "../shared/json-feed.ts";
import { objectField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const expected = shape.entries(
  shape.entries(
    shape.fields({ releases: shape.entries(shape.texts("status", "urgency", "fixed_version", "nodsa_reason")) }),
  ),
);

/** Debian's security tracker: https://security-tracker.debian.org/tracker/data/json, kept as `debian-tracker/data.json`. */
export const debianTracker: AdvisoryFeed = jsonFeed(
  "debian-tracker",
  /(?:^|\/)debian-tracker\/[^/]+\.json$/,
  expected,
  read,
);

const releases: ReadonlyMap<string, string> = new Map([
  ["wheezy", "7"],
  ["jessie", "8"],
  ["stretch", "9"],
  ["buster", "10"],
  ["bullseye", "11"],
  ["bookworm", "12"],
  ["trixie", "13"],
  ["forky", "14"],
]);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const packages = record(value);
  if (packages === undefined) {
    yield malformed(name, "no object of packages");
    return;
  }
  for (const pkg of Object.keys(packages)) {
    const problems = objectField(packages, pkg);
    if (problems === undefined) {
      yield malformed(`${name}#${pkg}`, "no object of problems");
      continue;
    }
    for (const id of Object.keys(problems)) yield readProblem(pkg, id, objectField(problems, id));
  }
}

function readProblem(pkg: string, id: string, problem: JsonObject | undefined): FeedRecord {
  const source = "debian-tracker";
  if (problem === undefined) return { kind: "skipped", id, reason: "unreadable", source };
  const perRelease = objectField(problem, "releases") ?? {};
  const affected = Object.keys(perRelease).flatMap((codename) => {
    const release = releases.get(codename);
    const state = objectField(perRelease, codename);
    return release === undefined || state === undefined ? [] : (readRelease(pkg, release, state) ?? []);
  });
  if (affected.length === 0) return { kind: "skipped", id, reason: "no supported release is affected", source };
  // Problems without a CVE have temporary names of the tracker's own.
  const upstream = isCve(id) ? [id] : [];
  const page = `https://security-tracker.debian.org/tracker/${id}`;
  return statement(source, isCve(id) ? `DEBIAN-${id}` : id, upstream, affected, [page]);
}

function readRelease(pkg: string, release: string, state: JsonObject): Omit<AffectedPackage, "advisory"> | undefined {
  const fixed = textField(state, "fixed_version");
  // "0": this release never had the flaw.
  if (fixed === "0") return undefined;
  const urgency = textField(state, "urgency");
  const rating = urgency?.replace(/(?<!\*)\*+$/, "");
  const severities: AdvisorySeverity[] =
    rating === undefined || unrated.has(rating) ? [] : [{ system: "rating", value: rating, source: "debian" }];
  const status = fixed === undefined ? statusOf(state, urgency) : undefined;
  return {
    namespace: `Debian:${release}`,
    name: pkg,
    ranges: fixedIn(fixed),
    ...(severities.length === 0 ? {} : { severities }),
    ...(status === undefined ? {} : { status }),
    ...(urgency === undefined ? {} : { qualifiers: { urgency } }),
  };
}

const unrated: ReadonlySet<string> = new Set(["not yet assigned", "end-of-life", "undetermined"]);

function statusOf(state: JsonObject, urgency: string | undefined): FixStatus {
  if (urgency === "end-of-life") return "end_of_life";
  if (textField(state, "status") === "undetermined") return "under_investigation";
  const reason = textField(state, "nodsa_reason");
  if (reason === "ignored") return "will_not_fix";
  return reason === "postponed" ? "fix_deferred" : "affected";
}
