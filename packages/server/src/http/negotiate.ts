import { HttpError } from "./http-error.ts";

/**
 * Content negotiation: the offered media type that the client prefers, the first one where it accepts any.
 * @throws HttpError 415, as Clair does, when the client accepts none of them.
 */
export function negotiate(request: Request, offered: readonly string[]): string {
  const accept = request.headers.get("accept") ?? "";
  const [first = "application/json"] = offered;
  if (accept.trim() === "") return first;
  const wishes = accept
    .split(",", 100)
    .map((part) => {
      const [type = "", ...parameters] = part.split(";").map((word) => word.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { type } of wishes) {
    const found = offered.find((mediaType) => type === "*/*" || type === "application/*" || type === mediaType);
    if (found !== undefined) return found;
  }
  throw new HttpError(415, `none of the media types that are accepted is one of ${offered.join(", ")}`);
}

/** Whether the client already has the representation with this entity tag: `If-None-Match` (RFC 9110, section 13.1.2). */
export function isUnmodified(request: Request, validator: string): boolean {
  const header = request.headers.get("if-none-match");
  if (header === null) return false;
  return header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === validator);
}
