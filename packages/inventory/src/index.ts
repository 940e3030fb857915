/**
 * One pass over an image: what is installed, where, since which layer. Knows no ecosystem by name.
 * @module
 * @example
 * import { takeInventory } from "@plimsoll/inventory";
 * const { packages } = await takeInventory(source, { ecosystems: [apk, npm] });
 */
export { takeInventory } from "./take-inventory.ts";
export type { InventoryOptions } from "./take-inventory.ts";
export { memoryCache } from "./memory-cache.ts";
export type { MemoryCacheOptions } from "./memory-cache.ts";
