import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile, readStepsOrReport } from "../shared/reading/malformed-file.ts";
import { isRecord, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const fields = {
  license: shape.text,
  depends: shape.list(shape.text),
  files: shape.list(shape.text),
  build: shape.text,
  build_string: shape.text,
  channel: shape.text,
  subdir: shape.text,
  sha256: shape.text,
};
const metaShape = shape.fields(fields);
/** What is held of a document, which describes each of its files besides: some have a hundred thousand. */
const keptShape = shape.fields({ ...fields, name: shape.anything, version: shape.anything });

/**
 * `conda-meta/*.json`, one for each installed package
 * (https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-metadata.html). Its files belong to it; the Python
 * distribution among them, which has advisories where conda has none, is named as the fact `pypi`.
 */
export const condaMeta: FileAnalyzer = {
  kind: "file",
  id: "conda/meta",
  revision: 2,
  matches: [{ suffix: ".json" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const [, prefix] = /^(.*?)(?:^|\/)conda-meta\/[^/]+\.json$/.exec(file.path) ?? [];
    if (prefix === undefined) return;
    const text = await file.text();
    const read = await readStepsOrReport(file, jsonDocumentSteps(text, { only: keptShape }));
    if ("problem" in read) return yield read.problem;
    const { value } = read.value;
    if (!isRecord(value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, value, metaShape);
    const name = textOf(value["name"]);
    const version = textOf(value["version"]);
    if (name === undefined || version === undefined) return yield malformedFile(file, "states no name or no version");
    const files = textsOf(value["files"]).filter((path) => !path.startsWith("/") && !path.split("/").includes(".."));
    yield { kind: "package", package: packageOf(value, name, version, files), line: 1 };
    const root = prefix === "" ? "" : `${prefix}/`;
    if (files.length > 0) yield { kind: "ownership", owner: name, paths: files.map((path) => root + path) };
  },
};

function packageOf(
  record: Readonly<Record<string, unknown>>,
  name: string,
  version: string,
  files: readonly string[],
): FoundPackage {
  const license = textOf(record["license"]);
  const dependsOn = textsOf(record["depends"]).map((need) => need.split(/[\s<>=!~[]/, 1)[0] ?? need);
  const facts = Object.entries({
    build: textOf(record["build"]) ?? textOf(record["build_string"]),
    channel: channelOf(textOf(record["channel"])),
    subdir: textOf(record["subdir"]),
    pypi: distributionIn(files),
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const sha256 = textOf(record["sha256"]);
  return {
    name,
    version,
    ...(license === undefined ? {} : { licenses: [license] }),
    ...(dependsOn.length === 0 ? {} : { dependsOn: [...new Set(dependsOn)] }),
    ...(sha256 === undefined ? {} : { hashes: { sha256 } }),
    ...(facts.length === 0 ? {} : { facts: Object.fromEntries(facts) }),
  };
}

/** `https://conda.anaconda.org/conda-forge/linux-64` is the channel `conda-forge`. */
function channelOf(channel: string | undefined): string | undefined {
  if (channel === undefined || !channel.includes("/")) return channel;
  const segments = channel.replace(/(?<!\/)\/+$/, "").split("/");
  const last = segments.at(-1) ?? "";
  return /^(?:noarch|(?:linux|osx|win|freebsd|emscripten|wasi)-\w+)$/.test(last) ? segments.at(-2) : last;
}

/** Name of the Python distribution whose metadata is among the files. */
function distributionIn(files: readonly string[]): string | undefined {
  for (const path of files) {
    const [, id = ""] = /(?:^|\/)site-packages\/([^/]+)\.(?:dist-info|egg-info)(?:\/|$)/.exec(path) ?? [];
    const [, name] = /^(.+?)-\d/.exec(id) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}
