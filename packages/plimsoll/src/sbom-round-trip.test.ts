import { readdirSync } from "node:fs";
import type { Advisory, AdvisoryStore, Package, Report, Reporter } from "@plimsoll/model";
import { cyclonedx, readSbom, reporterFor, spdx, spdx3 } from "@plimsoll/report";
import { formatProblems, judgedFormats, sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { scanInventory, scanImage } from "./node.ts";

/** Warns of every version of every package that is asked for: each look-up a package causes becomes a finding that tells it. */
const alarmist: AdvisoryStore = {
  revision: "everything",
  sources: [],
  covers: () => true,
  find: async (keys) =>
    keys.map(({ namespace, name }) => [
      { advisory: `X-${namespace}-${name}`, namespace, name, ranges: [{ introduced: "0", end: { kind: "open" } }] },
    ]),
  read: async (ids) =>
    ids.map((id): Advisory => ({
      id,
      source: "test",
      aliases: [],
      severities: [{ system: "rating", value: "high", source: "test" }],
      references: [],
      affected: [],
    })),
  enrich: async (cves) => cves.map(() => undefined),
};

const folder = sharedPath("data/images");
const images = folder === undefined ? [] : readdirSync(folder).filter((name) => name.includes(".tar"));
const render = (reporter: Reporter, report: Report): string => [...reporter.render(report)].join("");

describe.skipIf(folder === undefined).each(images.length === 0 ? ["no image"] : images)("%s", (name) => {
  test("gives the same findings by way of its SBOM, and valid documents in every format", async () => {
    const report = await scanImage(`${folder}/${name}`, { advisories: alarmist, cache: false });

    expect((report.vulnerabilities ?? []).length > 0).toBe(report.packages.length > 0);

    const writers = [cyclonedx(), cyclonedx({ format: "xml" }), spdx(), spdx({ format: "tag-value" }), spdx3()];
    for (const writer of writers) {
      const inventory = readSbom(render(writer, report));
      const again = await scanInventory(inventory, { advisories: alarmist });
      expect(inventory.packages, writer.id).toEqual(report.packages);
      expect(again.vulnerabilities, writer.id).toEqual(report.vulnerabilities);
      expect(again.coverage, writer.id).toEqual(report.coverage);
    }
    for (const format of judgedFormats)
      expect(await formatProblems(format, render(reporterFor(format), report)), format).toEqual([]);
  });

  test("gives the same findings by way of documents shaped as other tools write them", async () => {
    const report = await scanImage(`${folder}/${name}`, { advisories: alarmist, cache: false });

    for (const shape of [syftShaped, trivyShaped, trivySpdxShaped]) {
      const again = await scanInventory(readSbom(JSON.stringify(shape(report))), { advisories: alarmist });
      expect(keysOf(again), shape.name).toEqual(keysOf(report));
    }
  });
});

/**
 * What was looked up, and found. Places, layers and capitals are not what these tools tell, nor which package is the project itself.
 */
function keysOf({ vulnerabilities: findings = [], packages }: Report): readonly string[] {
  const projects = new Set(packages.flatMap((pkg) => (isProject(pkg) ? [pkg.name] : [])));
  return findings
    .filter(({ package: { name } }) => !projects.has(name))
    .map(({ explanation: { key, comparedVersion } }) => [key.namespace, key.name, comparedVersion].join(" "))
    .sort();
}

const isProject = (pkg: Package): boolean => pkg.relationship === "root";

function distroOf({ artifact: { distro } }: Report): { id: string; versionId: string } | undefined {
  return distro?.versionId === undefined ? undefined : { id: distro.id, versionId: distro.versionId };
}

/** Syft's CycloneDX: the purl says nearly all, with the source package in its `upstream` qualifier. */
function syftShaped(report: Report): object {
  const distro = distroOf(report);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    metadata: { component: { type: "container", name: report.artifact.name } },
    components: [
      ...report.packages
        .filter((pkg) => !isProject(pkg))
        .map(({ id, name, version, purl, ecosystem, cpes, locations: [location] }) => ({
          "bom-ref": id,
          type: "library",
          name,
          version,
          purl,
          ...(cpes === undefined ? {} : { cpe: cpes[0] }),
          properties: [
            { name: "syft:package:type", value: ecosystem },
            { name: "syft:location:0:layerID", value: location?.layer?.diffId ?? "" },
            { name: "syft:location:0:path", value: `/${location?.path}` },
          ],
        })),
      ...(distro === undefined
        ? []
        : [
            {
              "bom-ref": "os",
              type: "operating-system",
              name: distro.id,
              version: distro.versionId,
              properties: [
                { name: "syft:distro:id", value: distro.id },
                { name: "syft:distro:versionID", value: distro.versionId },
              ],
            },
          ]),
    ],
  };
}

