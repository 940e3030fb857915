import type { Steps } from "../shared/steps.ts";

/** Whether a text is an SPDX 2 document of lines of `Tag: value`. */
export function isTagValue(text: string): boolean {
  return /^(?:[ \t]*(?:#.*)?\r?\n){0,100}[ \t]*SPDXVersion:[ \t]*SPDX-2/.test(text.slice(0, 20_000));
}

type Fields = Record<string, unknown>;

/** To read a line takes about as long as looking at so many bytes. */
const bytesPerLine = 512;

/** Turns a document of lines `Tag: value` into the value that its JSON form has, as far as it is read (SPDX 2.3 annex G.1). */
export function* spdxTagValueToJson(text: string): Steps<unknown> {
  const document: Record<"packages" | "files" | "relationships" | "licenses", Fields[]> = {
    packages: [],
    files: [],
    relationships: [],
    licenses: [],
  };
  const byId = new Map<string, Fields>();
  const head: Fields = {};
  let current: Fields = head;
  let annotation: Fields | undefined;
  for (const [tag, value] of tags(text)) {
    switch (tag) {
      case "SPDXVersion":
        head["spdxVersion"] = value;
        break;
      case "PackageName":
        document.packages.push(
          (current = { name: value, externalRefs: [], checksums: [], annotations: [], attributionTexts: [] }),
        );
        break;
      case "FileName":
        document.files.push((current = { fileName: value }));
        break;
      case "SnippetSPDXID":
        current = {};
        break;
      case "SPDXID":
        current["SPDXID"] = value;
        byId.set(value, current);
        break;
      case "LicenseID":
        document.licenses.push((current = { licenseId: value }));
        break;
      case "ExtractedText":
        current["extractedText"] = value;
        break;
      case "ExternalRef":
        push(current, "externalRefs", externalRef(value));
        break;
      case "PackageChecksum":
        push(current, "checksums", { algorithm: before(value, ":"), checksumValue: after(value, ":") });
        break;
      case "PackageAttributionText":
        push(current, "attributionTexts", value);
        break;
      case "Relationship":
        document.relationships.push(relationship(value));
        break;
      case "Annotator":
        annotation = {};
        break;
      case "SPDXREF":
        if (annotation !== undefined) push(byId.get(value), "annotations", annotation);
        break;
      case "AnnotationComment":
        if (annotation !== undefined) annotation["comment"] = value;
        break;
      default: {
        const key = packageFields.get(tag);
        if (key !== undefined) current[key] = value;
      }
    }
    yield bytesPerLine;
  }
  return {
    ...head,
    packages: document.packages,
    files: document.files,
    relationships: document.relationships,
    hasExtractedLicensingInfos: document.licenses,
  };
}

const packageFields: ReadonlyMap<string, string> = new Map([
  ["PackageVersion", "versionInfo"],
  ["PackageSupplier", "supplier"],
  ["PackageSourceInfo", "sourceInfo"],
  ["PackageLicenseDeclared", "licenseDeclared"],
  ["PrimaryPackagePurpose", "primaryPackagePurpose"],
]);

/** Tags and values in order; free text may span lines between `<text>` and `</text>`. */
function* tags(text: string): Iterable<readonly [string, string]> {
  let at = 0;
  while (at < text.length) {
    const end = endOfLine(text, at);
    const line = text.slice(at, end);
    const colon = line.indexOf(":");
    const tag = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    at = end + 1;
    if (colon <= 0 || tag.startsWith("#")) continue;
    if (!value.startsWith("<text>")) {
      yield [tag, value];
      continue;
    }
    const start = end - (line.length - line.indexOf("<text>")) + "<text>".length;
    const close = text.indexOf("</text>", start);
    const stop = close < 0 ? text.length : close;
    yield [tag, text.slice(start, stop)];
    at = endOfLine(text, stop) + 1;
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function externalRef(value: string): Fields {
  const [referenceCategory, referenceType, referenceLocator] = value.split(/\s+/);
  return { referenceCategory, referenceType, referenceLocator };
}

function relationship(value: string): Fields {
  const [spdxElementId, relationshipType, relatedSpdxElement] = value.split(/\s+/);
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function push(fields: Fields | undefined, key: string, value: unknown): void {
  const list = fields?.[key];
  if (Array.isArray(list)) list.push(value);
}

function before(text: string, mark: string): string {
  return text.slice(0, Math.max(0, text.indexOf(mark))).trim();
}

function after(text: string, mark: string): string {
  return text.slice(text.indexOf(mark) + 1).trim();
}
