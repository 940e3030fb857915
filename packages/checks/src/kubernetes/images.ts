import { asText, member } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { containerHit, named, workloads } from "./subject.ts";

const references = ["https://kubernetes.io/docs/concepts/containers/images/"];

/** Registries of the large clouds, which ask who pushes: Azure, AWS, Google. */
const cloudRegistries = [
  /(?:^|\.)azurecr\.io$/,
  /(?:^|\.)ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/,
  /(?:^|\.)gcr\.io$/,
];

/** The images that containers run. */
export const imageChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0013",
    name: "use-specific-tags",
    title: "Image without a fixed tag",
    severity: "MEDIUM",
    description:
      "Nobody can say which version of the image runs, nor go back to it: latest is whatever was pushed last.",
    remediation: "Name a tag other than latest, best with a digest.",
    references,
    kinds: workloads,
    *evaluate(subject) {
      for (const container of subject.containers) {
        const { image } = container;
        if (image === undefined || image.includes("@")) continue;
        const last = image.slice(image.lastIndexOf("/") + 1);
        const colon = last.lastIndexOf(":");
        if (colon === -1 || last.slice(colon + 1) === "latest")
          yield containerHit(subject, container, `runs the image ${image.slice(0, 120)} without a fixed tag`, {
            cause: ["image"],
          });
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0125",
    name: "use-trusted-registry",
    alsoKnownAs: ["KSV0125"],
    title: "Image from an untrusted registry",
    severity: "MEDIUM",
    description: "The image comes from a registry that is none of those you trust; anybody may be able to push there.",
    remediation: "Copy the image to a registry of yours, or name the registry as trusted.",
    references,
    kinds: workloads,
    *evaluate(subject, { trustedRegistries = [] }) {
      for (const container of subject.containers) {
        const { image } = container;
        const slash = image?.indexOf("/") ?? -1;
        if (image === undefined || slash === -1) continue;
        const registry = image.slice(0, slash);
        const trusted =
          trustedRegistries.length > 0
            ? trustedRegistries.some((each) => registry === each || registry.endsWith(`.${each}`))
            : cloudRegistries.some((each) => each.test(registry));
        if (!trusted)
          yield containerHit(subject, container, `runs an image from ${registry.slice(0, 80)}, which is not trusted`, {
            cause: ["image"],
          });
      }
    },
  }),
  kubernetesCheck({
    id: "KSV-0102",
    name: "no-tiller",
    title: "Tiller is deployed",
    severity: "CRITICAL",
    description:
      "Tiller, the server of Helm 2, acts for everybody who can reach it, with the rights of a cluster administrator.",
    remediation: "Move to Helm 3 and remove Tiller.",
    references: ["https://helm.sh/docs/topics/v2_v3_migration/"],
    *evaluate(subject) {
      const { object, pod, containers } = subject;
      const byMetadata =
        containers.length > 0 && (isTiller(member(object.value, "metadata")) || isTiller(pod?.metadata));
      for (const container of containers)
        if (byMetadata || container.image?.includes("tiller") === true)
          yield containerHit(subject, container, "is Tiller");
      if (containers.length === 0 && pod !== undefined && isTiller(pod.metadata))
        yield { message: `${named(object)} is Tiller`, path: pod.metadataPath };
    },
  }),
];

function isTiller(metadata: unknown): boolean {
  return (
    asText(member(metadata, "name"))?.includes("tiller") === true ||
    member(metadata, "labels", "app") === "helm" ||
    member(metadata, "labels", "name") === "tiller"
  );
}
