/**
 * Container image vulnerability scanning for any JavaScript engine: an image source and an advisory store in, a report
 * out. Under Node's `node` condition the same names take paths and find their defaults; see `node.ts`.
 * @module
 * @example
 * import { openStore, scanImage } from "plimsoll";
 * const report = await scanImage(file, { advisories: await openStore(database) });
 */

// The whole way, and its steps
export { analyzeImage, scanInventory, scanEvents, scanImage } from "./scan-image.ts";
export type { AnalyzeOptions, ScanInventoryOptions, ScanOptions } from "./scan-image.ts";
export { explain } from "./explain.ts";
export type { ExplainOptions } from "./explain.ts";
export { imageFrom } from "@plimsoll/image";

// Its parts, listed in one place for both entries
export * from "./parts.ts";
