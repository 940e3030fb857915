import { field, parsePurl, record, textField } from "@plimsoll/formats";
import { objectsField, textsField } from "../document-fields.ts";
import type { Fields } from "../document-fields.ts";
import { cpeFits } from "./shared/cpe.ts";
import { productOf } from "./shared/product.ts";
import type { VexDocument, VexProduct, VexStatement, VexStatus } from "./shared/statement.ts";

/** Whether a document is CSAF. */
export function isCsaf(document: Fields): boolean {
  return textField(record(field(document, "document")), "csaf_version") !== undefined;
}

/**
 * Reads CSAF 2.0 VEX: https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html, product tree §3.2.2, product status §3.2.3.9. Of 2.1, also
 * the lists of package URLs that a product has there.
 */
export function readCsaf(document: Fields): VexDocument {
  const head = record(field(document, "document"));
  const products = readProductTree(record(field(document, "product_tree")));
  const problems: string[] = [];
  const statements = objectsField(document, "vulnerabilities").flatMap((vulnerability, index) => {
    const ids = [
      ...textsField(vulnerability, "cve"),
      ...objectsField(vulnerability, "ids").flatMap((id) => textField(id, "text") ?? []),
    ];
    if (ids.length > 0) return readStatuses(vulnerability, ids, products);
    problems.push(`vulnerabilities[${index}]: no id`);
    return [];
  });
  return { author: textField(record(field(head, "publisher")), "name"), statements, problems };
}

const statuses: readonly (readonly [list: string, status: VexStatus])[] = [
  ["known_not_affected", "not_affected"],
  ["fixed", "fixed"],
  ["first_fixed", "fixed"],
  ["known_affected", "affected"],
  ["first_affected", "affected"],
  ["last_affected", "affected"],
  ["under_investigation", "under_investigation"],
];

function readStatuses(
  vulnerability: Fields,
  ids: readonly string[],
  products: ReadonlyMap<string, VexProduct>,
): readonly VexStatement[] {
  const stated = record(field(vulnerability, "product_status"));
  const reasons = reasonsByProduct(vulnerability);
  return statuses.flatMap(([list, status]) =>
    textsField(stated, list).flatMap((id): readonly VexStatement[] => {
      const product = products.get(id);
      return product === undefined ? [] : [{ ids, status, products: [product], why: reasons.get(id) }];
    }),
  );
}

/** The justification (a flag) and the impact (a threat) stated for each product. */
function reasonsByProduct(vulnerability: Fields): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  const say = (entries: readonly Fields[], wordOf: (entry: Fields) => string | undefined): void => {
    for (const entry of entries) {
      const word = wordOf(entry);
      for (const id of textsField(entry, "product_ids")) {
        const before = reasons.get(id);
        if (word !== undefined) reasons.set(id, before === undefined ? word : `${before}: ${word}`);
      }
    }
  };
  say(objectsField(vulnerability, "flags"), (flag) => textField(flag, "label"));
  say(objectsField(vulnerability, "threats"), (threat) =>
    textField(threat, "category") === "impact" ? textField(threat, "details") : undefined,
  );
  return reasons;
}

interface Identified {
  /** One in 2.0, a list in 2.1: any of them names the product. */
  readonly purls: readonly string[];
  readonly cpe: string | undefined;
  readonly name: string | undefined;
}

function readProductTree(tree: Fields | undefined): ReadonlyMap<string, VexProduct> {
  const identified = new Map<string, Identified>();
  const add = (product: Fields | undefined): void => {
    const id = textField(product, "product_id");
    const helper = record(field(product, "product_identification_helper"));
    if (id === undefined) return;
    identified.set(id, {
      purls: [...textsField(helper, "purl"), ...textsField(helper, "purls")],
      cpe: textField(helper, "cpe"),
      name: textField(product, "name"),
    });
  };
  objectsField(tree, "full_product_names").forEach(add);
  // Branches hold branches; a list that grows while it is walked needs no recursion.
  const branches = [...objectsField(tree, "branches")];
  for (const branch of branches) {
    add(record(field(branch, "product")));
    for (const inner of objectsField(branch, "branches")) branches.push(inner);
  }
  const products = new Map([...identified].map(([id, product]) => [id, simpleProduct(product)]));
  for (const relationship of objectsField(tree, "relationships")) {
    const id = textField(record(field(relationship, "full_product_name")), "product_id");
    const part = identified.get(textField(relationship, "product_reference") ?? "");
    const whole = identified.get(textField(relationship, "relates_to_product_reference") ?? "");
    if (id !== undefined && part !== undefined && whole !== undefined) products.set(id, partOfProduct(part, whole));
  }
  return products;
}

const nothing: VexProduct = { covers: () => false };

function simpleProduct({ purls, name }: Identified): VexProduct {
  if (purls.length > 0) return anyOf(purls.map((purl) => productOf(purl)));
  // Without an identifier only an image can be meant, by its name.
  return name === undefined ? nothing : productOf(name);
}

/** A component as part of a product: of an image or package by purl, or of a platform by CPE. */
function partOfProduct(part: Identified, whole: Identified): VexProduct {
  if (part.purls.length === 0) return nothing;
  if (whole.purls.length > 0) return anyOf(whole.purls.map((purl) => productOf(purl, part.purls)));
  return anyOf(part.purls.map((purl) => partOfPlatform(purl, whole.cpe)));
}

function partOfPlatform(purl: string, cpe: string | undefined): VexProduct {
  const component = productOf(purl);
  // Where the platform cannot be compared, a version tells releases apart well enough; a bare name does not.
  const isVersioned = parsePurl(purl)?.version !== undefined;
  return {
    covers: (finding, run) =>
      component.covers(finding, run) && (cpeFits(cpe, run.artifact?.distro?.cpeName) ?? isVersioned),
  };
}

function anyOf(products: readonly VexProduct[]): VexProduct {
  return { covers: (finding, run) => products.some((product) => product.covers(finding, run)) };
}
