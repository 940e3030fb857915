import { parsePurl, record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, AffectedPackage, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { fixedIn, jsonFeed } from "../shared/json-feed.ts";
import { uniteArches } from "../shared/unite-arches.ts";
import { objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const expected = shape.fields({
  statements: shape.list(
    shape.fields({
      status: shape.text,
      vulnerability: shape.either(
        shape.text,
        shape.fields({ name: shape.text, "@id": shape.text, aliases: shape.list(shape.text) }),
      ),
      products: shape.list(
        shape.either(shape.text, shape.fields({ "@id": shape.text, identifiers: shape.texts("purl") })),
      ),
    }),
  ),
});

/**
 * Ubuntu's OpenVEX documents, https://github.com/canonical/ubuntu-security-notices (`vex/cve/2024/CVE-2024-0001.json`) and
 * https://security-metadata.canonical.com/vex/: one per CVE or notice. Expected in folders named `vex` or `ubuntu-vex`.
 */
export const ubuntuVex: AdvisoryFeed = jsonFeed(
  "ubuntu-vex",
  /(?:^|\/)(?:ubuntu-)?vex\/(?:.+\/)?(?:CVE|USN)-[\d-]+\.json$/,
  expected,
  read,
);

/** Releases by the codename that package URLs have; extended ones are told by the archive before it: `esm-infra/xenial`. */
const releases: ReadonlyMap<string, string> = new Map([
  ["trusty", "14.04:LTS"],
  ["xenial", "16.04:LTS"],
  ["bionic", "18.04:LTS"],
  ["focal", "20.04:LTS"],
  ["jammy", "22.04:LTS"],
  ["lunar", "23.04"],
  ["mantic", "23.10"],
  ["noble", "24.04:LTS"],
  ["oracular", "24.10"],
  ["plucky", "25.04"],
  ["questing", "25.10"],
  ["resolute", "26.04:LTS"],
]);

/** Archives of Ubuntu Pro, as OSV names them. */
const archives: ReadonlyMap<string, string> = new Map([
  ["esm-infra", "Pro:"],
  ["esm-apps", "Pro:"],
  ["esm-infra-legacy", "Pro:"],
  ["fips", "Pro:FIPS:"],
  ["fips-updates", "Pro:FIPS-updates:"],
  ["fips-preview", "Pro:FIPS-preview:"],
  ["realtime", "Pro:Realtime:"],
]);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const document = record(value);
  const context = textField(document, "@context") ?? "";
  const statements = objectsField(document, "statements");
  if (!context.includes("openvex")) {
    yield malformed(name, "no OpenVEX document");
    return;
  }
  const notice = /([A-Z]+-[\d-]+)(?:\.json)?$/.exec(textField(document, "@id") ?? name)?.[1];
  const byId = new Map<string, JsonObject[]>();
  for (const statement of statements) {
    const cve = cveOf(statement);
    if (cve === undefined) {
      yield malformed(name, "a statement without CVE");
      continue;
    }
    const known = byId.get(cve);
    if (known === undefined) byId.set(cve, [statement]);
    else known.push(statement);
  }
  for (const [cve, stated] of byId) yield toRecord(cve, stated, document, notice);
}

/** The CVE of a statement. OpenVEX 0.2.0 has an object with a name, 0.0.1 a text. */
function cveOf(statement: JsonObject): string | undefined {
  const vulnerability = objectField(statement, "vulnerability");
  const names = [
    textField(vulnerability, "name"),
    textField(statement, "vulnerability"),
    ...textsField(vulnerability, "aliases"),
    textField(vulnerability, "@id")?.replace(/^.*\//, ""),
  ];
  return textsOf(names).find(isCve);
}

function toRecord(
  cve: string,
  statements: readonly JsonObject[],
  document: JsonObject | undefined,
  notice: string | undefined,
): FeedRecord {
  const id = `UBUNTU-${cve}`;
  const source = "ubuntu-vex";
  const affected = uniteArches(statements.flatMap((statement) => readStatement(statement, id)));
  if (affected.length === 0) return { kind: "skipped", id, reason: "no package is affected", source };
  const published = textField(document, "timestamp");
  const modified = textField(document, "last_updated") ?? textField(statements[0], "timestamp");
  const details = textField(objectField(statements[0], "vulnerability"), "description");
  const page = `https://ubuntu.com/security/${cve}`;
  return {
    kind: "advisory",
    // A CVE may be in documents of several notices.
    partial: true,
    advisory: {
      id,
      source,
      aliases: [],
      upstream: [cve],
      ...(published === undefined ? {} : { published }),
      ...(modified === undefined ? {} : { modified }),
      ...(details === undefined ? {} : { details }),
      severities: [],
      references:
        notice?.startsWith("USN-") === true ? [page, `https://ubuntu.com/security/notices/${notice}`] : [page],
      affected,
    },
  };
}

function readStatement(statement: JsonObject, advisory: string): readonly AffectedPackage[] {
  const status = textField(statement, "status");
  if (status !== "fixed" && status !== "affected" && status !== "under_investigation") return [];
  return productsOf(statement).flatMap((product) => {
    const purl = parsePurl(product);
    const namespace = namespaceOf(purl?.qualifiers?.["distro"]);
    if (purl === undefined || purl.type !== "deb" || namespace === undefined) return [];
    // Advisories are looked up by source; a fix without version fixes nothing that could be compared.
    if (purl.qualifiers?.["arch"] !== "source" || (status === "fixed" && purl.version === undefined)) return [];
    return [
      {
        advisory,
        namespace,
        name: purl.name,
        ranges: fixedIn(status === "fixed" ? purl.version : undefined),
        ...(status === "fixed" ? {} : { status }),
      },
    ];
  });
}

/** The products of a statement. OpenVEX 0.2.0 has objects with identifiers, 0.0.1 texts. */
function productsOf(statement: JsonObject): readonly string[] {
  const objects = objectsField(statement, "products").flatMap((product) => [
    textField(product, "@id"),
    textField(objectField(product, "identifiers"), "purl"),
  ]);
  return textsOf([...textsField(statement, "products"), ...objects]).filter((product) => product.startsWith("pkg:"));
}

/** The namespace of a release by its name: `Ubuntu:22.04:LTS` for `jammy`, `Ubuntu:Pro:20.04:LTS` for `esm-apps/focal`. */
function namespaceOf(distro: string | undefined): string | undefined {
  const [, archive = "", codename = ""] = /^(?:(.+)\/)?([a-z]+)$/.exec(distro ?? "") ?? [];
  const release = releases.get(codename);
  const channel = archive === "" ? "" : archives.get(archive);
  return release === undefined || channel === undefined ? undefined : `Ubuntu:${channel}${release}`;
}
