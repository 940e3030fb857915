/**
 * What the tests of all packages share: literal images, conformance suites, and the way to optional shared data.
 * @module
 */
export { literalImage } from "./literal-image.ts";
export type { LiteralEntry, LiteralImage, LiteralLayer } from "./literal-image.ts";
export { dockerArchive, layerTar, ociLayoutFiles, sha256, tarOf } from "./image-archive.ts";
export type { ArchiveOptions } from "./image-archive.ts";
export { arbitraryVersionLike, testVersionScheme } from "./version-scheme-suite.ts";
export type { VersionSchemeSuite } from "./version-scheme-suite.ts";
export { parseCsv, sharedFile, sharedPath, sharedTable } from "./shared-data.ts";
export { analyzedFile, observe } from "./run-analyzer.ts";
export { memoryBytes } from "./memory-bytes.ts";
export { hostileReport, hostileTexts, testReporter } from "./reporter-suite.ts";
export type { ReporterSuite } from "./reporter-suite.ts";
export { emptyReport, everyKindReport, sampleReport } from "./sample-report.ts";
export { matchesFile, parserCases, testParserCases } from "./parser-cases.ts";
export type { ExpectedPackage, ParserCase, ParserCaseSuite } from "./parser-cases.ts";
export { testVersionTables } from "./version-table.ts";
export type { VersionTableSuite } from "./version-table.ts";
export { jsonSchemaValidator, validatorOf, xmlProblem, xmlSchemaValidator } from "./schema-validators.ts";
export { formatProblems, judgedFormats } from "./format-problems.ts";
export { testEcosystem } from "./ecosystem-suite.ts";
export type { EcosystemSuite } from "./ecosystem-suite.ts";
export { zipOf } from "./zip-archive.ts";
export { boltFile } from "./bolt-file.ts";
export type { BoltContent } from "./bolt-file.ts";
export { trivyDatabase } from "./trivy-database.ts";
export type { TrivyPair } from "./trivy-database.ts";
export { sqliteFile } from "./sqlite-file.ts";
export { loopbackRegistry } from "./loopback-registry.ts";
export type { LoopbackRegistry } from "./loopback-registry.ts";
export { feedAnalyzers, fuzzAnalyzers } from "./feed-analyzers.ts";
export { expansionOf, sameExpansion, seedsOf } from "./fuzz/expanding.ts";
export { oddHashDatabase, oddJson, oddRpmHeader, oddSqlite, oddStanzas } from "./fuzz/odd-documents.ts";
export { oddTar, paxRecords, rawTarMember } from "./fuzz/odd-tar.ts";
export type { RawTarMember } from "./fuzz/odd-tar.ts";
export { randomFrom, wholeBelow } from "./fuzz/random.ts";
export type { Random } from "./fuzz/random.ts";
export { sameInChunks } from "./fuzz/chunkings.ts";
export { joinDocuments, linkDocuments } from "./fuzz/linked-documents.ts";
export type { LinkedDocument } from "./fuzz/linked-documents.ts";
export { readEverything } from "./fuzz/read-everything.ts";
export { describePackages, listEcosystem } from "./list-ecosystem.ts";
export type { ListEcosystemOptions } from "./list-ecosystem.ts";
export { processorTime } from "./processor-time.ts";
export { generatedPattern, realPatterns } from "./re2-patterns.ts";
export type { PatternCase } from "./re2-patterns.ts";
