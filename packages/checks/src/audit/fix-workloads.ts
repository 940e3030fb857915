import { checkOptions, optionIs } from "@plimsoll/model";
import { readConfigs } from "@plimsoll/configs";
import type { AnyConfigDocument } from "@plimsoll/configs";
import { formatYaml, pathSegments } from "@plimsoll/formats";
import { kubernetesObjects, member, type JsonObject, type ObjectPath } from "@plimsoll/kubernetes";
import type { TextEdit, OptionChecks } from "@plimsoll/model";
import { applyEdits } from "../shared/fixes/apply-edits.ts";
import type { Change } from "../shared/fixes/change.ts";
import { editsOf } from "../shared/fixes/edits.ts";
import { textPlaces } from "../shared/fixes/text-places.ts";
import { refusal } from "../shared/fixes/refusal.ts";
import { mergeChanges } from "../shared/fixes/merge-changes.ts";
import {
  audit,
  auditWorkloads,
  type AuditFinding,
  type AuditOptions,
  type Audited,
  auditChecks,
} from "./audit-workloads.ts";
import type { AuditedObject } from "./audited-object.ts";

/** Options of {@link fixWorkloads}. */
export interface FixOptions extends Omit<AuditOptions, "fixes" | "minLevel" | "keep"> {
  /** The file's name, for findings and edits; its extension tells JSON from YAML. Absent: `manifest.yaml`. */
  readonly path?: string | undefined;
  /** Whether to also remove `status` and `creationTimestamp`, which a cluster fills in. Absent: false. */
  readonly clean?: boolean | undefined;
}

/** A fix that was not made, and why. */
export interface RefusedFix {
  readonly rule: string;
  readonly resource: { readonly type: string; readonly name: string };
  readonly line: number | undefined;
  readonly reason: string;
}

/** A fixed manifest. */
export interface FixedWorkloads {
  /** The text with every fix that could be made; everything else is unchanged, byte for byte. */
  readonly text: string;
  /** The changes of the given text, new documents last. */
  readonly edits: readonly TextEdit[];
  /** The same as JSON Patches (RFC 6902), of each document that changes; new documents are in the edits alone. */
  readonly patches: readonly DocumentPatch[];
  /** The findings of an audit of the fixed text. */
  readonly findings: readonly AuditFinding[];
  readonly refused: readonly RefusedFix[];
}

/** The changes of one document. */
export interface DocumentPatch {
  /** Position of the document in the text, from 0. */
  readonly document: number;
  readonly operations: readonly PatchOperation[];
}

/** An operation of a JSON Patch. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

const { fixes: _, minLevel: __, keep: ___, ...checksOfAudit } = auditChecks;
const fixChecks: OptionChecks<FixOptions> = { ...checksOfAudit, path: optionIs.text, clean: optionIs.flag };

/**
 * Fixes a manifest: applies every fix of the audit to its text. Documents that are needed are added after a `---`. Parts that several
 * places share (anchors) and templates are left alone, with the reason.
 * @throws {TypeError} for unknown or invalid options, unknown auditors, and an invalid configuration.
 */
export function fixWorkloads(text: string, options: FixOptions = {}): FixedWorkloads {
  checkOptions("fixWorkloads", options, fixChecks);
  const { path = "manifest.yaml", clean = false, ...how } = options;
  const { documents } = readConfigs([{ path, text }]);
  const plan = new FixPlan(documents);
  for (const audited of audit(documents, how)) plan.add(audited);
  if (clean) plan.clean();
  const { edits: changed, patches } = plan.changes();
  const edits = [...changed, ...plan.additions(text, path)];
  const fixed = applyEdits(text, edits);
  return {
    text: fixed,
    edits,
    patches,
    findings: auditWorkloads(readConfigs([{ path, text: fixed }]).documents, how),
    refused: plan.refused,
  };
}

class FixPlan {
  readonly refused: RefusedFix[] = [];
  readonly #changes = new Map<AnyConfigDocument, Change[]>();
  readonly #documents: readonly AnyConfigDocument[];
  #holders: ReadonlyMap<JsonObject, AnyConfigDocument> | undefined;
  readonly #added = new Map<string, JsonObject>();

  constructor(documents: readonly AnyConfigDocument[]) {
    this.#documents = documents;
  }

