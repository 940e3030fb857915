import { FormatError, parseJson, shape } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { ownValue, textOf } from "../shared/reading/untrusted.ts";
import { readHead } from "./gguf.ts";
import { modelOf } from "./model-package.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const headerShape = shape.fields({ __metadata__: shape.entries(shape.text) });

/** The header of a model of many thousand tensors has some megabytes; the format allows a hundred. */
const maxHeader = 32 * 1024 * 1024;

/**
 * Models in the format of safetensors: eight bytes with the length of a JSON header, whose `__metadata__` holds texts, among them
 * those of ModelSpec (https://huggingface.co/docs/safetensors, https://github.com/Stability-AI/ModelSpec). The weights are not read.
 */
export const safetensors: FileAnalyzer = {
  kind: "file",
  id: "ai-model/safetensors",
  revision: 4,
  matches: [{ suffix: ".safetensors" }],
  async *analyze(file) {
    const start = await readHead(file, 8);
    const length = start.length < 8 ? 0 : Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
    if (length < 2 || length > file.size - 8) return yield malformedFile(file, "is no safetensors file");
    if (length > maxHeader) return yield malformedFile(file, `its header has more than ${maxHeader} bytes`);
    const head = await readHead(file, 8 + length);
    try {
      const header = parseJson(new TextDecoder().decode(head.subarray(8)));
      yield* reportWrongParts(file, header, headerShape);
      const metadata = ownValue(header, "__metadata__");
      const said = (name: string): string | undefined => textOf(ownValue(metadata, name));
      yield {
        kind: "package",
        package: modelOf(file.path, {
          title: said("modelspec.title") ?? said("name"),
          version: said("modelspec.version") ?? said("version"),
          license: said("modelspec.license") ?? said("license"),
          author: said("modelspec.author") ?? said("author"),
          architecture: said("modelspec.architecture"),
          format: "safetensors",
        }),
      };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, error.message);
    }
  },
};
