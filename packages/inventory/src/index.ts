/**
 * One pass over an image: what is installed, where, since which layer. Knows no ecosystem by name.
 * @module
 * @example
 * import { analyzeImage } from "@plimsoll/inventory";
 * const { packages } = await analyzeImage(source, { ecosystems: [apk, npm] });
 */
export { analyzeImage } from "./analyze-image.ts";
export type { AnalyzeOptions } from "./analyze-image.ts";
export { memoryCache } from "./memory-cache.ts";
export type { MemoryCacheOptions } from "./memory-cache.ts";
