import type { OwnCheck } from "./own-check.ts";

/** The ids that Trivy's specification k8s-cis-1.23 gives its commands and checks, from the first command on. */
const controlPlaneFiles = 1;
const nodeFiles = 22;

/** `KCV-…` beside `CMD-…` for the settings of a kubelet, in the order of the commands from CMD-0032 on. */
const kubeletIds: readonly (readonly [command: string, check: string])[] = [
  ["CMD-0032", "KCV-0079"],
  ["CMD-0033", "KCV-0080"],
  ["CMD-0034", "KCV-0081"],
  ["CMD-0035", "KCV-0082"],
  ["CMD-0036", "KCV-0085"],
  ["CMD-0037", "KCV-0083"],
  ["CMD-0038", "KCV-0084"],
  ["CMD-0039", "KCV-0086"],
  ["CMD-0040", "KCV-0087"],
  ["CMD-0041", "KCV-0088"],
  ["CMD-0042", "KCV-0089"],
  ["CMD-0043", "KCV-0090"],
  ["CMD-0044", "KCV-0091"],
  ["CMD-0045", "KCV-0092"],
];

function pair(command: number, check: number): readonly string[] {
  return [`CMD-${String(command).padStart(4, "0")}`, `KCV-${String(check).padStart(4, "0")}`];
}

/** Settings of a kubelet by their flag: what they are called does not depend on a benchmark's numbers. */
const kubeletFlags: ReadonlyMap<string, readonly number[]> = new Map([
  ["--anonymous-auth", [0]],
  ["--authorization-mode", [1]],
  ["--client-ca-file", [2]],
  ["--read-only-port", [3]],
  ["--streaming-connection-idle-timeout", [4]],
  ["--protect-kernel-defaults", [5]],
  ["--make-iptables-util-chains", [6]],
  ["--hostname-override", [7]],
  ["--event-qps", [8]],
  ["--tls-cert-file", [9, 10]],
  ["--rotate-certificates", [11]],
  ["RotateKubeletServerCertificate", [12]],
  ["--tls-cipher-suites", [13]],
]);

/** A check with the ids that compliance specifications use for it. */
export function withAliases(check: OwnCheck): OwnCheck {
  const aliases = aliasesOf(check);
  return aliases.length === 0 ? check : { ...check, aliases };
}

function aliasesOf(check: OwnCheck): readonly string[] {
  const [chapter, section, number] = check.id.split(".").map(Number);
  if (chapter === 1 && section === 1 && number !== undefined) {
    // The check of keys comes before that of certificates.
    const ids = 47 + (number === 20 ? 21 : number === 21 ? 20 : number);
    return pair(controlPlaneFiles + number - 1, ids);
  }
  if (chapter === 4 && section === 1 && number !== undefined) return pair(nodeFiles + number - 1, 68 + number);
  if (chapter !== 4 || section !== 2) return [];
  const places = kubeletFlags.get(check.tests?.test_items[0]?.flag ?? "") ?? [];
  return places.flatMap((place) => kubeletIds[place] ?? []);
}
