import { field, listField, record, textField } from "@plimsoll/formats";
import { objectsField, textsField } from "../document-fields.ts";
import type { Fields } from "../document-fields.ts";
import { readExpiry } from "../expiry.ts";
import { productOf } from "./shared/product.ts";
import type { VexDocument, VexProduct, VexStatement, VexStatus } from "./shared/statement.ts";

/** Whether a document is OpenVEX. */
export function isOpenvex(document: Fields): boolean {
  const contexts = textsField(document, "@context");
  return (
    contexts.some((context) => /^https?:\/\/openvex\.dev\/ns/.test(context)) ||
    Array.isArray(field(document, "statements"))
  );
}

/** Reads OpenVEX 0.0.1 to 0.2.0: https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md */
export function readOpenvex(document: Fields): VexDocument {
  const problems: string[] = [];
  const documentTime = readTime(document);
  const statements = objectsField(document, "statements").flatMap((statement, index): readonly VexStatement[] => {
    const read = readStatement(statement, documentTime);
    if (typeof read !== "string") return [read];
    problems.push(`statements[${index}]: ${read}`);
    return [];
  });
  return { author: textField(document, "author"), statements, problems };
}

const statuses: ReadonlyMap<string, VexStatus> = new Map(
  (["not_affected", "affected", "fixed", "under_investigation"] as const).map((status) => [status, status]),
);

function readStatement(statement: Fields, documentTime: number | undefined): VexStatement | string {
  const status = statuses.get(textField(statement, "status") ?? "");
  if (status === undefined) return "no status that OpenVEX knows";
  const ids = vulnerabilityNames(statement);
  if (ids.length === 0) return "no vulnerability";
  const why = ["justification", "impact_statement"].flatMap((name) => textField(statement, name) ?? []).join(": ");
  return {
    ids,
    status,
    why: why === "" ? undefined : why,
    at: readTime(statement) ?? documentTime,
    products: readProducts(statement),
  };
}

function readTime(fields: Fields): number | undefined {
  const expiry = readExpiry(textField(fields, "last_updated") ?? textField(fields, "timestamp"));
  return typeof expiry === "object" ? expiry.at : undefined;
}

/** Text in 0.0.1; an object with `name`, `@id` (an IRI, whose last part may be the name) and `aliases` since. */
function vulnerabilityNames(statement: Fields): readonly string[] {
  const value = field(statement, "vulnerability");
  if (typeof value === "string" && value !== "") return [value];
  const vulnerability = record(value);
  const iri = textField(vulnerability, "@id");
  const lastPart = iri?.slice(iri.lastIndexOf("/") + 1);
  return [
    ...textsField(vulnerability, "name"),
    ...(lastPart === undefined || lastPart === "" ? [] : [lastPart]),
    ...textsField(vulnerability, "aliases"),
  ];
}

function readProducts(statement: Fields): readonly VexProduct[] {
  // Before 0.2.0 subcomponents stood beside the products.
  const shared = subcomponentNames(statement);
  return listField(statement, "products").flatMap((item) => {
    const parts = [...subcomponentNames(record(item)), ...shared];
    return namesOf(item).map((name) => productOf(name, parts));
  });
}

function subcomponentNames(fields: Fields | undefined): readonly string[] {
  const items: readonly unknown[] = [field(fields, "subcomponents") ?? []].flat();
  return items.flatMap((item) => {
    const names = namesOf(item);
    // One that has a hash alone, say, is some part all the same: without any part the whole product would be meant.
    return names.length > 0 ? names : [""];
  });
}

/** The names of a product or a part of one: a text before 0.2.0, an object since. */
function namesOf(component: unknown): readonly string[] {
  if (typeof component === "string") return [component];
  const fields = record(component);
  const names = [textField(fields, "@id"), textField(record(field(fields, "identifiers")), "purl")];
  return [...new Set(names.filter((name) => name !== undefined))];
}
