import type { AnalyzedFile, FileAnalyzer } from "@plimsoll/model";
import { modelOf } from "./model-package.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/** Bytes of a file that are read. What a model says of itself comes first; tables of its words, which may be larger, come later. */
const headBytes = 4 * 1024 * 1024;
const maxKeys = 4_096;
const maxText = 4_096;

/** Bytes of values of a fixed size, by their types. */
const sizes: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];
const [textType, listType] = [8, 9];

/**
 * Language models in the format of llama.cpp: the key-value pairs `general.*` at the beginning
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). The weights are not read.
 */
export const gguf: FileAnalyzer = {
  kind: "file",
  id: "ai-model/gguf",
  revision: 3,
  matches: [{ suffix: ".gguf" }],
  async *analyze(file) {
    const head = await readHead(file, headBytes);
    const read = readPairs(head);
    if (read === undefined) return yield malformedFile(file, "is no GGUF model, or one of a version that is not known");
    if (read.isDamaged && head.length < headBytes) yield malformedFile(file, "its metadata end early");
    const said = (key: string): string | undefined => read.pairs.get(`general.${key}`);
    yield {
      kind: "package",
      package: modelOf(file.path, {
        title: said("name") ?? said("basename"),
        version: said("version"),
        license: said("license"),
        author: said("organization") ?? said("author"),
        architecture: said("architecture"),
        format: "gguf",
      }),
    };
  },
};

/** The first bytes of a file. */
export async function readHead(file: AnalyzedFile, length: number): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(length, file.size));
  let filled = 0;
  for await (const chunk of file.stream()) {
    head.set(chunk.subarray(0, head.length - filled), filled);
    filled = Math.min(head.length, filled + chunk.length);
    if (filled === head.length) break;
  }
  return head.subarray(0, filled);
}

interface Pairs {
  readonly pairs: ReadonlyMap<string, string>;
  /** Reading ended before the last pair. */
  readonly isDamaged: boolean;
}

/** Texts among the pairs; undefined when these are none. */
function readPairs(head: Uint8Array): Pairs | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 24 || view.getUint32(0, true) !== 0x4655_4747) return undefined;
  const version = view.getUint32(4, true);
  if (version !== 2 && version !== 3) return undefined;
  const pairs = new Map<string, string>();
  const count = Math.min(Number(view.getBigUint64(16, true)), maxKeys);
  let at = 24;
  try {
    for (let index = 0; index < count; index++) {
      const key = textAt(head, view, at);
      const type = view.getUint32(key.end, true);
      at = key.end + 4;
      if (type === textType) {
        const value = textAt(head, view, at);
        if (value.text.trim() !== "") pairs.set(key.text, value.text.trim());
        at = value.end;
      } else at = endOf(head, view, at, type);
    }
  } catch (error) {
    // What lies beyond the bytes that are read.
    if (!(error instanceof RangeError)) throw error;
    return { pairs, isDamaged: true };
  }
  return { pairs, isDamaged: false };
}

function textAt(head: Uint8Array, view: DataView, at: number): { readonly text: string; readonly end: number } {
  const length = Number(view.getBigUint64(at, true));
  const end = at + 8 + length;
  if (end > head.length) throw new RangeError("beyond the end");
  return { text: new TextDecoder().decode(head.subarray(at + 8, Math.min(end, at + 8 + maxText))), end };
}

/** Where a value ends that is no text. Lists of texts have to be walked. */
function endOf(head: Uint8Array, view: DataView, at: number, type: number): number {
  const size = sizes[type];
  if (size !== undefined) return at + size;
  if (type !== listType) throw new RangeError("a type that is not known");
  const inner = view.getUint32(at, true);
  const count = Number(view.getBigUint64(at + 4, true));
  const width = sizes[inner];
  if (width !== undefined) return at + 12 + count * width;
  // Lists of lists do not occur.
  if (inner !== textType) throw new RangeError("a type that is not known");
  let end = at + 12;
  for (let index = 0; index < count; index++) {
    end += 8 + Number(view.getBigUint64(end, true));
    if (end > head.length) throw new RangeError("beyond the end");
  }
  return end;
}
