/** An XML element about to be written: attributes that are undefined are left out, and so are children. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly XmlChild[];
}

export type XmlChild = XmlElement | string | undefined;

/** Shorthand for building trees. */
export function xml(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  ...children: readonly XmlChild[]
): XmlElement {
  return { name, attributes, children };
}

/** An element that holds the text, or nothing where there is none. */
export function xmlText(name: string, text: string | number | undefined): XmlElement | undefined {
  return text === undefined ? undefined : xml(name, {}, String(text));
}

/** A list element around its items, or nothing where there are none. */
export function xmlList(name: string, items: readonly XmlChild[] | undefined): XmlElement | undefined {
  return items === undefined || items.length === 0 ? undefined : xml(name, {}, ...items);
}

/** The document in pieces, one per element: indented, except inside elements that hold text. */
export function* writeXml(root: XmlElement): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield* writeElement(root, "");
}

function* writeElement(element: XmlElement, indent: string): Iterable<string> {
  const attributes = Object.entries(element.attributes)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${escapeXml(String(value))}"`))
    .join("");
  const children = element.children.filter((child) => child !== undefined);
  const open = `${indent}<${element.name}${attributes}`;
  if (children.length === 0) yield `${open}/>\n`;
  else if (children.every((child) => typeof child === "string"))
    yield `${open}>${children.map(escapeContent).join("")}</${element.name}>\n`;
  else {
    yield `${open}>\n`;
    for (const child of children)
      if (typeof child === "string") yield escapeContent(child);
      else yield* writeElement(child, `${indent}  `);
    yield `${indent}</${element.name}>\n`;
  }
}

/** What XML 1.0 §2.2 does not allow even as a reference, and characters that act on whoever prints the document. */
const forbidden = /[\0-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const special = /[&<>"'\t\n\r\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const names: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Tabs and line feeds may stand in content; in attributes they would be read as spaces. */
function escapeContent(text: string): string {
  return escapeXml(text).replaceAll("&#10;", "\n").replaceAll("&#9;", "\t");
}

/** Escapes untrusted text for content and attributes. Characters that XML does not allow become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(forbidden, "\ufffd").replace(special, (char) => names[char] ?? `&#${char.charCodeAt(0)};`);
}
