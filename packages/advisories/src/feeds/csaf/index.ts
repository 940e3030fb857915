import { record, shape, textField } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { Advisory, AdvisoryFeed, AdvisorySeverity, AffectedPackage, FeedRecord, FixStatus } from "@plimsoll/model";
import { commaList } from "../shared/comma-list.ts";
import { cweIds, severityOfVector } from "../shared/cvss-systems.ts";
import { malformed } from "../shared/document-text.ts";
import { jsonFeed } from "../shared/json-feed.ts";
import { ofPlainBuild } from "../shared/plain-build.ts";
import { uniteArches } from "../shared/unite-arches.ts";
import { objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import { namespaceOf } from "./namespaces.ts";
import { packageOf, readProducts } from "./product-tree.ts";
import type { Product } from "./product-tree.ts";

const product = shape.fields({
  product_id: shape.text,
  name: shape.text,
  product_identification_helper: shape.texts("cpe", "purl"),
});
const branches: DocumentShape = {
  kind: "list",
  of: {
    kind: "fields",
    fields: {
      product,
      get branches() {
        return branches;
      },
    },
  },
};
const ids = shape.list(shape.text);
const vector = shape.texts("vectorString");
const notes = shape.list(shape.texts("category", "text"));
const references = shape.list(shape.texts("url"));
const expected = shape.fields({
  document: shape.fields({
    title: shape.text,
    tracking: shape.texts("id", "status", "initial_release_date", "current_release_date"),
    publisher: shape.texts("namespace"),
    aggregate_severity: shape.texts("text"),
    notes,
    references,
  }),
  product_tree: shape.fields({
    branches,
    full_product_names: shape.list(product),
    relationships: shape.list(
      shape.fields({
        product_reference: shape.text,
        relates_to_product_reference: shape.text,
        full_product_name: product,
      }),
    ),
  }),
  vulnerabilities: shape.list(
    shape.fields({
      cve: shape.text,
      title: shape.text,
      cwe: shape.texts("id"),
      notes,
      references,
      product_status: shape.entries(ids),
      remediations: shape.list(shape.fields({ category: shape.text, details: shape.text, product_ids: ids })),
      threats: shape.list(shape.fields({ category: shape.text, details: shape.text, product_ids: ids })),
      scores: shape.list(shape.fields({ cvss_v4: vector, cvss_v3: vector, cvss_v2: vector })),
    }),
  ),
});

/**
 * CSAF 2.0 documents (https://docs.oasis-open.org/csaf/csaf/v2.0/), VEX as well as errata, of Red Hat
 * (https://security.access.redhat.com/data/csaf/v2/) and SUSE (https://ftp.suse.com/pub/projects/security/csaf/). One document per file, in
 * folders named `csaf…` or under the names that both publishers give: `cve-2024-0001.json`, `rhsa-2024_0001.json`, `suse-su-2024_0001-1.json`.
 */
export const csaf: AdvisoryFeed = jsonFeed(
  "csaf",
  /(?:^|\/)(?:csaf[^/]*\/(?:.+\/)?[^/]+|cve-\d{4}-\d+|rh[sbe]a-\d{4}_\d+|(?:open)?suse-[a-z]u-\d{4}[_-]\d+-\d+)\.json$/,
  expected,
  read,
);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const document = record(value);
  const header = objectField(document, "document");
  const tracking = objectField(header, "tracking");
  const id = textField(tracking, "id");
  if (document === undefined || id === undefined) {
    yield malformed(name, "no CSAF document");
    return;
  }
  const publisher = publisherOf(textField(objectField(header, "publisher"), "namespace") ?? "");
  const source = `csaf/${publisher}`;
  if (/^(?:withdrawn|interim-withdrawn)$/i.test(textField(tracking, "status") ?? "")) {
    yield { kind: "skipped", id, reason: "withdrawn", source };
    return;
  }
  const vulnerabilities = objectsField(document, "vulnerabilities");
  if (vulnerabilities.length === 0) {
    yield { kind: "skipped", id, reason: "names no vulnerability", source };
    return;
  }
  const products = readProducts(document);
  const advisory = isCve(id) ? `${publisher.toUpperCase()}-${id}` : id;
  const stated = vulnerabilities.flatMap((each) => readStatements(each, products, advisory, publisher));
  const affected = uniteArches(withoutOvertaken(stated)).map((each) =>
    each.namespace.startsWith("Red Hat:") ? ofPlainBuild(each) : each,
  );
  if (affected.length === 0) {
    yield { kind: "skipped", id, reason: "no affected packages of a distribution", source };
    return;
  }
  const cves = textsOf(vulnerabilities.map((each) => textField(each, "cve"))).filter(isCve);
  const [first] = vulnerabilities;
  const published = textField(tracking, "initial_release_date");
  const modified = textField(tracking, "current_release_date");
  const summary = textField(header, "title") ?? textField(first, "title");
  const details = noteOf(first, "description") ?? noteOf(header, "general") ?? noteOf(header, "summary");
  const cwes = cweIds(vulnerabilities.map((each) => textField(objectField(each, "cwe"), "id")));
  const references = [
    ...objectsField(header, "references"),
    ...vulnerabilities.flatMap((each) => objectsField(each, "references")),
  ];
  const rating = textField(objectField(header, "aggregate_severity"), "text");
  const result: Advisory = {
    id: advisory,
    source,
    aliases: [],
    upstream: cves,
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    severities: [...(vulnerabilities.length === 1 ? vectorsOf(first, publisher) : []), ...ratings(rating, publisher)],
    ...(cwes.length === 0 ? {} : { cwes }),
    references: textsOf(references.map((reference) => textField(reference, "url"))),
    affected,
  };
  yield { kind: "advisory", advisory: result };
}

