import { compareText } from "@plimsoll/model";
import type { Ecosystem } from "@plimsoll/model";
import * as registry from "./registry.ts";

/** Every ecosystem that Plimsoll knows, in the order of their ids. In a file of its own, which bundlers can put into a piece of its own. */
export const everyEcosystem: readonly Ecosystem[] = Object.values(registry).sort((a, b) => compareText(a.id, b.id));
