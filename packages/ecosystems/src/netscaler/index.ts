import { applicationCpe } from "@plimsoll/formats";
import { defineVersionScheme } from "@plimsoll/model";
import type { Ecosystem, FileAnalyzer, Observation, VersionScheme } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { cpeKeys } from "../shared/names/cpe-keys.ts";
import { compareDigitLists } from "../shared/versions/digits.ts";
import { formatPurl } from "../shared/names/purl.ts";

/** `NS13.1 Build 59.21` of the file that the appliance writes about itself. */
const versionFile = /^#?[ \t]{0,8}NS(\d{1,4}\.\d{1,4})[ \t]{1,8}Build[ \t]{1,8}(\d{1,5}\.\d{1,5})(?:\.\w{1,8})?\b/m;

/** The kernel that is to be started, `ns-12.1-55.329`, in the loader's settings and at the head of saved ones. */
const bootSettings = /(?:^|[/="\s])ns-(\d{1,4}\.\d{1,4})-(\d{1,5}\.\d{1,5})(?![\w.])/m;

/** `train-build`, all of it numbers: 13.1-9.60 came before 13.1-59.21. */
const netscalerVersions: VersionScheme = defineVersionScheme<readonly string[]>({
  id: "netscaler",
  parse: (text) => (/^\d+(?:[.-]\d+)*$/.test(text) ? text.split(/[.-]/) : undefined),
  compare: compareDigitLists,
});

/** What the Citrix and NetScaler appliances (VPX, CPX and their disks) say of their own release. */
const release: FileAnalyzer = {
  kind: "file",
  id: "netscaler/release",
  revision: 1,
  matches: [{ basename: "nsversion" }, { basename: "ns.conf" }, { suffix: "boot/loader.conf" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const text = await file.text();
    const [, train, build] =
      (file.path.endsWith("loader.conf") ? null : versionFile.exec(text)) ?? bootSettings.exec(text) ?? [];
    if (train === undefined || build === undefined) return;
    const version = `${train}-${build}`;
    yield {
      kind: "package",
      package: {
        name: "NetScaler",
        version,
        cpes: [applicationCpe("citrix", "netscaler_application_delivery_controller", version)],
      },
    };
  },
};

/** NetScaler (Citrix ADC), as appliance and as container. Only the NVD has advisories for it. */
export const netscaler: Ecosystem = defineEcosystem({
  id: "netscaler",
  analyzers: [release],
  versions: netscalerVersions,
  purl: ({ name, version }) => formatPurl({ type: "generic", namespace: "citrix", name: name.toLowerCase(), version }),
  advisoryKeys: ({ cpes, version }) => cpeKeys(cpes, version),
});
