import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { parseXml, xmlChild, xmlChildren, xmlText } from "./xml.ts";

test("elements, attributes, text and lines are read", () => {
  const { root, problem } = parseXml(
    `\ufeff<?xml version="1.0"?>\n<!-- c -->\n<project xmlns:x="urn:x">\n  <dependency x:id="1"\n> <artifactId> a&amp;b </artifactId></dependency>\n<dependency><![CDATA[<raw>]]></dependency>\n</project>`,
  );
  const [first, second] = xmlChildren(root, "dependency");

  expect(problem).toBeUndefined();
  expect(root.name).toBe("project");
  expect(xmlText(first, "artifactId")).toBe("a&b");
  expect(first?.attributes.get("id")).toBe("1");
  expect(first?.line).toBe(4);
  expect(second?.text).toBe("<raw>");
  expect(xmlChild(root, "absent")).toBeUndefined();
  expect(xmlText(root, "absent")).toBeUndefined();
});

test("what stands on the border of two portions of a long text is read as elsewhere", () => {
  const parts = ["\r\n", "\u{1f980}", "&#x1f980;", "<b x='1'>]]</b>", "<![CDATA[]]&]]>"];
  for (const part of parts)
    for (let before = 8_160; before < 8_200; before++) {
      const { root, problem } = parseXml(`<a>${"-".repeat(before)}${part}</a>`);
      const short = parseXml(`<a>${part}</a>`).root;

      expect(problem).toBeUndefined();
      expect(root.text.replaceAll("-", "")).toBe(short.text);
      expect(root.children).toEqual(short.children);
    }
});

test.each(["\n\n \n", "\ufeff\r\n\r\n\r\n"])("blank lines before the declaration, %j, lose nothing", (blank) => {
  const { root, problem } = parseXml(`${blank}<?xml version="1.0"?><a>\n<b>1</b></a>`);

  expect(problem).toBeUndefined();
  expect(xmlText(root, "b")).toBe("1");
  expect([root.line, xmlChild(root, "b")?.line]).toEqual([4, 5]);
});

test.each(["\n<?xml version='1.0'", "\nx<?xml version='1.0'?><a/>"])(
  "%j is no declaration after blank lines",
  (text) => {
    expect(() => parseXml(text)).toThrow(FormatError);
  },
);

test("what stands before a fault is kept", () => {
  const { root, problem } = parseXml("<a><b>1</b><c></a>");

  expect(root.children.map((child) => child.name)).toContain("b");
  expect(problem).toMatch(/unexpected close tag/);
});

test("entities of a document type are not expanded", () => {
  const bomb = `<!DOCTYPE a [<!ENTITY x "${"y".repeat(100)}"><!ENTITY z "&x;&x;">]><a><b>1</b>&z;</a>`;
  const { root } = parseXml(bomb);

  expect(root.children[0]?.text).toBe("1");
  expect(root.text).not.toContain("yy");
});

test.each([
  ["nothing", ""],
  ["text", "hello"],
  ["an endless start tag", "<a b='"],
])("%s is refused", (_, text) => {
  expect(() => parseXml(text)).toThrow(FormatError);
});

test("depth and number of elements are limited", () => {
  expect(() => parseXml("<a>".repeat(201))).toThrow("nested more than 200 deep");
  expect(parseXml("<a>".repeat(200)).root.name).toBe("a");
  expect(() => parseXml("<a><b/><b/></a>", { maxElements: 2 })).toThrow("more than 2 elements");
});

test("names of the prototype are ordinary names", () => {
  const { root } = parseXml(`<__proto__ constructor="1"><toString>x</toString></__proto__>`);

  expect(root.attributes.get("constructor")).toBe("1");
  expect(xmlText(root, "toString")).toBe("x");
});

test("any text gives a document or a FormatError", () => {
  const piece = fc.constantFrom(
    "<a>",
    "</a>",
    "<b x='1'/>",
    "&lt;",
    "&",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "?>",
    "t",
    "<!DOCTYPE a [",
    "]>",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parseXml(pieces.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 500 },
  );
});

test("what is deeper than is asked for is read, and not kept", () => {
  const text = `<a>1<b x="1">2<c y="1">3<d/></c>4</b>\n<b><c></b></a>`;
  const { root, problem } = parseXml(text, { keptDepth: 2 });
  const [first, second] = root.children;

  expect(problem).toBe(parseXml(text).problem);
  expect(first).toEqual({ name: "b", attributes: new Map([["x", "1"]]), children: [], text: "24", line: 1 });
  expect(second?.line).toBe(2);
  expect(() => parseXml(text, { keptDepth: 2, maxDepth: 3 })).toThrow("nested more than 3 deep");
});
