/** A CPE name taken apart, as far as anything here asks: lower case, quoting removed. What is not stated is `*`. */
export interface CpeName {
  /** `a` application, `o` operating system, `h` hardware. */
  readonly part: string;
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly update: string;
  /** Edition, as CPE 2.2 has it: Red Hat's part of a product, such as `appstream`. */
  readonly edition: string;
  /** The host that software is made for: `wordpress`, `node.js`. */
  readonly targetSoftware: string;
}

/** The value of a CPE attribute that stands for any value (NISTIR 7695, section 5.3.1). */
export const cpeAny = "*";
/** The value of a CPE attribute that does not apply, such as the update of a product that has none (NISTIR 7695, section 5.3.1). */
export const cpeNotApplicable = "-";

/** The most characters of a CPE name that is read: it has eleven attributes of a few words each. */
const maxLength = 2000;
const attributesOfAll = 11;
/** Position of the part of a URI that may pack the edition and the attributes behind it into one (NISTIR 7695, section 6.1.2.1.2). */
const packedEdition = 5;

/**
 * Reads a CPE name: the formatted string of 2.3 (`cpe:2.3:a:redis:redis:7.0.1:…`, NISTIR 7695, section 6.2) or the URI of 2.2
 * (`cpe:/o:redhat:enterprise_linux:9::baseos`, section 6.1). Either may end early, as `system-release-cpe` files do; undefined for
 * anything else.
 */
export function parseCpe(text: string): CpeName | undefined {
  if (text.length > maxLength) return undefined;
  const attributes = attributesOf(text.trim().toLowerCase());
  if (attributes === undefined || attributes.length > attributesOfAll) return undefined;
  const at = (index: number): string => attributes[index] || cpeAny;
  if (!["a", "o", "h", cpeAny, cpeNotApplicable].includes(at(0))) return undefined;
  return {
    part: at(0),
    vendor: at(1),
    product: at(2),
    version: at(3),
    update: at(4),
    edition: at(5),
    targetSoftware: at(8),
  };
}

function attributesOf(text: string): readonly string[] | undefined {
  if (text.startsWith("cpe:2.3:")) return unquotedParts(text.slice("cpe:2.3:".length));
  if (!text.startsWith("cpe:/")) return undefined;
  const parts = text.slice("cpe:/".length).split(":");
  const edition = parts[packedEdition] ?? "";
  if (!edition.startsWith("~")) return parts.map(unescapeUri);
  const [, plain = "", softwareEdition = "", targetSoftware = "", targetHardware = "", other = ""] = edition.split("~");
  const language = parts[packedEdition + 1] ?? "";
  return [
    ...parts.slice(0, packedEdition),
    plain,
    language,
    softwareEdition,
    targetSoftware,
    targetHardware,
    other,
  ].map(unescapeUri);
}

/** Splits a formatted string at its colons, but not at those behind a backslash, and takes the backslashes away. */
function unquotedParts(text: string): readonly string[] {
  if (!text.includes("\\")) return text.split(":");
  const parts = [""];
  for (const [token] of text.matchAll(/\\.|[^]/g)) {
    if (token === ":") parts.push("");
    else parts.push(`${parts.pop() ?? ""}${token.slice(-1)}`);
  }
  return parts;
}

/** Decodes the percent signs of a URI: `%01` and `%02` are the wildcards `?` and `*`, others the character of that number. */
function unescapeUri(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/g, (_, digits: string) => {
    if (digits === "01") return "?";
    return digits === "02" ? cpeAny : String.fromCodePoint(Number.parseInt(digits, 16));
  });
}

/** The formatted string of 2.3 for a version of an application: everything but letters, digits and `_.-` is quoted. */
export function applicationCpe(vendor: string, product: string, version: string): string {
  return `cpe:2.3:a:${[vendor, product, version].map(quote).join(":")}:*:*:*:*:*:*:*`;
}

function quote(text: string): string {
  return text.replaceAll(/[^\w.-]/g, String.raw`\$&`);
}

/** Printable characters; in the formatted string a backslash and what it quotes, a colon too. */
const wellFormed = /^cpe:(?:2\.3:[aho*-](?::(?:[!-9;-[\]-~]|\\[!-~]){0,200}){10}|\/[aho]?(?::[!-9;-~]{0,200}){0,6})$/i;

/** Whether a text may stand in a document as a CPE name: all attributes of 2.3, or a URI of 2.2; without the fine print of NISTIR 7695. */
export function isCpe(text: string): boolean {
  return text.length <= maxLength && wellFormed.test(text);
}
