import type { AnyConfigDocument, Dockerfile } from "@plimsoll/configs";
import type { TextRange } from "@plimsoll/formats";
import { kubernetesObjects } from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import type { Diagnostic } from "@plimsoll/model";
import type { Check, CheckFacts, CheckHit } from "./check.ts";
import { everyCheck } from "./every-check.ts";
import type { CheckFinding, SnippetLine } from "./finding.ts";
import { kubernetesSubject } from "./kubernetes/index.ts";
import { editsOf } from "./shared/fixes/edits.ts";

/** How documents are checked. */
export interface RunChecksOptions {
  /** Absent: every check. */
  readonly checks?: readonly Check[] | undefined;
  /** What some checks ask for beside the documents. */
  readonly facts?: CheckFacts | undefined;
  /** Also say what passed: one finding a check and document or object, with the status `pass`. */
  readonly includePasses?: boolean | undefined;
  /** Replaces secrets in snippets and edits; both keep their lines. Absent: they are shown as they are. */
  readonly mask?: ((text: string, path: string) => string) | undefined;
}

/** What the checks say. */
export interface CheckedConfigs {
  /** In the order of the documents, then of their objects, then of the checks. */
  readonly findings: readonly CheckFinding[];
  /** Checks that broke down; the others went on. */
  readonly diagnostics: readonly Diagnostic[];
}

const optionNames = ["checks", "facts", "includePasses", "mask"];

/** Lines of a snippet: the place, or its beginning. */
const maxSnippetLines = 12;
const maxSnippetColumns = 400;

/**
 * Asks every check about every document that it is about. A check that throws gives a finding of the status `unknown` and a diagnostic; the
 * others go on.
 * @throws TypeError for options it does not know.
 */
export function runChecks(documents: Iterable<AnyConfigDocument>, options: RunChecksOptions = {}): CheckedConfigs {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  if (unknown !== undefined) throw new TypeError(`runChecks has no option ${unknown}`);
  const run = new CheckRun(options);
  for (const document of documents) run.check(document);
  return { findings: run.findings, diagnostics: run.diagnostics };
}

/** What a check was asked about. */
interface Asked {
  readonly document: AnyConfigDocument;
  readonly resource: CheckFinding["resource"];
  readonly rule: string;
}

class CheckRun {
  readonly findings: CheckFinding[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #options: RunChecksOptions;
  readonly #checks: readonly Check[];
  readonly #facts: CheckFacts;
  readonly #masked = new WeakMap<AnyConfigDocument, readonly string[]>();

  constructor(options: RunChecksOptions) {
    this.#options = options;
    this.#checks = options.checks ?? everyCheck;
    this.#facts = options.facts ?? {};
  }

  check(document: AnyConfigDocument): void {
    switch (document.format) {
      case "dockerfile":
      case "image-config":
        this.#dockerfile(document, document.value);
        break;
      case "kubernetes":
        for (const object of kubernetesObjects(document.value)) this.#object(document, object);
        break;
      default:
        break;
    }
    for (const check of this.#checks)
      if (check.subject === "document" && check.formats.includes(document.format))
        this.#ask(check, { document, resource: fileResource(document), rule: check.title }, () =>
          check.evaluate(document, this.#facts),
        );
  }

  #dockerfile(document: AnyConfigDocument, dockerfile: Dockerfile): void {
    for (const check of this.#checks)
      if (check.subject === "dockerfile")
        this.#ask(check, { document, resource: fileResource(document), rule: check.title }, () =>
          check.evaluate(dockerfile, this.#facts),
        );
  }

  #object(document: AnyConfigDocument, object: KubernetesObject): void {
    const subject = kubernetesSubject(object);
    const resource = {
      type: object.kind,
      name: object.name,
      ...(object.namespace === undefined ? {} : { namespace: object.namespace }),
    };
    for (const check of this.#checks)
      if (check.subject === "kubernetes" && check.kinds?.includes(object.kind) !== false)
        this.#ask(check, { document, resource, rule: check.title }, () => check.evaluate(subject, this.#facts));
  }

  #ask(check: Check, asked: Asked, evaluate: () => Iterable<CheckHit>): void {
    let hits: readonly CheckHit[];
    try {
      hits = [...evaluate()];
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, 200);
      this.findings.push(this.#finding(check, asked, { message: `the check broke down: ${reason}` }, "unknown"));
      this.diagnostics.push({
        kind: "diagnostic",
        code: "analyzer-failed",
        effect: "incomplete",
        message: `the check ${check.id} broke down: ${reason}`,
        location: { path: asked.document.path },
        analyzer: check.id,
      });
      return;
    }
    for (const hit of hits) this.findings.push(this.#finding(check, asked, hit, "fail"));
    if (hits.length === 0 && this.#options.includePasses === true)
      this.findings.push(this.#finding(check, asked, { message: "nothing to object to" }, "pass"));
  }

  #finding(check: Check, asked: Asked, hit: CheckHit, status: CheckFinding["status"]): CheckFinding {
    const { document } = asked;
    const range = hit.path === undefined ? undefined : document.at(hit.path);
    const cause = (hit.cause === undefined ? undefined : document.at(hit.cause)) ?? range;
    const location = {
      path: document.path,
      ...(range === undefined ? {} : { line: range.line, endLine: range.endLine }),
    };
    const snippet = range === undefined ? undefined : this.#snippet(document, range, cause ?? range);
    const edits = hit.fix === undefined ? undefined : editsOf(document, hit.fix);
    const mask = this.#options.mask;
    return {
      kind: "misconfiguration",
      engine: "checks",
      subject: document.format === "image-config" ? "image-config" : "file",
      id: check.id,
      aliases: check.aliases,
      severity: check.severity,
      status,
      title: check.title,
      message: hit.message,
      description: check.description,
      resolution: check.remediation,
      references: check.references,
      resource: asked.resource,
      location,
      locations: [location],
      ...(snippet === undefined ? {} : { snippet }),
      ...(edits === undefined || status !== "fail"
        ? {}
        : {
            fix: {
              edits: mask === undefined ? edits : edits.map((edit) => ({ ...edit, text: mask(edit.text, edit.path) })),
            },
          }),
      explanation: { rule: asked.rule },
    };
  }

  #snippet(document: AnyConfigDocument, range: TextRange, cause: TextRange): readonly SnippetLine[] {
    const lines = this.#lines(document);
    // The cause is shown even where it lies far below the beginning of the place.
    const first = cause.line - range.line >= maxSnippetLines ? cause.line : range.line;
    const last = Math.min(range.endLine, first + maxSnippetLines - 1, lines.length);
    const snippet: SnippetLine[] = [];
    for (let line = first; line <= last; line++)
      snippet.push({
        line,
        text: (lines[line - 1] ?? "").slice(0, maxSnippetColumns),
        ...(line >= cause.line && line <= cause.endLine ? { cause: true } : {}),
      });
    return snippet;
  }

  #lines(document: AnyConfigDocument): readonly string[] {
    let lines = this.#masked.get(document);
    if (lines === undefined) {
      const { mask } = this.#options;
      const text = mask === undefined ? document.text : mask(document.text, document.path);
      lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
      this.#masked.set(document, lines);
    }
    return lines;
  }
}

function fileResource(document: AnyConfigDocument): CheckFinding["resource"] {
  return { type: document.format, name: document.path };
}