  add({ document, object, result }: Audited): void {
    for (const step of [...(result.fix ?? []), ...(result.safeguard ?? [])]) {
      if (step.kind === "document") {
        this.#added.set(JSON.stringify(step.value), step.value);
        continue;
      }
      const holder = step.object === object ? document : this.#holderOf(step.object);
      const reason = refusal(holder, step.change);
      if (reason === undefined) this.#push(holder, step.change);
      else
        this.refused.push({
          rule: result.rule,
          resource: { type: object.object.kind, name: object.object.name },
          line: holder.at(result.path)?.line,
          reason,
        });
    }
  }

  #holderOf({ object }: AuditedObject): AnyConfigDocument {
    this.#holders ??= new Map(
      this.#documents.flatMap((document) => kubernetesObjects(document.value).map(({ value }) => [value, document])),
    );
    const found = this.#holders.get(object.value);
    if (found === undefined) throw new TypeError(`${object.kind} ${object.name} is in none of the documents`);
    return found;
  }

  #push(document: AnyConfigDocument, change: Change): void {
    const others = this.#changes.get(document);
    if (others === undefined) this.#changes.set(document, [change]);
    else others.push(change);
  }

  clean(): void {
    for (const document of this.#documents)
      if (document.format === "kubernetes")
        for (const path of clusterFilled(document.value, [], 0)) this.#push(document, { kind: "remove", path });
  }

  /** Changes that can be written, as edits of the text and as patches of the values. */
  changes(): { readonly edits: readonly TextEdit[]; readonly patches: readonly DocumentPatch[] } {
    const edits: TextEdit[] = [];
    const patches: DocumentPatch[] = [];
    for (const [position, document] of this.#documents.entries()) {
      const operations: PatchOperation[] = [];
      const places = textPlaces(document);
      const changes = mergeChanges(document.value, this.#changes.get(document) ?? [], (path) => places.isFlow(path));
      for (const change of changes) {
        const written = editsOf(document, [change], changes);
        if (written === undefined) this.refused.push(unwritable(document, change));
        else {
          edits.push(...written);
          operations.push(...operationOf(document.value, change));
        }
      }
      if (operations.length > 0) patches.push({ document: position, operations });
    }
    return { edits, patches };
  }

  /** New documents, behind the last line of the text. */
  additions(text: string, path: string): readonly TextEdit[] {
    if (this.#added.size === 0) return [];
    const documents = [...this.#added.values()];
    if (/^\s*[{[]/.test(text)) {
      for (const value of documents)
        this.refused.push({
          rule: String(value["kind"]),
          resource: { type: String(value["kind"]), name: String(member(value, "metadata", "name")) },
          line: undefined,
          reason: "a document cannot be added to a JSON file",
        });
      return [];
    }
    const lines = text.split("\n");
    const last = lines.at(-1) ?? "";
    const end = { line: lines.length, column: last.length + 1 };
    const separator = /^---\s*$/.test(lines.at(last === "" ? -2 : -1) ?? "") ? "" : "---\n";
    return [
      {
        path,
        start: end,
        end,
        text: (last === "" ? "" : "\n") + separator + documents.map(formatYaml).join("---\n"),
      },
    ];
  }
}

function operationOf(value: unknown, change: Change): readonly PatchOperation[] {
  if (change.kind === "replace") return [];
  const steps = pathSegments(change.path);
  const path = steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  if (change.kind === "remove") return [{ op: "remove", path }];
  // A mapping that is missing, or empty in the text (`securityContext:`), is written with all that is inside of it.
  const op = member(value, ...steps) === undefined ? "add" : "replace";
  return [{ op, path, value: change.value }];
}

function unwritable(document: AnyConfigDocument, change: Change): RefusedFix {
  const path = change.kind === "replace" ? [] : change.path;
  return {
    rule: change.kind,
    resource: { type: document.format, name: Array.isArray(path) ? path.join(".") : String(path) },
    line: document.at(path)?.line,
    reason: "it cannot be written without changing the text around it",
  };
}

/** Members that a cluster fills in: `status` of objects, `creationTimestamp` of all metadata. */
function clusterFilled(value: unknown, path: ObjectPath, depth: number): readonly ObjectPath[] {
  if (typeof value !== "object" || value === null || depth > 40) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  const isObject = member(value, "apiVersion") !== undefined && member(value, "kind") !== undefined;
  return entries.flatMap(([key, inner]) => {
    const at = [...path, key];
    if ((key === "status" && isObject) || (key === "creationTimestamp" && path.at(-1) === "metadata")) return [at];
    return clusterFilled(inner, at, depth + 1);
  });
}
