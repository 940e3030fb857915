// Reports and inventories of schemaVersion 1, which had one list of findings, all of them vulnerabilities.
import { listField, record, textField } from "@plimsoll/formats";
import { fingerprintOf } from "@plimsoll/model";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Converts a document of schema version 1 to version 2; returns any other document unchanged. Checks only the members that it moves: the caller
 * checks all types afterwards.
 */
export function fromVersion1(document: object): unknown {
  const given = record(document);
  if (given === undefined || given["schemaVersion"] !== 1) return document;
  const { findings, suppressed, ...rest } = given;
  const packages = new Map(listField(given, "packages").map((pkg) => [textField(record(pkg), "id"), record(pkg)]));
  return {
    ...rest,
    schemaVersion: 2,
    ...(findings === undefined
      ? {}
      : { vulnerabilities: ofEach(findings, (finding) => vulnerability(finding, packages)) }),
    ...(suppressed === undefined
      ? {}
      : {
          suppressed: ofEach(suppressed, (entry) => ({
            ...entry,
            finding: onFields(entry["finding"], (finding) => vulnerability(finding, packages)),
          })),
        }),
    ...(given["diagnostics"] === undefined
      ? {}
      : {
          diagnostics: ofEach(given["diagnostics"], (problem) =>
            problem["code"] === "policy" ? { ...problem, code: "triage" } : problem,
          ),
        }),
  };
}

/** What version 1 said of a finding, with what it left to the package that the finding is in. */
function vulnerability(finding: Fields, packages: ReadonlyMap<string | undefined, Fields | undefined>): Fields {
  const named = record(finding["package"]);
  const pkg = packages.get(textField(named, "id"));
  const locations = listField(pkg, "locations");
  const [location] = locations;
  const path = textField(record(location), "path");
  const ecosystem = textField(pkg, "ecosystem");
  const namespace = textField(record(record(finding["explanation"])?.["key"]), "namespace");
  return {
    kind: "vulnerability",
    ...finding,
    package:
      named === undefined
        ? finding["package"]
        : { ...named, ...(ecosystem === undefined ? {} : { ecosystem }), ...(path === undefined ? {} : { path }) },
    ...(location === undefined ? {} : { location }),
    locations,
    fingerprint: fingerprintOf("vulnerability", textField(finding, "id"), namespace, textField(named, "name"), path),
  };
}

function ofEach(value: unknown, change: (fields: Fields) => Fields): unknown {
  return Array.isArray(value) ? value.map((item) => onFields(item, change)) : value;
}

function onFields(value: unknown, change: (fields: Fields) => Fields): unknown {
  const fields = record(value);
  return fields === undefined ? value : change(fields);
}
