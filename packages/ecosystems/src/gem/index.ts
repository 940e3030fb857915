import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { settleSealed, withSeal } from "../shared/names/sealed-libraries.ts";
import { copyDoubt, rejectsMalware } from "./copies.ts";
import { computedVersions } from "./computed-versions.ts";
import { gemfileLock } from "./gemfile-lock.ts";
import { gemspec } from "./gemspec.ts";
import { gemVersions } from "./versions.ts";

/** Ruby gems. */
export const gem: Ecosystem = defineEcosystem({
  id: "gem",
  analyzers: [gemspec, computedVersions, gemfileLock],
  foreignDirectories: [{ name: "gems", versioned: true }, { name: "bundler/gems" }],
  versions: gemVersions,
  purl: ({ name, version, facts }) =>
    formatPurl({ type: "gem", name, version, qualifiers: { platform: facts?.["platform"] } }),
  advisoryKeys: ({ name, version }) => withSeal([{ namespace: "RubyGems", name, version }], /^seal-/, /\.sp\d+$/),
  copiesFrom: ["repository", "path"],
  applicability: { settles: settleSealed, rejects: rejectsMalware, doubts: copyDoubt },
});
