import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { cpanInstalled, cpanMeta } from "./meta.ts";

/** Perl distributions of CPAN. No open database has advisories for them. */
export const cpan: Ecosystem = defineEcosystem({ id: "cpan", analyzers: [cpanInstalled, cpanMeta] });
