import { FormatError, parseXml } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";

/** Characters of one element; the largest real ones, of kernels with all their packages, are below one million. */
const maxElementLength = 8 * 1024 * 1024;

/** One element of a large document, or why it cannot be read. */
export type FoundElement = { readonly element: XmlElement } | { readonly problem: unknown };

/**
 * The elements of some names in document order, each parsed on its own, so that documents of any size are read with the memory of one.
 * Prefixes of namespaces are dropped. Elements of these names must not stand in each other.
 * @throws FormatError when one does not end, or is too long.
 */
export async function* xmlElements(content: ByteStream, names: readonly string[]): AsyncGenerator<FoundElement> {
  const opening = new RegExp(`<((?:[\\w.-]+:)?(?:${names.join("|")}))(?=[\\s>])`, "g");
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of content) {
    rest += decoder.decode(chunk, { stream: true });
    let at = 0;
    for (;;) {
      opening.lastIndex = at;
      const found = opening.exec(rest);
      if (found === null) {
        // Before an element there is nothing of interest, but its first characters may be the last of this chunk.
        rest = rest.slice(Math.max(at, rest.length - 128));
        break;
      }
      const closing = `</${found[1]}>`;
      const end = rest.indexOf(closing, opening.lastIndex);
      if (end < 0) {
        rest = rest.slice(found.index);
        break;
      }
      at = end + closing.length;
      yield parseElement(rest.slice(found.index, at));
    }
    if (rest.length > maxElementLength) throw new FormatError("xml", "limit-exceeded", "an element does not end");
  }
  opening.lastIndex = 0;
  if (opening.test(rest + decoder.decode())) throw new FormatError("xml", "truncated", "an element does not end");
}

function parseElement(text: string): FoundElement {
  try {
    const { root, problem } = parseXml(text.replaceAll(/<(\/?)[\w.-]+:(?=[\w.-]+[\s>/])/g, "<$1"));
    return problem === undefined ? { element: root } : { problem };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { problem: error };
  }
}
