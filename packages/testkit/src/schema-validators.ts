import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import addMoreFormats from "ajv-formats-draft2019";
import { SaxesParser } from "saxes";
import { validateXML } from "xmllint-wasm";
import { sharedPath } from "./shared-data.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Complaints about a document; none means that it is valid. */
type Validator = (document: unknown) => readonly string[];

const compiled = new Map<string, Validator>();

/**
 * Complaints of a published JSON schema about a document; none means that it is valid.
 * Undefined when the schema is not there. `schema` is a path in the shared data, `others` are the files beside it that it refers to.
 */
export function jsonSchemaValidator(schema: string, ...others: readonly string[]): Validator | undefined {
  const path = sharedPath(schema);
  if (path === undefined) return undefined;
  const beside = (other: string): [string, Schema] => [other, readSchema(join(dirname(path), other))];
  const validate = compiled.get(path) ?? validatorOf(readSchema(path), Object.fromEntries(others.map(beside)));
  compiled.set(path, validate);
  return validate;
}

/** The same for a schema at hand; `others` are those that it refers to, by the name it gives them. */
export function validatorOf(schema: Schema, others: Readonly<Record<string, Schema>> = {}): Validator {
  const validate = compile(schema, others);
  return (document) =>
    validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function compile(given: Schema, others: Readonly<Record<string, Schema>>): ValidateFunction {
  const schema: Record<string, unknown> = { ...given };
  const draft = String(schema["$schema"] ?? "");
  // Draft 4 differs from 7 in keywords that the schemas we use do not have, and in how the id is spelled.
  if (draft.includes("draft-04")) {
    delete schema["$schema"];
    delete schema["id"];
  }
  const options = { strict: false, allErrors: false, validateFormats: true } as const;
  const ajv = draft.includes("2020-12")
    ? new Ajv2020(options)
    : draft.includes("2019-09")
      ? new Ajv2019(options)
      : new Ajv(options);
  // Both packages are CommonJS whose typings do not say that the function is the module itself.
  const plugins = [addFormats, addMoreFormats] as unknown as readonly ((it: unknown) => void)[];
  for (const plugin of plugins) plugin(ajv);
  // The package knows only registered schemes, of which `pkg` is none (RFC 3987 §2.2 asks for no registration).
  ajv.addFormat("iri", /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]*$/i);
  for (const [name, other] of Object.entries(others)) ajv.addSchema(other, name);
  return ajv.compile(schema);
}

function readSchema(path: string): Schema {
  return JSON.parse(readFileSync(path, "utf8")) as Schema;
}

/**
 * The same for an XML schema. Undefined when it is not there.
 */
export function xmlSchemaValidator(
  schema: string,
  ...others: readonly string[]
): ((document: string) => Promise<readonly string[]>) | undefined {
  const path = sharedPath(schema);
  if (path === undefined) return undefined;
  const read = (file: string) => ({ fileName: basename(file), contents: localImports(readFileSync(file, "utf8")) });
  return async (document) => {
    const result = await validateXML({
      xml: [{ fileName: "document.xml", contents: document }],
      schema: [read(path)],
      preload: others.map((other) => read(join(dirname(path), other))),
      maxMemoryPages: 16_384,
    });
    return result.valid ? [] : result.errors.map(({ message }) => message);
  };
}

/** Schemas import each other by web address; the copies lie beside each other. */
function localImports(schema: string): string {
  return schema.replace(/schemaLocation="https?:\/\/[^"]*\/([^"/]+?)(\.xsd)?"/g, 'schemaLocation="$1.xsd"');
}

/** Why a text is not well-formed XML 1.0 with namespaces; undefined when it is. */
export function xmlProblem(document: string): string | undefined {
  let problem: string | undefined;
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    problem ??= error.message;
  });
  parser.write(document).close();
  return problem;
}
