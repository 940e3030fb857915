import { compareText } from "@plimsoll/model";
import type { ConfigFile, DetectedData, InventoryParts, PartDetector } from "@plimsoll/model";
import { maskValues } from "./mask-values.ts";

/** Longer files are left out, and told. */
const maxFileBytes = 1024 * 1024;
/** In all. */
const maxTotalLength = 64 * 1024 * 1024;

/** What YAML and JSON must hold to be a configuration that somebody checks: images are full of both. */
const recognised =
  /["']?(?:apiVersion|AWSTemplateFormatVersion|services|planned_values)["']?[ \t]{0,8}:|deploymentTemplate\.json|^resources:/m;

const structured = /\.(?:ya?ml|json)$/;

/** Keeps the text of files that configure something, with secrets masked. */
export const configDetector: PartDetector = {
  id: "configs",
  analyzers: [
    {
      kind: "file",
      id: "configs/text",
      revision: 2,
      maxBytes: maxFileBytes,
      matches: [
        { basename: "Dockerfile" },
        { basename: "dockerfile" },
        { basename: "Containerfile" },
        { suffix: ".dockerfile" },
        { suffix: ".Dockerfile" },
        { suffix: ".containerfile" },
        { basename: "Chart.yaml" },
        { suffix: ".yaml" },
        { suffix: ".yml" },
        { suffix: ".json" },
      ],
      async *analyze(file) {
        if (structured.test(file.path) && file.path.includes("node_modules/")) return;
        const text = await file.text();
        if (structured.test(file.path) && !file.path.endsWith("Chart.yaml") && !recognised.test(text)) return;
        if (text.includes("\0")) return;
        yield { kind: "detected", data: { text: maskValues(text, file.path) } };
      },
    },
  ],
  clean(data) {
    const text = typeof data === "object" && data !== null && "text" in data ? data.text : undefined;
    return typeof text === "string" && text.length <= maxFileBytes ? { text } : undefined;
  },
  collect(found: readonly DetectedData[]): InventoryParts {
    const configs: ConfigFile[] = [];
    let total = 0;
    for (const { data, path, layer } of [...found].sort((a, b) => compareText(a.path, b.path))) {
      const { text } = data as { readonly text: string }; // As `clean` made it.
      total += text.length;
      if (total > maxTotalLength) break;
      configs.push({ path, ...(layer === undefined ? {} : { layer }), text });
    }
    return { configs };
  },
};
