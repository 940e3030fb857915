import type { XmlElement } from "@plimsoll/formats";

/** Everything beneath an element, in the order of the document. */
export function* descendants(element: XmlElement): Generator<XmlElement> {
  for (const child of element.children) {
    yield child;
    yield* descendants(child);
  }
}
