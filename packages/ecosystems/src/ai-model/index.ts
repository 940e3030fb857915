import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { gguf } from "./gguf.ts";
import { safetensors } from "./safetensors.ts";

/** Models of machine learning, for the inventory. Nobody publishes advisories for them. */
export const aiModel: Ecosystem = defineEcosystem({
  id: "ai-model",
  analyzers: [gguf, safetensors],
  purl: ({ name, version, facts }) => {
    const parts = name.split("/");
    if (facts?.["registry"] !== "huggingface") return formatPurl({ type: "generic", name, version });
    return formatPurl({
      type: "huggingface",
      ...(parts.length < 2 ? {} : { namespace: parts.slice(0, -1).join("/") }),
      name: parts.at(-1) ?? name,
      version,
    });
  },
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for models of machine learning" }),
});
