/**
 * One pass over an image: what is installed, where, since which layer. Knows no ecosystem by name.
 *
 * 1. Plan: the analyzers of all ecosystems and detectors, each once, and one look-up from a file's name to those who want it
 *    (`plan`, `dispatch`).
 * 2. Observe: each layer once, or from the cache. A file that somebody wants is shown to them; what they say is checked and
 *    kept beside the file's path (`take-layers`, `layer-cache`, `observe-layer`, `observe-file`, `observations`). All paths are
 *    noted as hashes (`path-index`).
 * 3. Lay the layers on top of each other (`merged-view`): which layer's entry stands at a path.
 * 4. Look again at what links hid from step 2 (`second-look`, `look-again`).
 * 5. Keep what was said about files that are there at the end (`survivors`), ask those who need several files at once
 *    (`observe-tree`), and place what detectors found (`parts`).
 * 6. Assemble: one distribution (`distro`), purls (`found-packages`), one package of all its mentions (`merge-packages`), who owns
 *    its files (`ownership`), who needs it (`relate-packages`), in one order.
 *
 * `docs/the-way-of-a-scan.md` follows a file through all of it.
 * @module
 * @example
 * import { takeInventory } from "@plimsoll/inventory";
 * const { packages } = await takeInventory(source, { ecosystems: [apk, npm] });
 */
export { takeInventory } from "./take-inventory.ts";
export type { InventoryOptions } from "./take-inventory.ts";
export { memoryCache } from "./memory-cache.ts";
export type { MemoryCacheOptions } from "./memory-cache.ts";
