import type { LayerReading } from "@plimsoll/image";
import { nativeDecompressors } from "./native-decompressors.ts";
import { nativeHasher } from "./native-hasher.ts";

/** Node's native decompression and hashing, for reading layers. */
export const nativeReading: LayerReading = { decompressors: nativeDecompressors, createHasher: nativeHasher };
