import type { AnyConfigDocument, Dockerfile } from "@plimsoll/configs";
import type { ValuePath } from "@plimsoll/formats";
import type { Container, KubernetesObject, PodTemplate } from "@plimsoll/kubernetes";
import type { Severity } from "@plimsoll/model";
import type { Change } from "./shared/fixes/change.ts";

/** The description of a check. */
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
  /** The query of a check in Rego, for the explanation of findings. Absent: the title is used. */
  readonly rule?: string | undefined;
}

/** One place where a check fails. */
export interface CheckHit {
  /** What is wrong here, in one sentence. */
  readonly message: string;
  /** The part of the document that is reported as the place. Absent: something is missing, which has no place. */
  readonly path?: ValuePath | undefined;
  /** The place as lines, 1-based, where the part of the document is not known. */
  readonly lines?: { readonly line: number; readonly endLine: number } | undefined;
  /** The part inside of it that is the cause, marked in the snippet. Absent: all of it. */
  readonly cause?: ValuePath | undefined;
  /** The changes that fix it, where no decision of a person is needed. */
  readonly fix?: readonly Change[] | undefined;
}

/** A Kubernetes object with what most checks need, computed once. */
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

/** Facts from outside of the documents that some checks need. */
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
  /** Set: run on files only. An image's history also has the instructions of its base image, which the check would count. */
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
  /** Whether it looks at the document. Absent: it looks at every one. */
  selects?: ((document: AnyConfigDocument) => boolean) | undefined;
  evaluate(document: AnyConfigDocument, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of Kubernetes objects that needs nothing but the object. */
export interface ObjectCheck extends CheckInfo {
  readonly subject: "object";
  /** Whether it looks at the object. */
  selects(object: KubernetesObject): boolean;
  evaluate(object: KubernetesObject, document: AnyConfigDocument, facts: CheckFacts): Iterable<CheckHit>;
}

/** One rule about configurations. */
export type Check = DockerfileCheck | KubernetesCheck | DocumentCheck | ObjectCheck;
