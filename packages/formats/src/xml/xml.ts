import { SaxesParser } from "#saxes";
import { FormatError } from "../format-error.ts";
import { finish } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

/** An element with what is directly inside it. Names keep no namespace prefix: `xsi:type` is `type`. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, CDATA included, white space as it stands. */
  readonly text: string;
  /** Line of the start tag, 1-based. */
  readonly line: number;
}

/** A document, as far as it could be read. */
export interface XmlDocument {
  readonly root: XmlElement;
  /** What is wrong with a document that is not well-formed. What stood before that place was read. */
  readonly problem?: string;
}

/** Limits of an XML document. */
export interface XmlOptions {
  /** The most elements within each other; default 200. */
  readonly maxDepth?: number | undefined;
  /** The most elements of the document; default 2 000 000. */
  readonly maxElements?: number | undefined;
  /** Elements within so many others are read, but not kept. Absent: all are kept. */
  readonly keptDepth?: number | undefined;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  children: XmlElement[] | undefined;
  texts: string[] | undefined;
  readonly line: number;
}

/** The attributes of elements that have none, shared by all of them: a map for each would take more memory than the rest of the element. */
const noAttributes: ReadonlyMap<string, string> = new Map();
const noChildren: readonly XmlElement[] = [];

/**
 * Reads an XML 1.0 document into a tree. Entities other than the five of XML and numeric ones are never expanded,
 * nothing is fetched, and a document type is skipped.
 * @throws FormatError when not even a root element can be read, or a limit is crossed.
 */
export function parseXml(text: string, options: XmlOptions = {}): XmlDocument {
  return finish(xmlSteps(text, options));
}

/** A portion of the reading is so many characters, and takes as long as looking at each of them so many times. */
const portion = 8_192;
const timesToRead = 16;

/** The same in portions. */
export function* xmlSteps(text: string, options: XmlOptions = {}): Steps<XmlDocument> {
  const { maxDepth = 200, maxElements = 2_000_000, keptDepth = Infinity } = options;
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let problem: string | undefined;
  let elements = 0;

  function close(): void {
    const { name, attributes, children = noChildren, texts = [], line } = open.pop() ?? emptyElement();
    if (open.length >= keptDepth) return;
    const closed: XmlElement = { name, attributes, children, text: texts.join(""), line };
    const parent = open.at(-1);
    if (parent === undefined) root ??= closed;
    else if (parent.children === undefined) parent.children = [closed];
    else parent.children.push(closed);
  }

  parser.on("error", (error) => {
    problem ??= error.message;
    throw new StopReading();
  });
  // Where the name ends: attributes may be spread over lines, and the event comes at the white space behind the name.
  let line = 1;
  parser.on("opentagstart", () => {
    line = parser.line;
  });
  parser.on("opentag", (tag) => {
    if (open.length >= maxDepth) throw new FormatError("xml", "limit-exceeded", `nested more than ${maxDepth} deep`);
    if (++elements > maxElements) throw new FormatError("xml", "limit-exceeded", `more than ${maxElements} elements`);
    const stated = open.length >= keptDepth ? [] : Object.entries(tag.attributes);
    const attributes =
      stated.length === 0 ? noAttributes : new Map(stated.map(([name, value]) => [local(name), `${value}`]));
    open.push({ name: local(tag.name), attributes, children: undefined, texts: undefined, line });
  });
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined && open.length <= keptDepth) (element.texts ??= []).push(part);
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", close);

  try {
    const rest = withoutBlankStart(text);
    for (let at = 0; at < rest.length; at += portion) {
      parser.write(rest.slice(at, at + portion));
      yield portion * timesToRead;
    }
    parser.close();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    if (!(error instanceof StopReading)) problem ??= error instanceof Error ? error.message : "not XML";
  }
  while (open.length > 0) close();
  if (root === undefined) throw new FormatError("xml", "malformed", problem ?? "no element");
  return problem === undefined ? { root } : { root, problem };
}

/**
 * The text from the XML declaration on. Blank lines before it are an error that many readers let pass; they stand behind it
 * instead, so that lines keep their numbers.
 */
function withoutBlankStart(text: string): string {
  const start = /^\ufeff?\s*(?=<\?xml\s)/.exec(text)?.[0].length ?? 0;
  if (start === 0) return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const end = text.indexOf("?>", start) + 2;
  return end === 1 ? text : text.slice(start, end) + text.slice(0, start).replaceAll(/[^\r\n]/g, "") + text.slice(end);
}

/** Ends a parse whose document is not well-formed; what was read is kept. */
class StopReading extends Error {}

function emptyElement(): OpenElement {
  return { name: "", attributes: noAttributes, children: undefined, texts: undefined, line: 0 };
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** The first child element of this name. */
export function xmlChild(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The child elements of this name. */
export function xmlChildren(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of a child element, without white space around it; undefined when there is none or it is blank. */
export function xmlText(element: XmlElement | undefined, name: string): string | undefined {
  const text = xmlChild(element, name)?.text.trim();
  return text === "" ? undefined : text;
}
