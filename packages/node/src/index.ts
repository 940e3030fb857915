/**
 * The machine: files, sockets, native decompression, caches. The only package beside the program that imports `node:*`.
 * @module
 */

// Advisories
export { buildAdvisories } from "./advisories/build-advisories.ts";
export type { BuildAdvisoriesOptions } from "./advisories/build-advisories.ts";
export { ensureAdvisories, expectAdvisories } from "./advisories/ensure-advisories.ts";
export type { AdvisoriesFetched, EnsureAdvisoriesOptions } from "./advisories/ensure-advisories.ts";
export { exportAdvisories } from "./advisories/export-advisories.ts";
export type { ExportAdvisoriesOptions } from "./advisories/export-advisories.ts";
export { staleRecords } from "./advisories/freshness.ts";
export type { FreshnessOptions } from "./advisories/freshness.ts";
export { importAdvisories } from "./advisories/import-advisories.ts";
export type { ImportAdvisoriesOptions } from "./advisories/import-advisories.ts";
export { openAdvisories } from "./advisories/open-advisories.ts";
export type { OpenAdvisoriesOptions, OpenedAdvisories } from "./advisories/open-advisories.ts";
export { openJavaIndex } from "./advisories/open-java-database.ts";
export { pullAdvisories } from "./advisories/artifact/pull-advisories.ts";
export type { PullAdvisoriesOptions } from "./advisories/artifact/pull-advisories.ts";
export { pushAdvisories } from "./advisories/artifact/push-advisories.ts";
export type { DatabaseKeyOptions } from "./advisories/database-keys.ts";
export type { ArtifactOptions, FindArtifactOptions } from "./advisories/artifact/registry-artifact.ts";
export { watchAdvisories } from "./advisories/watch-advisories.ts";
export type { WatchAdvisoriesOptions } from "./advisories/watch-advisories.ts";
export { openFileBytes } from "./advisories/file-bytes.ts";
export type { FileBytes } from "./advisories/file-bytes.ts";
export { platformEngine } from "./advisories/platform-engine.ts";
export {
  defaultExploitPrediction,
  defaultKnownExploited,
  defaultMirrors,
  updateAdvisories,
} from "./advisories/update/update-advisories.ts";
export type { UpdateAdvisoriesOptions, UpdateOutcome, UpdateResult } from "./advisories/update/update-advisories.ts";
export { defaultStorePath, storeFileName } from "./advisories/store-path.ts";

// Images
export { imageFile, imageFrom, imageStream, machinePlatform } from "./image/image-file.ts";
export type { ImageFileKind, ImageFileOptions } from "./image/image-file.ts";
export { rootfsDirectory } from "./image/rootfs-directory.ts";
export { scratchSpace } from "./image/scratch-space.ts";
export type { RootfsDirectoryOptions } from "./image/rootfs-directory.ts";
export { fileBytes } from "./image/file-bytes.ts";
export { treeFiles } from "./tree-files.ts";
export type { TreeFiles, TreeFilesOptions } from "./tree-files.ts";
export { layerThreads } from "./image/layer-threads.ts";
export type { LayerThreadsOptions } from "./image/layer-threads.ts";
export { fileEngine } from "./image/file-engine.ts";
export { nativeReading } from "./image/native-reading.ts";
export { nativeDecompressors } from "./image/native-decompressors.ts";
export { nativeHasher } from "./image/native-hasher.ts";
export { spoolToDisk } from "./image/spool-to-disk.ts";

// Images by reference: registries and engines
export { everyPlatform, imageSource } from "./image-reference.ts";
export type { ImageReferenceOptions } from "./image-reference.ts";
export { imageFromEngine } from "./engine/docker-engine.ts";
export type { DockerEngineOptions } from "./engine/docker-engine.ts";
export { dockerCredentials } from "./registry/docker-config.ts";
export type { DockerConfigOptions } from "./registry/docker-config.ts";
export { pullPolicyFiles } from "./registry/pull-policy-files.ts";
export { openRepository, reachRegistries } from "./registry/open-repository.ts";
export { tlsFetch } from "./registry/tls-fetch.ts";
export { serviceClient } from "./network/service-client.ts";
export type { ServiceAnswer, ServiceClient, ServiceClientOptions, ServiceRequest } from "./network/service-client.ts";
export { systemFetch } from "./network/system-fetch.ts";
export type { SystemFetchOptions, TlsOptions } from "./network/system-fetch.ts";

// Nodes and endpoints
export { hostFacts } from "./host/host-facts.ts";
export { directoryTree } from "./host/directory-tree.ts";
export { endpointConnection } from "./host/endpoint-connection.ts";
export type { EndpointConnection } from "./host/endpoint-connection.ts";

// Attestations
export { directoryAttestationStore } from "./attestations/directory-attestation-store.ts";
export { directoryReportStore } from "./reports/directory-report-store.ts";
export { serviceReportStore } from "./reports/service-report-store.ts";
export type { ServiceReportStoreOptions } from "./reports/service-report-store.ts";
export { sigstoreVerifier } from "./attestations/sigstore-verifier.ts";

// Caches
export { directoryCache } from "./cache/directory-cache.ts";
export type { DirectoryCacheOptions } from "./cache/directory-cache.ts";
export { defaultCacheDirectory } from "./cache/default-cache-directory.ts";

// Policies
export { regoCrypto, regoEnvironment } from "./rego-environment.ts";
export type { Environment } from "./network/proxy.ts";
export type { FetchDocumentOptions } from "./advisories/update/fetch-document.ts";
export type { KeepArtifactOptions } from "./advisories/artifact/open-artifact.ts";
export type { KeepOptions } from "./advisories/kept-databases.ts";