const withoutUpstream = (purl: string): string => purl.replace(/([?&])upstream=[^&]*&?/, "$1").replace(/[?&]$/, "");

/** Trivy's CycloneDX: the source package in `SrcName` and its like. */
function trivyShaped(report: Report): object {
  const distro = distroOf(report);
  const prefix = "aquasecurity:trivy:";
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    metadata: { component: { type: "container", name: report.artifact.name } },
    components: [
      ...(distro === undefined
        ? []
        : [
            {
              "bom-ref": "os",
              type: "operating-system",
              name: distro.id,
              version: distro.versionId,
              properties: [
                { name: `${prefix}Class`, value: "os-pkgs" },
                { name: `${prefix}Type`, value: distro.id },
              ],
            },
          ]),
      ...report.packages
        .filter((pkg) => !isProject(pkg))
        .map(({ id, name, version, purl, source, cpes, locations: [location] }) => {
          const [, epoch = "", upstream = "", release = ""] =
            /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(source?.version ?? "") ?? [];
          return {
            "bom-ref": id,
            type: "library",
            name,
            version,
            purl: withoutUpstream(purl),
            ...(cpes === undefined ? {} : { cpe: cpes[0] }),
            properties: [
              ...(source === undefined
                ? []
                : [
                    { name: `${prefix}SrcName`, value: source.name },
                    { name: `${prefix}SrcVersion`, value: upstream },
                    ...(release === "" ? [] : [{ name: `${prefix}SrcRelease`, value: release }]),
                    ...(epoch === "" ? [] : [{ name: `${prefix}SrcEpoch`, value: epoch }]),
                  ]),
              { name: `${prefix}LayerDiffID`, value: location?.layer?.diffId ?? "" },
            ],
          };
        }),
    ],
  };
}

/** Trivy's SPDX: the source package in a sentence. */
function trivySpdxShaped(report: Report): object {
  const distro = distroOf(report);
  return {
    spdxVersion: "SPDX-2.3",
    SPDXID: "SPDXRef-DOCUMENT",
    name: report.artifact.name,
    packages: [
      ...(distro === undefined
        ? []
        : [
            {
              SPDXID: "SPDXRef-OperatingSystem-1",
              name: distro.id,
              versionInfo: distro.versionId,
              primaryPackagePurpose: "OPERATING-SYSTEM",
            },
          ]),
      ...report.packages
        .filter((pkg) => !isProject(pkg))
        .map(({ name, version, purl, source, cpes = [] }, index) => ({
          SPDXID: `SPDXRef-Package-${index}`,
          name,
          versionInfo: version,
          ...(source === undefined ? {} : { sourceInfo: `built package from: ${source.name} ${source.version}` }),
          externalRefs: [
            {
              referenceCategory: "PACKAGE-MANAGER",
              referenceType: "purl",
              referenceLocator: withoutUpstream(purl),
            },
            ...cpes.map((cpe) => ({
              referenceCategory: "SECURITY",
              referenceType: "cpe23Type",
              referenceLocator: cpe,
            })),
          ],
          primaryPackagePurpose: "LIBRARY",
        })),
    ],
  };
}
