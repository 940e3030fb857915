import { portableDecompressors } from "@plimsoll/formats";
import type { Decompressors } from "@plimsoll/formats";
import { gunzip } from "./gunzip.ts";

/** Native where Node has it, portable elsewhere. */
export const nativeDecompressors: Decompressors = { ...portableDecompressors, gzip: gunzip };
