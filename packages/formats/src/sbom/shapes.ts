// What the readers of this folder take from documents, by type: what is of another type, they pass over.
import { shape } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";

const { fields, list, scalar, text, texts } = shape;

const cycloneDxComponent: DocumentShape = {
  kind: "fields",
  fields: {
    "bom-ref": text,
    type: text,
    group: text,
    name: text,
    version: text,
    purl: text,
    publisher: text,
    cpe: text,
    supplier: texts("name"),
    licenses: list(fields({ expression: text, license: texts("id", "name") })),
    hashes: list(texts("alg", "content")),
    properties: list(fields({ name: text, value: scalar })),
    evidence: fields({ occurrences: list(texts("location")) }),
    get components() {
      return list(cycloneDxComponent);
    },
  },
};

/** The shape of CycloneDX documents. */
export const cycloneDxShape: DocumentShape = fields({
  specVersion: text,
  metadata: fields({ component: cycloneDxComponent }),
  components: list(cycloneDxComponent),
  dependencies: list(fields({ ref: text, dependsOn: list(text) })),
});

/** The shape of SPDX 2 documents. */
export const spdx2Shape: DocumentShape = fields({
  documentDescribes: list(text),
  hasExtractedLicensingInfos: list(texts("licenseId", "extractedText", "name")),
  files: list(texts("SPDXID", "fileName")),
  relationships: list(texts("spdxElementId", "relatedSpdxElement", "relationshipType")),
  packages: list(
    fields({
      SPDXID: text,
      name: text,
      versionInfo: text,
      supplier: text,
      originator: text,
      downloadLocation: text,
      sourceInfo: text,
      licenseDeclared: text,
      primaryPackagePurpose: text,
      externalRefs: list(texts("referenceType", "referenceLocator")),
      checksums: list(texts("algorithm", "checksumValue")),
      annotations: list(texts("comment")),
      attributionTexts: list(text),
      hasFiles: list(text),
    }),
  ),
});

/** The shape of SPDX 3 documents, whose elements have the members of their type. */
export const spdx3Shape: DocumentShape = fields({
  "@graph": list(
    fields({
      type: text,
      spdxId: text,
      name: text,
      from: text,
      to: list(text),
      rootElement: list(text),
      relationshipType: text,
      software_packageUrl: text,
      software_packageVersion: text,
      externalIdentifier: list(shape.either(text, texts("externalIdentifierType", "identifier"))),
      verifiedUsing: list(shape.either(text, fields({}))),
    }),
  ),
});

/** The shape of Syft's own JSON. */
export const syftShape: DocumentShape = fields({
  artifacts: list(
    fields({
      id: text,
      name: text,
      version: text,
      purl: text,
      licenses: list(shape.either(text, texts("value"))),
      cpes: list(shape.either(text, texts("cpe"))),
      locations: list(texts("path", "layerID")),
    }),
  ),
  artifactRelationships: list(texts("parent", "child", "type")),
  distro: shape.orNull(texts("id", "name", "versionID", "version")),
});
