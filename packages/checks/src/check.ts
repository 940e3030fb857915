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
  /** Absent for checks in TypeScript. */
  readonly engine?: "rego" | undefined;
  /** The query of a check in Rego, for the explanation of findings. Absent: the title is used. */
  readonly rule?: string | undefined;
}

/** One place where a check fails. */
export interface CheckHit {
  /** What is wrong here, in one sentence. */
  readonly message: string;
  /** The part of the document that is reported as the location. Absent: the file as a whole, for something that is missing. */
  readonly path?: ValuePath | undefined;
  /** The location in lines from 1, inclusive; it wins over `path`, for checks that know lines only. */
  readonly lines?: { readonly line: number; readonly endLine: number } | undefined;
  /** The part inside `path` that is marked in the snippet as the cause. Absent: all of it. */
  readonly cause?: ValuePath | undefined;
  /** The changes that fix it. Absent where a person has to decide what is right. */
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

/** What some checks need to know that is not in the documents. */
export interface CheckFacts {
  /** The version of the cluster that manifests are for: `1.31.0`. */
  readonly kubernetesVersion?: string | undefined;
  /** Hosts of registries that are trusted in addition to those of the large clouds: `registry.example.com`. */
  readonly trustedRegistries?: readonly string[] | undefined;
  /** Names of environment variables that hold secrets, in addition to well-known ones. */
  readonly secretVariables?: readonly string[] | undefined;
}

/** A check of Dockerfiles, and of images as Dockerfiles. */
export interface DockerfileCheck extends CheckInfo {
  readonly subject: "dockerfile";
  /** True for a check that is run on files only: the history of an image includes the instructions of its base image. Absent: false. */
  readonly filesOnly?: boolean | undefined;
  evaluate(dockerfile: Dockerfile, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of Kubernetes objects. */
export interface KubernetesCheck extends CheckInfo {
  readonly subject: "kubernetes";
  /** The kinds of objects that it is for. Absent: all. */
  readonly kinds?: readonly string[] | undefined;
  evaluate(subject: KubernetesSubject, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of whole documents of any format. */
export interface DocumentCheck extends CheckInfo {
  readonly subject: "document";
  /** The formats of documents that it is for. */
  readonly formats: readonly AnyConfigDocument["format"][];
  /** Whether it is for a document of these formats. Absent: it is for all. */
  selects?: ((document: AnyConfigDocument) => boolean) | undefined;
  evaluate(document: AnyConfigDocument, facts: CheckFacts): Iterable<CheckHit>;
}

/** A check of Kubernetes objects that needs nothing but the object. */
export interface ObjectCheck extends CheckInfo {
  readonly subject: "object";
  /** Whether it is for an object. */
  selects(object: KubernetesObject): boolean;
  evaluate(object: KubernetesObject, document: AnyConfigDocument, facts: CheckFacts): Iterable<CheckHit>;
}

/** One check, by what it is run on. */
export type Check = DockerfileCheck | KubernetesCheck | DocumentCheck | ObjectCheck;
