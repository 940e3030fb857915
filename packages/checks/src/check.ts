import type { AnyConfigDocument, Dockerfile } from "@plimsoll/configs";
import type { ValuePath } from "@plimsoll/formats";
import type { Container, KubernetesObject, PodTemplate } from "@plimsoll/kubernetes";
import type { Severity } from "@plimsoll/model";
import type { Change } from "./shared/fixes/change.ts";

/** What a check says of itself. */
export interface CheckInfo {
  /** `DS-0002`. Ids that users of Trivy know are kept. */
  readonly id: string;
  /** Other ids and names of the same check: `AVD-DS-0002`, `DS002`. */
  readonly aliases: readonly string[];
  /** What is wrong, in one line. */
  readonly title: string;
  readonly severity: Severity;
  /** Why it matters. */
  readonly description: string;
  /** What to do about it. */
  readonly remediation: string;
  readonly references: readonly string[];
  /** Absent: a check of this package, or one in TypeScript. */
  readonly engine?: "rego" | undefined;
  /** What decides, for those who want to look: the query of a check in Rego. Absent: the title says it. */
  readonly rule?: string | undefined;
}

/** One place where a check fails. */
export interface CheckHit {
  /** What is wrong here, in one sentence. */
  readonly message: string;
  /** The part of the document that is told as the place. Absent: something is missing that has no place. */
  readonly path?: ValuePath | undefined;
  /** The place by its lines, 1-based, where it is not known as a part. */
  readonly lines?: { readonly line: number; readonly endLine: number } | undefined;
  /** The part inside of it that is the cause, marked in the snippet. Absent: all of it. */
  readonly cause?: ValuePath | undefined;
  /** What mends it, where that can be done without asking. */
  readonly fix?: readonly Change[] | undefined;
}

/** A Kubernetes object with what most checks ask of it, worked out once. */
export interface KubernetesSubject {
  readonly object: KubernetesObject;
  /** The pod that it runs, if any. */
  readonly pod: PodTemplate | undefined;
  /** Containers of the pod with the security context that holds for them. */
  readonly containers: readonly CheckedContainer[];
}

/** A container and its effective security context: its own settings over those of the pod. */
export interface CheckedContainer extends Container {
  readonly securityContext: Readonly<Record<string, unknown>>;
}

/** Facts from outside of the documents that some checks ask for. */
export interface CheckFacts {
  /** Version of the cluster that manifests are for: `1.31.0`. */
  readonly kubernetesVersion?: string | undefined;
  /** Registries whose images are trusted beside those of the large clouds: `registry.example.com`. */
  readonly trustedRegistries?: readonly string[] | undefined;
  /** Names of variables that hold secrets, beside those that are known. */
  readonly secretVariables?: readonly string[] | undefined;
}

/** A check of Dockerfiles, and of images as Dockerfiles. */
export interface DockerfileCheck extends CheckInfo {
  readonly subject: "dockerfile";
  /** Asked of files only: what it counts, an image's history also has from its base image. */
  readonly filesOnly?: boolean | undefined;
  evaluate(dockerfile: Dockerfile, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of Kubernetes objects. */
export interface KubernetesCheck extends CheckInfo {
  readonly subject: "kubernetes";
  /** Kinds that it looks at. Absent: all. */
  readonly kinds?: readonly string[] | undefined;
  evaluate(subject: KubernetesSubject, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of whole documents of any format. */
export interface DocumentCheck extends CheckInfo {
  readonly subject: "document";
  /** Formats that it looks at. */
  readonly formats: readonly AnyConfigDocument["format"][];
  /** Whether it looks at the document. Absent: at all. */
  selects?: ((document: AnyConfigDocument) => boolean) | undefined;
  evaluate(document: AnyConfigDocument, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of Kubernetes objects that asks for nothing but the object. */
export interface ObjectCheck extends CheckInfo {
  readonly subject: "object";
  /** Whether it looks at the object. */
  selects(object: KubernetesObject): boolean;
  evaluate(object: KubernetesObject, document: AnyConfigDocument, facts: CheckFacts): Iterable<CheckHit>;
}

/** One rule about configurations. */
export type Check = DockerfileCheck | KubernetesCheck | DocumentCheck | ObjectCheck;
