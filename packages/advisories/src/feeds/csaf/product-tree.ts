import { parsePurl, record, textField } from "@plimsoll/formats";
import { objectField, objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** What a product id of a document stands for. */
export interface Product {
  readonly name: string;
  readonly cpe?: string;
  readonly purl?: string;
  /** Ids of the parts of `A:B`: the component, and what it is a component of. */
  readonly component?: string;
  readonly container?: string;
}

/** The most levels of branches that are read. Real product trees have a few. */
const maxDepth = 16;

/** All products of a document by id: those of the branches, and the pairs that relationships make of them. CSAF 2.0 §3.2.2. */
export function readProducts(document: JsonObject): ReadonlyMap<string, Product> {
  const tree = objectField(document, "product_tree");
  const products = new Map<string, Product>();
  for (const branch of objectsField(tree, "branches")) readBranch(branch, products, 0);
  for (const product of objectsField(tree, "full_product_names")) addProduct(product, products, {});
  for (const relationship of objectsField(tree, "relationships")) {
    const component = textField(relationship, "product_reference");
    const container = textField(relationship, "relates_to_product_reference");
    addProduct(objectField(relationship, "full_product_name"), products, {
      ...(component === undefined ? {} : { component }),
      ...(container === undefined ? {} : { container }),
    });
  }
  return products;
}

function readBranch(branch: JsonObject, products: Map<string, Product>, depth: number): void {
  if (depth > maxDepth) return;
  addProduct(objectField(branch, "product"), products, {});
  for (const inner of objectsField(branch, "branches")) readBranch(inner, products, depth + 1);
}

function addProduct(
  product: JsonObject | undefined,
  products: Map<string, Product>,
  parts: Pick<Product, "component" | "container">,
): void {
  const id = textField(product, "product_id");
  if (id === undefined) return;
  const helper = record(objectField(product, "product_identification_helper"));
  const cpe = textField(helper, "cpe");
  const purl = textField(helper, "purl");
  products.set(id, {
    name: textField(product, "name") ?? id,
    ...(cpe === undefined ? {} : { cpe }),
    ...(purl === undefined ? {} : { purl }),
    ...parts,
  });
}

/** A package within a product. */
export interface ProductPackage {
  /** The product that has the package: a release of a distribution. */
  readonly product: Product;
  readonly name: string;
  /** `epoch:version-release`; absent where the document is about every version of the package. */
  readonly version?: string;
  readonly arch?: string;
  /** Stream of the module that the package is of: `nodejs:18`. */
  readonly module?: string;
}

/** Takes a product id apart into a package and what it belongs to; undefined when it is no package of a product. */
export function packageOf(id: string, products: ReadonlyMap<string, Product>): ProductPackage | undefined {
  let component: Product | undefined;
  let module: string | undefined;
  let at = products.get(id);
  // A package may be a component of a module, which is a component of the product.
  for (let step = 0; at?.container !== undefined && step < 4; step++) {
    const part = products.get(at.component ?? "") ?? { name: at.component ?? "" };
    const whole = products.get(at.container);
    if (component === undefined) component = part;
    else module ??= moduleOf(part);
    module ??= moduleOf(whole);
    at = whole;
  }
  if (component === undefined || at === undefined) return undefined;
  const identity = identityOf(component);
  return identity === undefined ? undefined : { product: at, ...identity, ...(module === undefined ? {} : { module }) };
}

/** The stream of a module by its package URL: `nodejs:18` of `pkg:rpmmod/redhat/nodejs@18:8080020230718191535:63b34585`. */
function moduleOf(product: Product | undefined): string | undefined {
  const purl = product?.purl?.startsWith("pkg:rpmmod/") === true ? parsePurl(product.purl) : undefined;
  const stream = purl?.version?.split(":")[0];
  return purl === undefined || stream === undefined ? undefined : `${purl.name}:${stream}`;
}

/** From the package URL; else from the name, `bash-4.4.19-10.el8.x86_64`, or a bare one. */
function identityOf({ name, purl }: Product): Omit<ProductPackage, "product"> | undefined {
  // Without a version, packages of modules are named by both: `nodejs:18/npm`.
  const [, stream, ofModule] = /^([\w.+-]+:[\w.+-]+)\/([\w.+-]+)$/.exec(name) ?? [];
  if (stream !== undefined && ofModule !== undefined) return { name: ofModule, module: stream };
  const parsed = purl === undefined ? undefined : parsePurl(purl);
  if (parsed !== undefined) {
    if (!["rpm", "deb", "apk"].includes(parsed.type)) return undefined;
    const { epoch, arch, rpmmod } = parsed.qualifiers ?? {};
    const version =
      parsed.version === undefined ? undefined : `${epoch === undefined ? "" : `${epoch}:`}${parsed.version}`;
    const module = rpmmod?.split(":").slice(0, 2).join(":");
    return {
      name: parsed.name,
      ...(version === undefined ? {} : { version: version.replace(/^0:/, "") }),
      ...(arch === undefined ? {} : { arch }),
      ...(module === undefined ? {} : { module }),
    };
  }
  const [, bare, version, arch] = /^(\S+?)-((?:\d+:)?[^-\s]+-[^-\s]+)\.([a-z0-9_]+)$/.exec(name) ?? [];
  if (bare !== undefined && version !== undefined && arch !== undefined)
    return { name: bare, version: version.replace(/^0:/, ""), arch };
  const [, plain, release] = /^(\S+?)-((?:\d+:)?\d[^-\s]*-[^-\s]+)$/.exec(name) ?? [];
  if (plain !== undefined && release !== undefined) return { name: plain, version: release.replace(/^0:/, "") };
  return /^[\w.+-]+$/.test(name) ? { name } : undefined;
}
