import type { SpdxDocument, SpdxPackage } from "./document.ts";

/** The document as lines of `Tag: value` (SPDX 2.3 annex G.1: the sections in the order of the specification). */
export function* tagValue(document: SpdxDocument): Iterable<string> {
  yield lines([
    ["SPDXVersion", document.spdxVersion],
    ["DataLicense", document.dataLicense],
    ["SPDXID", document.SPDXID],
    ["DocumentName", document.name],
    ["DocumentNamespace", document.documentNamespace],
    ...document.creationInfo.creators.map((creator): Tag => ["Creator", creator]),
    ["Created", document.creationInfo.created],
  ]);
  for (const pkg of document.packages) yield `\n${packageLines(pkg)}`;
  for (const license of document.hasExtractedLicensingInfos ?? [])
    yield `\n${lines([
      ["LicenseID", license.licenseId],
      ["ExtractedText", text(license.extractedText)],
      ["LicenseName", license.name],
    ])}`;
  yield "\n";
  for (const { spdxElementId, relationshipType, relatedSpdxElement } of document.relationships)
    yield lines([["Relationship", `${spdxElementId} ${relationshipType} ${relatedSpdxElement}`]]);
}

type Tag = readonly [string, string | undefined];

function packageLines(pkg: SpdxPackage): string {
  return lines([
    ["PackageName", pkg.name],
    ["SPDXID", pkg.SPDXID],
    ["PackageVersion", pkg.versionInfo],
    ["PackageSupplier", pkg.supplier],
    ["PackageDownloadLocation", pkg.downloadLocation],
    ["PrimaryPackagePurpose", pkg.primaryPackagePurpose.replace("_", "-")],
    ["FilesAnalyzed", String(pkg.filesAnalyzed)],
    ...(pkg.checksums ?? []).map(({ algorithm, checksumValue }): Tag => [
      "PackageChecksum",
      `${algorithm}: ${checksumValue}`,
    ]),
    ["PackageSourceInfo", pkg.sourceInfo === undefined ? undefined : text(pkg.sourceInfo)],
    ["PackageLicenseConcluded", pkg.licenseConcluded],
    ["PackageLicenseDeclared", pkg.licenseDeclared],
    ["PackageCopyrightText", pkg.copyrightText],
    ...(pkg.externalRefs ?? []).flatMap((reference): Tag[] => [
      ["ExternalRef", `${reference.referenceCategory} ${reference.referenceType} ${reference.referenceLocator}`],
      ...(reference.comment === undefined ? [] : [["ExternalRefComment", text(reference.comment)] as const]),
    ]),
    ...(pkg.annotations ?? []).flatMap((annotation): Tag[] => [
      ["Annotator", annotation.annotator],
      ["AnnotationDate", annotation.annotationDate],
      ["AnnotationType", annotation.annotationType],
      ["SPDXREF", pkg.SPDXID],
      ["AnnotationComment", text(annotation.comment)],
    ]),
  ]);
}

function lines(tags: readonly Tag[]): string {
  return tags.map(([tag, value]) => (value === undefined ? "" : `${tag}: ${value}\n`)).join("");
}

/** Free text between its marks; the closing mark itself cannot be part of it, and the format has no escape for it. */
function text(value: string): string {
  return `<text>${value.replaceAll("</text>", "&lt;/text&gt;")}</text>`;
}
