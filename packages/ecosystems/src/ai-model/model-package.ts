import type { FoundPackage } from "@plimsoll/model";

/** What a model file states about itself; undefined where it does not. */
export interface StatedModel {
  readonly title: string | undefined;
  readonly version: string | undefined;
  readonly license: string | undefined;
  readonly author: string | undefined;
  readonly architecture: string | undefined;
  readonly format: string;
}

/** The cache of Hugging Face's libraries: `models--<owner>--<name>/snapshots/<commit>/…`. */
const cached = /(?:^|\/)models--(?:([\w.-]+?)--)?([\w.-]+)\/snapshots\/([0-9a-f]{40})\//;

/**
 * The package of a model file: in Hugging Face's cache it is named by the path, elsewhere by the title that the file states, else by
 * the file's name, which is a guess. Models that state no version have none.
 */
export function modelOf(path: string, stated: StatedModel): FoundPackage {
  const [, owner, repository, commit] = cached.exec(path) ?? [];
  const { title, license, author, architecture, format } = stated;
  const common = {
    kind: "machine-learning-model" as const,
    ...(license === undefined ? {} : { licenses: [license] }),
    ...(author === undefined ? {} : { supplier: author }),
  };
  const facts = {
    format,
    ...(architecture === undefined ? {} : { architecture }),
    ...(title === undefined ? {} : { title }),
  };
  if (repository !== undefined && commit !== undefined)
    return {
      name: owner === undefined ? repository : `${owner}/${repository}`,
      version: commit,
      ...common,
      facts: { ...facts, registry: "huggingface" },
    };
  const base = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  return {
    // Large models are split: `model-00001-of-00003`.
    name: title ?? base.replace(/-\d{5}-of-\d{5}$/, ""),
    version: stated.version ?? "",
    ...common,
    ...(title === undefined ? { confidence: "approximate" as const } : {}),
    facts,
  };
}
