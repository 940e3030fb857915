import { everyEcosystem } from "@plimsoll/ecosystems";
import { match } from "@plimsoll/matcher";
import type { Vulnerability, Inventory } from "@plimsoll/model";
import { sharedPath } from "@plimsoll/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { ecosystemsOf, modularBuild, overlappingRecord } from "./fixtures/naive-mirror.ts";
import type { NaivePackage } from "./fixtures/naive-mirror.ts";
import { wholeMirror } from "./fixtures/whole-mirror.ts";

/**
 * Packages of the mirror, at versions where its records begin and end and a bit beside them, judged by feed, store and matcher and,
 * independently, by a naive reading of the zips: both must report the same vulnerabilities of the same packages.
 */
const directory = sharedPath("data/osv");
const ecosystems = directory === undefined ? ["no ecosystem"] : ecosystemsOf(directory);

/** Of each ecosystem and of each package: enough to meet every rule, few enough to be quick. Without bounds it takes minutes, and holds too. */
const mostPackages = 400;
const mostVersions = 8;

describe.skipIf(directory === undefined)(
  `the mirror (at most ${mostPackages} packages of an ecosystem, taken by a hash)`,
  () => {
    beforeAll(async () => void (await wholeMirror(directory ?? "")));

    test.each(ecosystems)("of %s gives what a naive computation gives", async (ecosystem) => {
      const { advisories, naive } = await wholeMirror(directory ?? "");
      const packages = naive
        .namespaces(ecosystem)
        .flatMap((namespace) => naive.names(namespace).map((name) => ({ namespace, name })));
      const sample = sampled(packages, ({ namespace, name }) => `${namespace} ${name}`);
      const different: string[] = [];
      let affected = 0;
      for (const namespace of naive.namespaces(ecosystem)) {
        const subjects = sample
          .filter((each) => each.namespace === namespace)
          .flatMap(({ name }) =>
            naive
              .edges(namespace, name, mostVersions)
              .filter((version) => !modularBuild.test(version))
              .map((version) => ({ ecosystem: namespace, name, version })),
          );
        const { vulnerabilities: findings } = await match(inventoryOf(namespace, subjects), advisories, {
          ecosystems: everyEcosystem,
        });
        const found = new Map<string, string[]>();
        for (const finding of findings)
          found.set(finding.package.id, [...(found.get(finding.package.id) ?? []), idsOf(finding)]);
        for (const [at, subject] of subjects.entries()) {
          const wanted = naive.vulnerabilities(naive.affecting(subject, "plain")).filter(isPlain);
          const told = (found.get(String(at)) ?? []).filter(isPlain).sort();
          affected += wanted.length;
          if (wanted.join() !== told.join()) different.push(difference(subject, wanted, told));
        }
      }
      expect(different.slice(0, 10)).toEqual([]);
      expect(affected).toBeGreaterThan(300);
    });
  },
);

function isPlain(ids: string): boolean {
  return !overlappingRecord.test(ids);
}

function idsOf({ id, aliases }: Vulnerability): string {
  return [id, ...aliases].sort().join(" ");
}

function difference(
  { ecosystem, name, version }: NaivePackage,
  wanted: readonly string[],
  told: readonly string[],
): string {
  const missing = wanted.filter((each) => !told.includes(each));
  const extra = told.filter((each) => !wanted.includes(each));
  return `${ecosystem} ${name} ${version} lacks [${missing.join(", ")}] and has [${extra.join(", ")}]`;
}

/** The same items every time, spread over all of them; all where they are few. */
function sampled<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  const share = Math.ceil(items.length / mostPackages);
  return items.filter((item) => hash(textOf(item)) % share === 0);
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}

const worlds: Readonly<Record<string, readonly [ecosystem: string, distro?: string]>> = {
  Alpine: ["apk", "alpine"],
  Debian: ["deb", "debian"],
  Wolfi: ["apk", "wolfi"],
  AlmaLinux: ["rpm", "almalinux"],
  npm: ["npm"],
  PyPI: ["pypi"],
  RubyGems: ["gem"],
  Packagist: ["composer"],
  "crates.io": ["cargo"],
  Go: ["golang"],
  Bitnami: ["bitnami"],
};

/** Packages that are nowhere installed, as if they were. */
function inventoryOf(namespace: string, subjects: readonly NaivePackage[]): Inventory {
  const [base = "", release] = namespace.split(":");
  const [ecosystem = "", id] = worlds[base] ?? [];
  const versionId = release === undefined ? {} : { versionId: release.replace(/^v/, "") };
  return {
    schemaVersion: 2,
    artifact: { name: "x", kind: "sbom", layers: [], ...(id === undefined ? {} : { distro: { id, ...versionId } }) },
    packages: subjects.map(({ name, version }, at) => ({
      id: String(at),
      ecosystem,
      purl: `pkg:x/${name}@${version}`,
      name,
      version,
      locations: [],
    })),
    diagnostics: [],
  };
}