/** The name of the source that a publisher's ratings get, as in other feeds. */
function publisherOf(namespace: string): string {
  if (/redhat\.com/.test(namespace)) return "redhat";
  if (/suse\.com/.test(namespace)) return "suse";
  return /\/\/(?:www\.)?([a-z0-9-]+)\./.exec(namespace)?.[1] ?? "csaf";
}

function noteOf(object: JsonObject | undefined, category: string): string | undefined {
  return textField(
    objectsField(object, "notes").find((note) => textField(note, "category") === category),
    "text",
  );
}

function vectorsOf(vulnerability: JsonObject | undefined, publisher: string): AdvisorySeverity[] {
  const found = objectsField(vulnerability, "scores").flatMap((score) =>
    ["cvss_v4", "cvss_v3", "cvss_v2"].flatMap(
      (name) => severityOfVector(textField(objectField(score, name), "vectorString"), publisher) ?? [],
    ),
  );
  return [...new Map(found.map((each) => [each.value, each])).values()];
}

function ratings(word: string | undefined, publisher: string): AdvisorySeverity[] {
  return word === undefined || /^none$/i.test(word) ? [] : [{ system: "rating", value: word, source: publisher }];
}

/** The lists of product ids, by what they say. `recommended` is how SUSE names the version to update to. CSAF 2.0 §3.2.3.9. */
const fixedLists = ["fixed", "first_fixed", "recommended"] as const;

function readStatements(
  vulnerability: JsonObject,
  products: ReadonlyMap<string, Product>,
  advisory: string,
  publisher: string,
): readonly AffectedPackage[] {
  const status = objectField(vulnerability, "product_status");
  const remedies = remediesOf(vulnerability);
  const impacts = impactsOf(vulnerability, publisher);
  const state = (list: string, whatIf: (id: string) => FixStatus | undefined): AffectedPackage[] =>
    textsField(status, list).flatMap((id) => {
      const pkg = packageOf(id, products);
      const namespace = pkg === undefined ? undefined : namespaceOf(pkg.product);
      if (pkg === undefined || namespace === undefined) return [];
      const isFix = fixedLists.some((each) => each === list);
      // Sources are listed beside what is built from them, and are not what is installed.
      if (isFix && (pkg.version === undefined || pkg.arch === "src")) return [];
      const unfixed = isFix ? undefined : whatIf(id);
      const severities = impacts.get(id) ?? impacts.get("") ?? [];
      const arch = isFix && pkg.arch !== undefined ? { arch: [pkg.arch] } : {};
      const qualifiers = { ...arch, ...(pkg.module === undefined ? {} : { modules: commaList(pkg.module) }) };
      return [
        {
          advisory,
          namespace,
          name: pkg.name,
          ranges: [
            {
              introduced: "0",
              end: isFix && pkg.version !== undefined ? { kind: "fixed", version: pkg.version } : { kind: "open" },
            },
          ],
          ...(severities.length === 0 ? {} : { severities }),
          ...(unfixed === undefined ? {} : { status: unfixed }),
          ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
        },
      ];
    });
  return [
    ...fixedLists.flatMap((list) => state(list, () => undefined)),
    ...["known_affected", "first_affected", "last_affected"].flatMap((list) =>
      state(list, (id) => remedies.get(id) ?? "affected"),
    ),
    ...state("under_investigation", () => "under_investigation"),
  ];
}

/** What is said of products without a fix, by product id. */
function remediesOf(vulnerability: JsonObject): ReadonlyMap<string, FixStatus> {
  const remedies = new Map<string, FixStatus>();
  for (const remediation of objectsField(vulnerability, "remediations")) {
    const status = statusOf(textField(remediation, "category") ?? "", textField(remediation, "details") ?? "");
    if (status !== undefined) for (const id of textsField(remediation, "product_ids")) remedies.set(id, status);
  }
  return remedies;
}

/** The categories of CSAF 2.0 §3.2.3.12.1, which Red Hat tells apart further in words. */
function statusOf(category: string, details: string): FixStatus | undefined {
  if (category !== "no_fix_planned" && category !== "none_available") return undefined;
  if (/out of support/i.test(details)) return "end_of_life";
  if (/deferred/i.test(details)) return "fix_deferred";
  if (/under investigation/i.test(details)) return "under_investigation";
  return category === "no_fix_planned" || /will not fix/i.test(details) ? "will_not_fix" : "affected";
}

/** Ratings in words by product id; under the empty one, what holds for all. */
function impactsOf(vulnerability: JsonObject, publisher: string): ReadonlyMap<string, readonly AdvisorySeverity[]> {
  const impacts = new Map<string, readonly AdvisorySeverity[]>();
  for (const threat of objectsField(vulnerability, "threats")) {
    if (textField(threat, "category") !== "impact") continue;
    const rating = ratings(textField(threat, "details"), publisher);
    const ids = textsField(threat, "product_ids");
    for (const id of ids.length === 0 ? [""] : ids) impacts.set(id, rating);
  }
  return impacts;
}

/** A package stays listed as affected beside the version that fixed it; the fix is the later word. */
function withoutOvertaken(stated: readonly AffectedPackage[]): readonly AffectedPackage[] {
  const keyOf = ({ namespace, name, qualifiers }: AffectedPackage): string =>
    JSON.stringify([namespace, name, qualifiers?.modules]);
  const fixed = new Set(stated.filter(({ ranges }) => ranges[0]?.end.kind === "fixed").map(keyOf));
  return stated.filter((each) => each.ranges[0]?.end.kind === "fixed" || !fixed.has(keyOf(each)));
}
