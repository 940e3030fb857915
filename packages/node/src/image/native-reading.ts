import type { LayerReading } from "@plimsoll/image";
import { nativeDecompressors } from "./native-decompressors.ts";
import { nativeHasher } from "./native-hasher.ts";

/** Node's own means to read layers: native decompression and hashing. */
export const nativeReading: LayerReading = { decompressors: nativeDecompressors, createHasher: nativeHasher };
