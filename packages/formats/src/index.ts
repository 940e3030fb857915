/**
 * Bytes to structure: compression, archives, executables, databases, text formats. Every reader is bounded,
 * runs on any JavaScript engine, and throws only {@link FormatError}.
 * @module
 */
export { FormatError } from "./format-error.ts";
export type { FormatProblem } from "./format-error.ts";

// Raw deflate and checksums
export { inflatePieces } from "./inflate-pieces.ts";
export { deflateRaw, inflateRaw } from "./deflate/raw-deflate.ts";
export { crc32 } from "./crc32.ts";

// Text patterns
export { compileGlob } from "./glob.ts";

// Bytes in bytes
export { concatBytes } from "./byte-source.ts";
export { findInRanges, partOf, rangesOf, windowsOf } from "./byte-ranges.ts";
export type { ByteRanges } from "./byte-ranges.ts";
export { findBytes } from "./find-bytes.ts";

// Zip archives
export { openZip, openZipBytes } from "./zip/open-zip.ts";
export type { ZipArchive, ZipBytes, ZipContent, ZipOptions } from "./zip/open-zip.ts";
export type { ZipRandomAccess, ZipSource } from "./zip/byte-source.ts";
export type { ZipEntry } from "./zip/directory.ts";
export type { ZipEngine } from "./zip/inflate-entry.ts";
export {
  jsonDocumentSteps,
  jsonIn,
  locatedJsonSteps,
  parseJson,
  parseJsonDocument,
  parseLocatedJson,
} from "./json/json.ts";
export type { JsonDocument, JsonDocumentOptions, JsonOptions } from "./json/json.ts";
export { jsonEntries } from "./json/json-entries.ts";
export { jsonSteps } from "./json/json-steps.ts";
export type { JsonEntry } from "./json/json-entries.ts";
export { field, isRecord, listField, record, textField, textsField } from "./json/fields.ts";
export { ownText, shape, WrongParts, wrongParts, wrongPartsSteps } from "./document-shape.ts";
export type { DocumentShape, ShapeOptions, WrongPart } from "./document-shape.ts";
export { applicationCpe, cpeAny, cpeNotApplicable, isCpe, parseCpe } from "./cpe/cpe.ts";
export type { CpeName } from "./cpe/cpe.ts";
export { distroId, distroOfPurl, isSameDistro, releaseNamed } from "./purl/distro-qualifier.ts";
export type { DistroQualifier } from "./purl/distro-qualifier.ts";
export { isDistributionPurl, nativePurlName } from "./purl/native-name.ts";
export { registryForm } from "./purl/registry-form.ts";
export { formatPurl, parsePurl, purlProblem } from "./purl/purl.ts";
export type { PurlParts } from "./purl/purl.ts";
export { parseToml, parseTomlEntries, tomlEntriesSteps, tomlTableLines } from "./toml/toml.ts";
export type { TomlEntries } from "./toml/toml.ts";
export { pathSegments, TextLines } from "./shared/located-document.ts";
export type { LocatedDocument, TextPoint, TextRange, ValuePath, ValueSpan } from "./shared/located-document.ts";
export { formatYaml } from "./yaml/format-yaml.ts";
export { parseYaml, yamlKeyLines, yamlKeyLinesSteps } from "./yaml/yaml.ts";
export { yamlSteps } from "./yaml/yaml-steps.ts";
export type { AtOnce, YamlStepsOptions } from "./yaml/yaml-steps.ts";
export { parseYamlDocuments, yamlDocumentsSteps } from "./yaml/yaml-documents.ts";
export type { YamlDocumentOptions, YamlDocuments, YamlProblem } from "./yaml/yaml-documents.ts";
export type { YamlBooleans } from "./yaml/go-scalar.ts";

// Compression
export { compressionMagicBytes, decompress, portableDecompressors, sniffCompression } from "./compression.ts";
export type { Compression, DecompressOptions, Decompressor, Decompressors } from "./compression.ts";
export { gunzipBy } from "./gzip.ts";
export type { DeflateSource, GzipParts } from "./gzip.ts";

// Tar
export { normalizePath, pathRefusal } from "./tar/path.ts";
export { readTar } from "./tar/read-tar.ts";
export type { TarEntry, TarEntryType, TarOddity, TarReading } from "./tar/read-tar.ts";

// Package databases and control files
export { textLines } from "./deb822/text-lines.ts";
export { stanzas } from "./deb822/stanzas.ts";
export type { Stanza } from "./deb822/stanzas.ts";
export { copyrightParagraphs } from "./deb822/copyright.ts";
export type { CopyrightParagraph } from "./deb822/copyright.ts";
export { openSqlite } from "./sqlite/open-sqlite.ts";
export type { SqliteDatabase, SqliteIndex, SqliteOptions, SqliteRow } from "./sqlite/open-sqlite.ts";
export type { SqliteKey } from "./sqlite/look-up.ts";
export type { SqliteSource } from "./sqlite/pages.ts";
export type { SqliteValue } from "./sqlite/record.ts";
export { readHashValues } from "./berkeley-db/read-hash-values.ts";
export { readBlobs } from "./ndb/read-blobs.ts";
export { readRpmHeader } from "./rpm-header/read-rpm-header.ts";
export type { RpmHeader } from "./rpm-header/read-rpm-header.ts";

// SPDX licence expressions
export { parseSpdxExpression } from "./spdx/expression.ts";
export type { SpdxExpression } from "./spdx/expression.ts";

// XML
export { parseXml, xmlChild, xmlChildren, xmlSteps, xmlText } from "./xml/xml.ts";
export type { XmlDocument, XmlElement, XmlOptions } from "./xml/xml.ts";

// Programs
export { elfMagic, elfNotes, readElf } from "./elf/elf.ts";
export type { ElfNote } from "./elf/elf.ts";
export { bytesAt, contentOf, sectionContent } from "./executable.ts";
export type { Executable, ExecutableSection } from "./executable.ts";
export { machoMagics, readMachO } from "./macho/macho.ts";
export { executableMagics, readExecutables } from "./open-executable.ts";
export { readAssembly } from "./pe/assembly.ts";
export type { Assembly, AssemblyName } from "./pe/assembly.ts";
export { peMagic, readPe } from "./pe/pe.ts";
export { readVersionResource } from "./pe/version-resource.ts";
export type { VersionResource } from "./pe/version-resource.ts";
export { StructureReader } from "./structure-reader.ts";
export { symbolAddresses } from "./symbols.ts";

// Registry of Windows
export { hasPendingChanges, openHive } from "./regf/open-hive.ts";
export type { HiveKey } from "./regf/open-hive.ts";

// Key-value databases
export { openBolt } from "./bolt/open-bolt.ts";
export type { BoltBucket, BoltEntry, BoltWalk, BoltOptions } from "./bolt/open-bolt.ts";

// Software bills of materials
export { hashAlgorithms, hashName } from "./sbom/hash-algorithms.ts";
export type { HashAlgorithm } from "./sbom/hash-algorithms.ts";
export { readSbomDocument, sbomDocumentSteps } from "./sbom/read-sbom-document.ts";
export { finish, mapped } from "./shared/steps.ts";
export type { Steps } from "./shared/steps.ts";
export type { Property, SbomComponent, SbomDocument } from "./sbom/sbom-document.ts";
export type { ByteStream, RandomAccessBytes } from "./bytes.ts";
