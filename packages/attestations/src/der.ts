/** One element of DER: its tag and its content. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Offset behind the element, in the bytes that it was read from. */
  readonly end: number;
}

const sequenceTag = 0x30;
const integerTag = 0x02;
const objectIdTag = 0x06;
const bitStringTag = 0x03;

/** The element at an offset; undefined where the bytes are cut short or the length is not written in the shortest way. */
function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0 || count > 3) return undefined;
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0);
    start += count;
    if (length < 0x80 || length < 256 ** (count - 1)) return undefined;
  }
  const end = start + length;
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(start, end), end };
}

/** The elements inside a content; undefined where they do not fill it. */
function elementsOf(content: Uint8Array): readonly Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < content.length;) {
    const element = elementAt(content, at);
    if (element === undefined) return undefined;
    elements.push(element);
    at = element.end;
  }
  return elements;
}

/** The elements of a SEQUENCE that fills the bytes. */
function sequenceOf(bytes: Uint8Array): readonly Element[] | undefined {
  const outer = elementAt(bytes, 0);
  return outer?.tag === sequenceTag && outer.end === bytes.length ? elementsOf(outer.content) : undefined;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The kind of a key in a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
export type KeyKind =
  | { readonly kind: "rsa"; readonly bits: number }
  | { readonly kind: "ecdsa"; readonly curve: "P-256" | "P-384" | "P-521" }
  | { readonly kind: "ed25519" };

const rsaId = "2a864886f70d010101";
const ellipticId = "2a8648ce3d0201";
const ed25519Id = "2b6570";
const curves: ReadonlyMap<string, "P-256" | "P-384" | "P-521"> = new Map([
  ["2a8648ce3d030107", "P-256"],
  ["2b81040022", "P-384"],
  ["2b81040023", "P-521"],
]);

/** The kind of a public key in DER; undefined for anything that is not a SubjectPublicKeyInfo of a kind known here. */
export function keyKindOf(spki: Uint8Array): KeyKind | undefined {
  const [algorithm, key, ...more] = sequenceOf(spki) ?? [];
  if (algorithm?.tag !== sequenceTag || key?.tag !== bitStringTag || more.length > 0) return undefined;
  const [id, parameters] = elementsOf(algorithm.content) ?? [];
  if (id?.tag !== objectIdTag) return undefined;
  const name = hex(id.content);
  if (name === ed25519Id) return { kind: "ed25519" };
  if (name === rsaId) {
    const modulus = sequenceOf(key.content.subarray(1))?.[0];
    const bits = modulus?.tag === integerTag ? bitLength(modulus.content) : 0;
    return bits === 0 ? undefined : { kind: "rsa", bits };
  }
  const curve =
    name === ellipticId && parameters?.tag === objectIdTag ? curves.get(hex(parameters.content)) : undefined;
  return curve === undefined ? undefined : { kind: "ecdsa", curve };
}

function bitLength(integer: Uint8Array): number {
  const first = integer.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (integer.length - first - 1) * 8 + (32 - Math.clz32(integer[first] ?? 0));
}

/**
 * Converts an ECDSA signature in DER (RFC 3279, 2.2.3) to the concatenated numbers r and s, the form that WebCrypto takes.
 * Undefined where it is not such a signature, or a number is negative, padded or longer than `size` bytes.
 */
export function rawEcdsaSignature(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  const numbers = sequenceOf(der);
  if (numbers?.length !== 2) return undefined;
  const raw = new Uint8Array(size * 2);
  for (const [index, { tag, content }] of numbers.entries()) {
    const [first = 0x80, second = 0] = content;
    if (tag !== integerTag || first >= 0x80) return undefined;
    if (first === 0 && content.length > 1 && second < 0x80) return undefined;
    const digits = first === 0 ? content.subarray(1) : content;
    if (digits.length > size) return undefined;
    raw.set(digits, size * (index + 1) - digits.length);
  }
  return raw;
}

/** The reverse of {@link rawEcdsaSignature}: converts a signature by WebCrypto to DER. */
export function derEcdsaSignature(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  const body = [integer(raw.subarray(0, half)), integer(raw.subarray(half))].flat();
  return new Uint8Array([sequenceTag, ...lengthOf(body.length), ...body]);
}

function integer(digits: Uint8Array): readonly number[] {
  const first = digits.findIndex((byte) => byte !== 0);
  const shortest = first === -1 ? [0] : [...digits.subarray(first)];
  const content = (shortest[0] ?? 0) >= 0x80 ? [0, ...shortest] : shortest;
  return [integerTag, ...lengthOf(content.length), ...content];
}

function lengthOf(length: number): readonly number[] {
  return length < 0x80 ? [length] : [0x81, length];
}
