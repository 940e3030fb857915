import type { CheckInfo, DockerfileCheck, KubernetesCheck } from "../check.ts";

/** A check as its file declares it: other names follow from its id and name. */
type Declared<Kind extends CheckInfo> = Omit<Kind, "aliases" | "subject"> & {
  /** The name in other scanners: `no-privileged-containers`. */
  readonly name: string;
  /** More names that they give it. */
  readonly alsoKnownAs?: readonly string[];
};

/** A check of Kubernetes objects. */
export function kubernetesCheck(declared: Declared<KubernetesCheck>): KubernetesCheck {
  const { name, alsoKnownAs, ...check } = declared;
  return { ...check, subject: "kubernetes", aliases: aliasesOf("kubernetes", check.id, name, alsoKnownAs) };
}

/** A check of Dockerfiles. */
export function dockerfileCheck(declared: Declared<DockerfileCheck>): DockerfileCheck {
  const { name, alsoKnownAs, ...check } = declared;
  return { ...check, subject: "dockerfile", aliases: aliasesOf("docker", check.id, name, alsoKnownAs) };
}

/** `AVD-KSV-0017`, `KSV017`, `no-privileged-containers`, `kubernetes-no-privileged-containers`: the names that Trivy has had for it. */
function aliasesOf(provider: string, id: string, name: string, more: readonly string[] = []): readonly string[] {
  const [prefix = "", number = ""] = id.split("-");
  // Numbers had three digits before they had four; KCV always had four.
  const short = prefix !== "KCV" && number.length === 4 && number.startsWith("0") ? number.slice(1) : number;
  return [...new Set([`AVD-${id}`, `${prefix}${short}`, ...more, name, `${provider}-${name}`])];
}
