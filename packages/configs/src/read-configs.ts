import { checkOptions, inTurns, optionIs } from "@plimsoll/model";
import { finish } from "@plimsoll/formats";
import type { LocatedDocument, Steps } from "@plimsoll/formats";
import { asList, asObject } from "@plimsoll/kubernetes";
import type { Diagnostic, OptionChecks } from "@plimsoll/model";
import type { AnyConfigDocument, ConfigFile, ReadConfigs } from "./document.ts";
import { fileFormats, listFormats, valueFormats } from "./formats.ts";
import { HelmCharts } from "./helm/index.ts";
import { fileProblem } from "./shared/diagnostics.ts";
import { extensionOf } from "./shared/format.ts";
import { structuredDocuments } from "./shared/structured-file.ts";

/** How files are read. */
export interface ReadConfigsOptions {
  /** Names that make a file one of a format, beside those of the format itself: `{ format: "dockerfile", matches: /^Customfile$/ }`. */
  readonly filePatterns?: readonly FilePattern[] | undefined;
  /** Longer files, in UTF-16 units, are left out with a diagnostic. Default: 64 Mi. */
  readonly maxLength?: number | undefined;
}

/** Files whose path a pattern matches are of this format. */
export interface FilePattern {
  readonly format: string;
  readonly matches: { test(path: string): boolean };
}

/** Reads files of one tree one by one. */
export interface ConfigReader {
  /** Whether the file may be a configuration file, by its name. */
  wants(path: string): boolean;
  read(file: ConfigFile): ReadConfigs;
  /** The same with turns of the event loop for others between the documents of a YAML file, and within one of JSON. */
  readInTurns(file: ConfigFile): Promise<ReadConfigs>;
}

const defaultMaxLength = 64 * 1024 * 1024;

const readChecks: OptionChecks<ReadConfigsOptions> = {
  filePatterns: optionIs.listOf(optionIs.object),
  maxLength: optionIs.count,
};

/**
 * Reads configuration files: what each is, its documents, and where their values stand. Files of no known kind give nothing; those that cannot be
 * read, templates and formats that are recognised but not read yet give diagnostics. One broken file or document never loses the rest.
 * @throws TypeError for options it does not know.
 */
export function readConfigs(files: Iterable<ConfigFile>, options: ReadConfigsOptions = {}): ReadConfigs {
  checkOptions("readConfigs", options, readChecks);
  const all = [...files];
  const reader = configReader(
    all.map(({ path }) => path),
    options,
  );
  const documents: AnyConfigDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of all) {
    const read = reader.read(file);
    for (const document of read.documents) documents.push(document);
    for (const diagnostic of read.diagnostics) diagnostics.push(diagnostic);
  }
  return { documents, diagnostics };
}

/**
 * A reader for the files of one tree, so that not all of them have to be in memory. `paths` are those of the tree: a `Chart.yaml` among them
 * says that files beside it are templates.
 * @throws TypeError for options it does not know.
 */
export function configReader(paths: Iterable<string>, options: ReadConfigsOptions = {}): ConfigReader {
  checkOptions("configReader", options, readChecks);
  const { maxLength = defaultMaxLength, filePatterns = [] } = options;
  if (!(maxLength > 0)) throw new TypeError("maxLength must be more than 0");
  for (const { format } of filePatterns)
    if (!fileFormats.some(({ id }) => id === format) && !isStructured(format))
      throw new TypeError(`no configuration format is called ${format}`);
  const charts = new HelmCharts(paths);
  const patternOf = (path: string): string | undefined =>
    filePatterns.find(({ matches }) => matches.test(path))?.format;
  return {
    wants: (path) =>
      patternOf(path) !== undefined ||
      isStructured(extensionOf(path).slice(1)) ||
      fileFormats.some((format) => format.matchesName(path)),
    read: (file) => finish(reading(file)),
    readInTurns: (file) => inTurns(reading(file)),
  };

  function* reading(file: ConfigFile): Steps<ReadConfigs> {
    const { path, text } = file;
    const pattern = patternOf(path);
    const byPattern = fileFormats.find(({ id }) => id === pattern);
    const structured = isStructured(pattern ?? extensionOf(path).slice(1));
    const format = byPattern ?? (structured ? undefined : fileFormats.find((each) => each.matchesName(path)));
    const byName = format ?? fileFormats.find((each) => each.matchesName(path));
    const chosen = byName ?? (structured ? undefined : fileFormats.find((each) => each.matchesText?.(text) === true));
    if (chosen === undefined && !structured) return nothing;
    if (text.length > maxLength)
      return problem("limit-exceeded", path, `the file is longer than ${maxLength} characters and was not read`);
    if (text.includes("\0")) return problem("malformed-file", path, "the file is not text");
    const inChart = charts.read(path);
    if (inChart !== undefined) return inChart;
    return chosen === undefined ? yield* readStructured(file) : chosen.read(file);
  }
}

const nothing: ReadConfigs = { documents: [], diagnostics: [] };

function problem(code: "limit-exceeded" | "malformed-file", path: string, message: string): ReadConfigs {
  return { documents: [], diagnostics: [fileProblem(code, path, message)] };
}

/** To see what a document is takes about as long as looking at so many bytes. */
const bytesPerDocument = 1_024;

function isStructured(name: string): boolean {
  return ["yaml", "yml", "json", ...valueFormats.map(({ id }) => id)].includes(name);
}

function* readStructured(file: ConfigFile): Steps<ReadConfigs> {
  const read = yield* structuredDocuments(file);
  const diagnostics = [...read.diagnostics];
  const documents: AnyConfigDocument[] = [];
  for (const located of read.documents) {
    yield bytesPerDocument;
    if (located.value === null) continue;
    const items = asList(located.value);
    const list = listFormats.find(({ matches }) => matches(items));
    if (list !== undefined) diagnostics.push(notRead(file.path, list.name));
    const value = asObject(located.value);
    const format = value === undefined ? undefined : valueFormats.find((each) => each.matches(value, file.path));
    if (format === undefined || value === undefined) documents.push(plainDocument(file, located));
    else if (format.document === undefined) diagnostics.push(notRead(file.path, format.name));
    else documents.push(format.document({ ...placed(file, located), value }));
  }
  return { documents, diagnostics };
}

function notRead(path: string, name: string): Diagnostic {
  const article = /^[AEIO]/.test(name) ? "an" : "a";
  return fileProblem("unsupported-format", path, `${article} ${name} is not read yet, so it is not checked`);
}

function plainDocument(file: ConfigFile, located: LocatedDocument): AnyConfigDocument {
  return {
    format: extensionOf(file.path) === ".json" ? "json" : "yaml",
    ...placed(file, located),
    value: located.value,
  };
}

function placed(
  { path, text }: ConfigFile,
  located: LocatedDocument,
): Pick<AnyConfigDocument, "path" | "text" | "lines" | "at"> {
  return { path, text, lines: located.lines, at: (part) => located.rangeOf(part) };
}
