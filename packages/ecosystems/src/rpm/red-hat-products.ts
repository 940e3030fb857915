import type { Distro } from "@plimsoll/model";
import { contentSetsOf } from "./content-sets.ts";

/**
 * OSV's names of the products whose advisories apply: `Red Hat:` and the CPE behind `cpe:/o:redhat:`. By content sets where the image
 * has them; else those of a plain installation.
 */
export function redHatNamespaces(distro: Distro): readonly string[] {
  const [major = "", minor] = (distro.versionId ?? "").split(".", 2);
  if (!/^\d+$/.test(major)) return [];
  const stated = contentSetsOf(distro).flatMap((set) => productsOf(set, major, minor));
  const products = stated.length > 0 ? stated : plainProducts(major, minor);
  // What has no fix yet is stated of the release as a whole.
  return [...new Set([`enterprise_linux:${major}`, ...products])].map((product) => `Red Hat:${product}`);
}

function plainProducts(major: string, minor: string | undefined): readonly string[] {
  if (Number(major) < 8) return oldVariants.map((variant) => `enterprise_linux:${major}::${variant}`);
  const products = ["baseos", "appstream", "crb"].map((variant) => `enterprise_linux:${major}::${variant}`);
  // From 10 on, minor releases are products of their own and variants are gone.
  return Number(major) < 10 || minor === undefined ? products : [`enterprise_linux:${major}.${minor}`, ...products];
}

const oldVariants = ["server", "client", "workstation", "computenode"];

/** Words in names of content sets, and the variant of the CPE they stand for. */
const variants: readonly (readonly [RegExp, string])[] = [
  [/-baseos-/, "baseos"],
  [/-appstream-/, "appstream"],
  [/^codeready-builder-|-crb-/, "crb"],
  [/-highavailability-/, "highavailability"],
  [/-resilientstorage-/, "resilientstorage"],
  [/-rt-/, "realtime"],
  [/-nfv-/, "nfv"],
  [/-supplementary-/, "supplementary"],
  [/-sap-/, "sap"],
];

/** Update streams that end later than the minor release, and their products. */
const streams: readonly (readonly [RegExp, string])[] = [
  [/-eus-/, "rhel_eus"],
  [/-e4s-/, "rhel_e4s"],
  [/-aus-/, "rhel_aus"],
  [/-tus-/, "rhel_tus"],
];

/** `rhel-9-for-x86_64-baseos-eus-rpms` of release 9.4 → `rhel_eus:9.4::baseos`. */
function productsOf(set: string, major: string, minor: string | undefined): readonly string[] {
  const stream = streams.find(([word]) => word.test(set))?.[1];
  const product =
    stream === undefined || minor === undefined ? `enterprise_linux:${major}` : `${stream}:${major}.${minor}`;
  if (/^rhel-[5-7]-/.test(set)) {
    const variant = oldVariants.find((word) => set.includes(`-${word}-`));
    return variant === undefined ? [] : [`${product}::${variant}`];
  }
  const variant = variants.find(([word]) => word.test(set))?.[1];
  const plain = variant === undefined ? [] : [`${product}::${variant}`];
  return Number(major) >= 10 && minor !== undefined && plain.length > 0
    ? [`enterprise_linux:${major}.${minor}`, ...plain]
    : plain;
}
