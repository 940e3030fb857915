import type { ByteSource } from "../byte-source.ts";
import { FormatError } from "../format-error.ts";
import { Dictionary, damaged } from "./dictionary.ts";
import { LzmaDecoder } from "./lzma-decoder.ts";

/** Twice what `xz -9` uses. Larger ones could be read, but no archive is known that has them. */
const maxDictionaryBytes = 128 * 1024 * 1024;

/** Bytes of the dictionary that the filter's one byte of properties stands for (xz file format, 5.3.1). */
export function dictionaryBytes(property: number): number {
  if (property > 40) throw damaged("the size of the dictionary is impossible");
  const bytes = property === 40 ? 0xffffffff : (2 | (property & 1)) * 2 ** ((property >> 1) + 11);
  if (bytes > maxDictionaryBytes)
    throw new FormatError("xz", "unsupported", "the stream needs a dictionary above 128 MiB");
  return bytes;
}

/** Expands LZMA2 data up to its end marker. A piece is valid until the next one is asked for. @throws FormatError */
export async function* expandLzma2(source: ByteSource, size: number): AsyncGenerator<Uint8Array> {
  const dictionary = new Dictionary(size);
  const decoder = new LzmaDecoder(dictionary);
  let needsDictionary = true;
  let needsProperties = true;
  let needsState = true;
  for (;;) {
    const [control = 0] = await exactly(source, 1);
    if (control === 0) return;
    if (control === 1 || control >= 0xe0) {
      dictionary.reset();
      needsDictionary = false;
    } else if (needsDictionary) throw damaged("the first chunk needs a dictionary before there is one");
    if (control < 0x80) {
      if (control > 2) throw damaged("a chunk of an unknown kind");
      if (control === 1) needsProperties = true;
      const [high = 0, low = 0] = await exactly(source, 2);
      const count = high * 256 + low + 1;
      dictionary.append(await exactly(source, count));
      yield latest(dictionary, count);
      continue;
    }
    const [a = 0, b = 0, c = 0, d = 0] = await exactly(source, 4);
    const count = ((control & 0x1f) << 16) + a * 256 + b + 1;
    if (control >= 0xc0) {
      decoder.setProperties((await exactly(source, 1))[0] ?? 0);
      needsProperties = false;
    } else if (needsProperties) throw damaged("a chunk lacks its properties");
    if (control >= 0xa0) {
      decoder.resetState();
      needsState = false;
    } else if (needsState) throw damaged("a chunk goes on with the decoder's state before there is one");
    decoder.decode(await exactly(source, c * 256 + d + 1), count);
    yield latest(dictionary, count);
  }
}

function latest({ bytes, position }: Dictionary, count: number): Uint8Array {
  return bytes.subarray(position - count, position);
}

/** Takes exactly `count` bytes. @throws FormatError when the input ends before. */
export async function exactly(source: ByteSource, count: number): Promise<Uint8Array> {
  const bytes = await source.take(count);
  if (bytes.length === count) return bytes;
  throw new FormatError("xz", "truncated", "the input ends within a stream", { offset: source.position });
}
