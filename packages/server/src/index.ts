/**
 * The service: it indexes images once, matches them again whenever the advisories change, and notifies of what changed. It has Clair's
 * API, and keeps its data in PostgreSQL, or in an embedded one that needs nothing but a directory.
 * @module
 * @example
 * import { createService } from "@plimsoll/server";
 * const service = createService({ database: "./data", advisories: "./advisories.db" });
 * const answer = await service.fetch(new Request("http://localhost/indexer/api/v1/index_state"));
 */
export { createService } from "./service.ts";
export type { Service } from "./service.ts";
export { RoleNeedsServer, serviceRoles } from "./service-options.ts";
export type { NotifierOptions, ServiceOptions, ServiceRole, WatchOptions } from "./service-options.ts";
export type { AdmissionOptions } from "./api/admission-route.ts";
export type { AmqpOptions } from "./notifier/amqp.ts";
export type { BrokerOptions } from "./notifier/broker-messages.ts";
export { readClairNotifier } from "./notifier/clair-config.ts";
export type { StompOptions } from "./notifier/stomp.ts";
export type { WebhookOptions } from "./notifier/webhook.ts";
export type { ServiceLog } from "./service-core.ts";
export type { AuthenticationOptions } from "./http/authentication.ts";
export type { RequestLimits } from "./http/request-limits.ts";
export type { Access } from "./http/route.ts";
export { s3Cache } from "./blobs/s3-cache.ts";
export type { S3Options } from "./blobs/s3-cache.ts";
export type { SigningCredentials } from "./blobs/sigv4.ts";
export { DirectoryInUse } from "./database/directory-lock.ts";

// On a port, for the command
export { OpenToNetwork, serve } from "./serve.ts";
export type { ServeOptions } from "./serve.ts";
export { layerStoreAt } from "./blobs/layer-store.ts";
export { readSealingKey, sealingKeyIn } from "./database/sealing-key.ts";
export { createLog, logLevels } from "./log.ts";
export type { LogLevel } from "./log.ts";
