import { FormatError, decompress, record, textField, xmlChild, xmlChildren, xmlText } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type {
  AdvisoryFeed,
  AdvisorySeverity,
  AffectedPackage,
  CallOptions,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { commaList } from "../shared/comma-list.ts";
import { documentJson, malformed } from "../shared/document-text.ts";
import { fixedIn } from "../shared/json-feed.ts";
import { uniteArches } from "../shared/unite-arches.ts";
import { objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import { xmlElements } from "../shared/xml-elements.ts";
import { criteriaOfJson, criteriaOfXml, earlierThan } from "./criteria.ts";
import type { Criteria } from "./criteria.ts";

/**
 * Oracle Linux' errata as OVAL: https://linux.oracle.com/security/oval/, `com.oracle.elsa-all.xml.bz2` or one file per release or erratum;
 * and as JSON, one erratum per file, as https://github.com/aquasecurity/vuln-list keeps them.
 */
export const oracleOval: AdvisoryFeed = {
  id: "oracle-oval",
  accepts: (name) => xmlName.test(name) || jsonName.test(name),
  parse: (document, options = {}) =>
    jsonName.test(document.name) ? parseJson(document, options) : parseXml(document, options),
};

const xmlName = /(?:^|\/)com\.oracle\.els[^/]*\.xml(?:\.(?:gz|bz2|xz|zst))?$/;
const jsonName = /(?:^|\/)ELSA-[^/]+\.json$/;

interface Erratum {
  readonly id: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly severity?: string | undefined;
  readonly issued?: string | undefined;
  readonly platforms: readonly string[];
  readonly cves: readonly string[];
  readonly references: readonly string[];
  readonly criteria: Criteria;
}

async function* parseXml(document: FeedDocument, options: CallOptions): AsyncGenerator<FeedRecord> {
  let count = 0;
  try {
    for await (const found of xmlElements(decompress(document.content), ["definition"])) {
      options.signal?.throwIfAborted();
      count++;
      const path = `${document.name}#${count}`;
      const erratum = "element" in found ? fromXml(found.element) : undefined;
      if (erratum !== undefined) yield toRecord(erratum);
      else {
        yield malformed(path, "problem" in found ? found.problem : "no erratum");
        yield { kind: "skipped", id: path, reason: "unreadable" };
      }
    }
    if (count === 0) yield malformed(document.name, "there are no definitions in it");
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
}

function fromXml(definition: XmlElement): Erratum | undefined {
  const metadata = xmlChild(definition, "metadata");
  const advisory = xmlChild(metadata, "advisory");
  const criteria = xmlChild(definition, "criteria");
  const references = xmlChildren(metadata, "reference").map(({ attributes }) => attributes);
  const id = references.find((reference) => /^elsa$/i.test(reference.get("source") ?? ""))?.get("ref_id");
  if (id === undefined || criteria === undefined) return undefined;
  return {
    id,
    title: xmlText(metadata, "title")?.trim(),
    description: xmlText(metadata, "description")?.trim(),
    severity: xmlText(advisory, "severity"),
    issued: xmlChild(advisory, "issued")?.attributes.get("date"),
    platforms: xmlChildren(xmlChild(metadata, "affected"), "platform").map((platform) => platform.text),
    cves: textsOf(references.map((reference) => reference.get("ref_id"))).filter(isCve),
    references: textsOf(references.map((reference) => reference.get("ref_url"))),
    criteria: criteriaOfXml(criteria),
  };
}

async function* parseJson(document: FeedDocument, options: CallOptions): AsyncGenerator<FeedRecord> {
  let value: unknown;
  try {
    value = await documentJson(document, options);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
    return;
  }
  const object = record(value);
  const criteria = objectField(object, "Criteria");
  const references = objectsField(object, "References");
  const id = textField(
    references.find((reference) => /^elsa$/i.test(textField(reference, "Source") ?? "")),
    "ID",
  );
  if (object === undefined || id === undefined || criteria === undefined) {
    yield malformed(document.name, "no erratum");
    return;
  }
  yield toRecord({
    id,
    title: textField(object, "Title")?.trim(),
    description: textField(object, "Description"),
    severity: textField(object, "Severity"),
    issued: textField(objectField(object, "Issued"), "Date"),
    platforms: textsField(object, "Platform"),
    cves: textsOf(references.map((reference) => textField(reference, "ID"))).filter(isCve),
    references: textsOf(references.map((reference) => textField(reference, "URI"))),
    criteria: criteriaOfJson(criteria),
  });
}

function toRecord(erratum: Erratum): FeedRecord {
  const { id, title, description, cves, references } = erratum;
  const source = "oracle-oval";
  const affected = affectedBy(erratum);
  if (affected.length === 0) return { kind: "skipped", id, reason: "no packages of a known release", source };
  const rating = erratum.severity ?? /\((\w+)\)\s*$/.exec(title ?? "")?.[1];
  const severities: AdvisorySeverity[] =
    rating === undefined || /^n\/?a$/i.test(rating) ? [] : [{ system: "rating", value: rating, source: "oracle-oval" }];
  const published = /^\d{4}-\d\d-\d\d$/.test(erratum.issued ?? "") ? `${erratum.issued}T00:00:00Z` : undefined;
  return {
    kind: "advisory",
    advisory: {
      id,
      source,
      aliases: [],
      upstream: cves,
      ...(published === undefined ? {} : { published }),
      ...(title === undefined ? {} : { summary: title }),
      ...(description === undefined ? {} : { details: description }),
      severities,
      references,
      affected,
    },
  };
}

/** The release is that of the conditions around a package; of errata for one release alone, the platform's. */
function affectedBy({ id, platforms, criteria }: Erratum): readonly AffectedPackage[] {
  const named = platforms.flatMap((platform) => /^Oracle Linux (\d+)$/.exec(platform.trim())?.[1] ?? []);
  const found = [...earlierThan(criteria)].flatMap(({ name, version, release, arch, module }) => {
    const releases = release === undefined ? named : [release];
    const qualifiers = {
      ...(arch === undefined ? {} : { arch: [arch] }),
      ...(module === undefined ? {} : { modules: commaList(module) }),
    };
    return releases.map((each) => ({
      advisory: id,
      namespace: `Oracle Linux:${each}`,
      name,
      ranges: fixedIn(version),
      ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    }));
  });
  return uniteArches(found);
}
