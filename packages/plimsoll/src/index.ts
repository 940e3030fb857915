/**
 * Container image vulnerability scanning for any JavaScript engine: an image source and an advisory store in, a report
 * out. Under Node's `node` condition the same names take paths and find their defaults; see `node.ts`.
 * @module
 * @example
 * import { imageArchive, memoryStore, scanImage } from "plimsoll";
 * const report = await scanImage(imageArchive(bytes), { advisories: memoryStore(advisories) });
 */

// The whole way, and its steps
export { analyzeImage, scanInventory, scanEvents, scanImage } from "./scan-image.ts";
export type { AnalyzeOptions, ScanInventoryOptions, ScanOptions } from "./scan-image.ts";
export { explain } from "./explain.ts";
export type { ExplainOptions } from "./explain.ts";

// Its parts, listed in one place for both entries
export * from "./parts.ts";
