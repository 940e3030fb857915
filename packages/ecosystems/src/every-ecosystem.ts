import { compareText } from "@plimsoll/model";
import type { Ecosystem } from "@plimsoll/model";
import * as registry from "./registry.ts";

/** Every ecosystem that Plimsoll knows, in the order of their ids. In a file of its own, so that bundlers can split it off. */
export const everyEcosystem: readonly Ecosystem[] = Object.values(registry).sort((a, b) => compareText(a.id, b.id));
