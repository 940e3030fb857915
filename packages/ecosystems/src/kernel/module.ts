import { FormatError, elfMagic, readElf, sectionContent } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { expanded, wholeOf } from "./expand.ts";

/** Bytes of a module; the largest drivers have some ten million, unstripped ones more. */
const maxModuleBytes = 256 * 1024 * 1024;
const maxField = 4_096;

/**
 * Modules of the Linux kernel, also compressed: the section `.modinfo` holds `key=value` texts (Linux `include/linux/module.h`).
 * Those of a distribution's package are that package's.
 */
export const kernelModule: FileAnalyzer = {
  kind: "file",
  id: "kernel/module",
  revision: 1,
  yieldsTo: { owner: true },
  matches: [".ko", ".ko.xz", ".ko.zst", ".ko.gz"].map((suffix) => ({ suffix })),
  maxBytes: maxModuleBytes,
  async *analyze(file): AsyncGenerator<Observation> {
    try {
      const bytes = await wholeOf(expanded(file, file.stream(), maxModuleBytes));
      if (!elfMagic.every((byte, at) => bytes[at] === byte)) return yield malformedFile(file, "is no kernel module");
      const information = sectionContent(readElf(bytes), ".modinfo");
      const fields = information === undefined ? undefined : readFields(information);
      if (fields === undefined) return yield malformedFile(file, "the module has no .modinfo");
      const found = packageOf(fields, file.path);
      if (found.version !== "") yield { kind: "package", package: found };
      else
        yield {
          ...malformedFile(
            file,
            `the module ${found.name.slice(0, 200)} states no version and is not of the kernel's own sources`,
          ),
          code: "unknown-version",
          effect: "none",
        };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, error.message);
    }
  },
};

/** The first value of each key. */
function readFields(section: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const text of new TextDecoder().decode(section).split("\0")) {
    const cut = text.indexOf("=");
    if (cut > 0 && text.length <= maxField && !fields.has(text.slice(0, cut)))
      fields.set(text.slice(0, cut), text.slice(cut + 1).trim());
  }
  return fields;
}

/** A module of the kernel's own sources that states no version has the kernel's; one from elsewhere does not. */
function packageOf(fields: ReadonlyMap<string, string>, path: string): FoundPackage {
  const basename = path.slice(path.lastIndexOf("/") + 1).replace(/\.ko(?:\.\w+)?$/, "");
  const vermagic = fields.get("vermagic") ?? "";
  const kernel = /^\S+/.exec(vermagic)?.[0] ?? "";
  const isOfKernel = fields.get("intree") === "Y";
  const [license, author] = [fields.get("license"), fields.get("author")];
  const dependsOn = (fields.get("depends") ?? "").split(",").filter((name) => name !== "");
  return {
    name: fields.get("name") || basename,
    version: fields.get("version") || (isOfKernel ? kernel : ""),
    ...(license === undefined || license === "" ? {} : { licenses: [license] }),
    ...(author === undefined || author === "" ? {} : { supplier: author }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    facts: {
      module: "true",
      ...(vermagic === "" ? {} : { vermagic }),
      ...(isOfKernel ? { intree: "true" } : {}),
    },
  };
}
