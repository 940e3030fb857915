import { field, listField, parseJson, record, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";

/** An in-toto statement about artifacts. https://github.com/in-toto/attestation/tree/main/spec */
export interface InTotoStatement {
  readonly subjects: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** An artifact that a statement is about. */
export interface StatementSubject {
  readonly name: string;
  /** Hexadecimal digits by algorithm: `sha256`, `sha512`, `gitCommit`… */
  readonly digest: ReadonlyMap<string, string>;
}

/** The media type of a statement in a DSSE envelope. */
export const inTotoPayloadType = "application/vnd.in-toto+json";

/**
 * Reads a statement of version 0.1 or 1.
 * @throws ScanError where the text is not one, with the reason.
 */
export function readStatement(text: string): InTotoStatement {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : "not JSON");
  }
  const type = textField(value, "_type");
  if (type === undefined || !/^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1(?:\.\d+)?)$/.test(type)) {
    throw malformed(`_type ${JSON.stringify(type)} is not a statement's`);
  }
  const predicateType = textField(value, "predicateType");
  if (predicateType === undefined) throw malformed("predicateType is missing");
  const list = listField(value, "subject");
  if (list.length === 0) throw malformed("subject is empty");
  return { subjects: list.map(readSubject), predicateType, predicate: record(field(value, "predicate")) ?? {} };
}

function readSubject(value: unknown): StatementSubject {
  const digest = record(field(value, "digest")) ?? {};
  const entries = Object.entries(digest).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (entries.length === 0) throw malformed("a subject has no digest");
  return {
    name: textField(value, "name") ?? "",
    digest: new Map(entries.map(([name, hex]) => [name, hex.toLowerCase()])),
  };
}

/** Whether a subject of a statement has this digest (`sha256:…`). Names of subjects are not compared: the digest identifies the artifact. */
export function isAbout(statement: InTotoStatement, digest: string): boolean {
  const [algorithm = "", hex = ""] = digest.split(":");
  return hex !== "" && statement.subjects.some((subject) => subject.digest.get(algorithm) === hex.toLowerCase());
}

function malformed(reason: string): ScanError {
  return new ScanError({ kind: "malformed-document", label: "in-toto statement", reason });
}
