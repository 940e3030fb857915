import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { rockspec } from "./rockspec.ts";

/** Lua rocks. No open database has advisories for them. */
export const luarocks: Ecosystem = defineEcosystem({ id: "luarocks", analyzers: [rockspec] });
