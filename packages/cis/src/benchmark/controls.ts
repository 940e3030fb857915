import { parseYamlDocuments, record } from "@plimsoll/formats";
import type { LocatedDocument } from "@plimsoll/formats";
import { BenchmarkError } from "./benchmark-error.ts";

/** One test of a check: a value is searched for and, if there is an operator, compared. */
export interface TestItem {
  /** Name to search for in the output of the audit: `--profiling`, `permissions`. */
  readonly flag: string;
  /** kubectl JSONPath into the output of the configuration audit: `{.readOnlyPort}`. */
  readonly path: string;
  /** Name of a variable in the environment of the process. */
  readonly env: string;
  /** False: the test passes if and only if nothing is found. */
  readonly set: boolean;
  readonly compare: {
    /** `eq`, `noteq`, `gt`, `gte`, `lt`, `lte`, `has`, `nothave`, `regex`, `valid_elements`, `bitmask`; empty: presence is enough. */
    readonly op: string;
    readonly value: string;
  };
}

/** One recommendation of a benchmark, as kube-bench's files write it. */
export interface Check {
  readonly id: string;
  readonly text: string;
  readonly audit: string;
  readonly auditConfig: string;
  readonly auditEnv: string;
  /** `manual` and `skip` are not run. */
  readonly type: string;
  /** Absent: the check has nothing to evaluate. */
  readonly tests?: { readonly binOp: string; readonly items: readonly TestItem[] };
  readonly remediation: string;
  readonly scored: boolean;
  /** Every line of the output must pass. */
  readonly useMultipleValues: boolean;
  /** Ids that compliance specifications give the same check; kube-bench's files have none. */
  readonly aliases?: readonly string[];
}

export interface Group {
  readonly id: string;
  readonly text: string;
  /** `skip`: none of its checks is run. */
  readonly type: string;
  readonly checks: readonly Check[];
}

/** One controls file: the recommendations for one kind of node. */
export interface Controls {
  readonly id: string;
  readonly version: string;
  readonly text: string;
  /** `master`, `node`, `etcd`, `controlplane`, `policies` or `managedservices`. */
  readonly type: string;
  readonly groups: readonly Group[];
}

/** Checks in one controls file; published files hold fewer than 200. */
const maxChecks = 10_000;

/**
 * Reads a controls file of kube-bench. Scalars are text as they were written, so that the mode `0644` stays `0644`; `set`, `scored` and
 * `use_multiple_values` are YAML 1.1 booleans.
 * @throws BenchmarkError when the text is no YAML or no controls file; the message names the place.
 */
export function readControls(text: string, path: string): Controls {
  const reader = openDocument(text, path);
  const root = reader.mapping([]);
  if (root === undefined) throw new BenchmarkError(path, "is no mapping");
  let count = 0;
  const groups = reader.items([], "groups").map((group) => ({
    id: reader.text([...group, "id"]),
    text: reader.text([...group, "text"]),
    type: reader.text([...group, "type"]),
    checks: reader.items(group, "checks").map((at) => {
      if (++count > maxChecks) throw new BenchmarkError(path, `holds more than ${maxChecks} checks`);
      return readCheckAt(reader, at);
    }),
  }));
  return {
    id: reader.text(["id"]),
    version: reader.text(["version"]),
    text: reader.text(["text"]),
    type: reader.text(["type"]),
    groups,
  };
}

/** The place of a value: keys and positions from the top. */
export type DocumentPath = readonly (string | number)[];

/** Reads one YAML document by places and keeps scalars as they were written. */
export class ScalarReader {
  readonly #document: LocatedDocument;
  readonly #path: string;

  constructor(document: LocatedDocument, path: string) {
    this.#document = document;
    this.#path = path;
  }

  #valueAt(at: DocumentPath): unknown {
    let value: unknown = this.#document.value;
    for (const key of at) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Readonly<Record<string | number, unknown>>)[key]; // as: the key is one of its own
    }
    return value;
  }

  mapping(at: DocumentPath): Readonly<Record<string, unknown>> | undefined {
    return record(this.#valueAt(at));
  }

  has(at: DocumentPath): boolean {
    return this.#valueAt(at) !== undefined;
  }

  /** The places of the mappings in a list; an absent list is empty. */
  items(at: DocumentPath, key: string): readonly DocumentPath[] {
    const list = this.#valueAt([...at, key]);
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list)) throw this.#refuse([...at, key], "is no list");
    return list.map((item, index) => {
      const place = [...at, key, index];
      if (typeof item !== "object" || item === null || Array.isArray(item)) throw this.#refuse(place, "is no mapping");
      return place;
    });
  }

  /** A scalar as it was written; empty when absent or null. */
  text(at: DocumentPath): string {
    const value = this.#valueAt(at);
    if (typeof value === "string") return value;
    if (value === undefined || value === null) return "";
    if (typeof value === "object") throw this.#refuse(at, "is no text");
    const span = this.#document.spanOf(at);
    return span === undefined ? String(value) : this.#document.text.slice(span.start, span.end);
  }

  /** A list of scalars; a single one is a list of one. */
  texts(at: DocumentPath): readonly string[] {
    const value = this.#valueAt(at);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return [this.text(at)];
    return value.map((_, index) => this.text([...at, index]));
  }

  boolean(at: DocumentPath, absent: boolean): boolean {
    const value = this.#valueAt(at);
    if (value === undefined || value === null) return absent;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw this.#refuse(at, "is neither true nor false");
  }

  #refuse(at: DocumentPath, reason: string): BenchmarkError {
    return new BenchmarkError(this.#path, `/${at.join("/")} ${reason}`);
  }
}

/** The first document of a YAML text. @throws BenchmarkError */
export function openDocument(text: string, path: string): ScalarReader {
  const { documents, problems } = parseYamlDocuments(text);
  const problem = problems[0];
  if (problem !== undefined) throw new BenchmarkError(path, `line ${problem.line}: ${problem.message}`);
  const document = documents[0];
  if (document === undefined) throw new BenchmarkError(path, "is empty");
  return new ScalarReader(document, path);
}

function readCheckAt(reader: ScalarReader, at: DocumentPath): Check {
  const check = {
    id: reader.text([...at, "id"]),
    text: reader.text([...at, "text"]),
    audit: reader.text([...at, "audit"]),
    auditConfig: reader.text([...at, "audit_config"]),
    auditEnv: reader.text([...at, "audit_env"]),
    type: reader.text([...at, "type"]),
    remediation: reader.text([...at, "remediation"]),
    scored: reader.boolean([...at, "scored"], false),
    useMultipleValues: reader.boolean([...at, "use_multiple_values"], false),
  };
  const aliases = reader.texts([...at, "aliases"]);
  const named = aliases.length === 0 ? check : { ...check, aliases };
  const tests = [...at, "tests"];
  if (reader.mapping(tests) === undefined) return named;
  return {
    ...named,
    tests: {
      binOp: reader.text([...tests, "bin_op"]),
      items: reader.items(tests, "test_items").map((item) => ({
        flag: reader.text([...item, "flag"]),
        path: reader.text([...item, "path"]),
        env: reader.text([...item, "env"]),
        set: reader.boolean([...item, "set"], true),
        compare: { op: reader.text([...item, "compare", "op"]), value: reader.text([...item, "compare", "value"]) },
      })),
    },
  };
}
