import type { AnyConfigDocument, Dockerfile } from "@plimsoll/configs";
import type { TextRange } from "@plimsoll/formats";
import { kubernetesObjects } from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import { fingerprintOf, located, checkOptions, optionIs } from "@plimsoll/model";
import type { Diagnostic, Exemption, Misconfiguration, SnippetLine } from "@plimsoll/model";
import type { Check, CheckFacts, CheckHit } from "./check.ts";
import { everyCheck } from "./every-check.ts";
import { kubernetesSubject } from "./kubernetes/index.ts";
import { editsOf } from "./shared/fixes/edits.ts";
import { ignoreComments, isIgnoredBy } from "./shared/ignore-comments.ts";
import type { IgnoreComment } from "./shared/ignore-comments.ts";

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
  /** The day, `2026-11-28`, by which comments that ignore findings have expired. Absent: none has. */
  readonly today?: string | undefined;
}

/** A finding that a comment in the file has taken out. */
export interface IgnoredFinding extends Exemption {
  readonly finding: Misconfiguration;
}

/** What the checks say. */
export interface CheckedConfigs {
  /** In the order of the documents, then of their objects, then of the checks. */
  readonly findings: readonly Misconfiguration[];
  /** What comments in the files ignore. */
  readonly suppressed: readonly IgnoredFinding[];
  /** Checks that broke down, while the others went on; comments that ignore nothing, or have expired. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Lines of a snippet: the place, or its beginning. */
const maxSnippetLines = 12;
const maxSnippetColumns = 400;

/**
 * Asks every check about every document that it is about. A check that throws gives a finding of the status `unknown` and a diagnostic; the
 * others go on.
 * @throws TypeError for options it does not know.
 */
export function runChecks(documents: Iterable<AnyConfigDocument>, options: RunChecksOptions = {}): CheckedConfigs {
  checkOptions("runChecks", options, {
    checks: optionIs.listOf(optionIs.object),
    facts: optionIs.object,
    includePasses: optionIs.flag,
    mask: optionIs.call,
    today: optionIs.text,
  });
  const run = new CheckRun(options);
  for (const document of documents) run.check(document);
  run.finish();
  return { findings: run.findings, suppressed: run.suppressed, diagnostics: run.diagnostics };
}

/** What a check was asked about. */
interface Asked {
  readonly document: AnyConfigDocument;
  readonly resource: Misconfiguration["resource"];
}

class CheckRun {
  readonly findings: Misconfiguration[] = [];
  readonly suppressed: IgnoredFinding[] = [];
  readonly diagnostics: Diagnostic[] = [];
  /** Comments by file, and whether each has been of use. */
  readonly #comments = new Map<string, Map<IgnoreComment, boolean>>();
  readonly #options: RunChecksOptions;
  readonly #checks: readonly Check[];
  readonly #facts: CheckFacts;
  /** Documents of one stream share their text, which is masked once. */
  #masked: { readonly text: string; readonly lines: readonly string[] } | undefined;

  constructor(options: RunChecksOptions) {
    this.#options = options;
    this.#checks = options.checks ?? everyCheck;
    this.#facts = options.facts ?? {};
    if (options.today !== undefined && !/^\d{4}-\d{2}-\d{2}/.test(options.today))
      throw new TypeError("today is a date such as 2026-11-28");
  }

  /** Tells the comments that were of no use. */
  finish(): void {
    for (const [path, comments] of this.#comments)
      for (const [comment, used] of comments) {
        const expired = this.#isExpired(comment);
        if (used && !expired) continue;
        const ids = comment.ids.join(", ").toUpperCase().slice(0, 80);
        this.diagnostics.push({
          kind: "diagnostic",
          code: "triage",
          effect: "none",
          message: expired
            ? `the comment that ignores ${ids} has expired on ${comment.until ?? ""}`
            : `the comment that ignores ${ids} ignores nothing`,
          location: { path, line: comment.line },
          analyzer: "checks",
        });
      }
  }

  #isExpired({ until }: IgnoreComment): boolean {
    const { today } = this.#options;
    return until !== undefined && today !== undefined && until < today.slice(0, 10);
  }

  #commentsOf(document: AnyConfigDocument): Map<IgnoreComment, boolean> {
    let comments = this.#comments.get(document.path);
    if (comments === undefined) {
      comments = new Map(ignoreComments(document.text).map((comment) => [comment, false]));
      this.#comments.set(document.path, comments);
    }
    return comments;
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
        this.#ask(check, { document, resource: fileResource(document) }, () => check.evaluate(document, this.#facts));
  }

  #dockerfile(document: AnyConfigDocument, dockerfile: Dockerfile): void {
    for (const check of this.#checks)
      if (check.subject === "dockerfile" && (check.filesOnly !== true || document.format === "dockerfile"))
        this.#ask(check, { document, resource: fileResource(document) }, () => check.evaluate(dockerfile, this.#facts));
  }

  #object(document: AnyConfigDocument, object: KubernetesObject): void {
    const subject = kubernetesSubject(object);
    const resource = {
      type: object.kind,
      name: object.name,
      ...(object.namespace === undefined ? {} : { namespace: object.namespace }),
    };
    for (const check of this.#checks)
      if (check.subject === "kubernetes") {
        if (check.kinds?.includes(object.kind) !== false)
          this.#ask(check, { document, resource }, () => check.evaluate(subject, this.#facts));
      } else if (check.subject === "object" && check.selects(object))
        this.#ask(check, { document, resource }, () => check.evaluate(object, document, this.#facts));
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
    for (const hit of hits) this.#report(check, asked, hit);
    if (hits.length === 0 && this.#options.includePasses === true)
      this.findings.push(this.#finding(check, asked, { message: "nothing to object to" }, "pass"));
  }

  #report(check: Check, asked: Asked, hit: CheckHit): void {
    const finding = this.#finding(check, asked, hit, "fail");
    const { document } = asked;
    const comments = this.#commentsOf(document);
    const cause = hit.cause === undefined ? undefined : document.at(hit.cause);
    for (const comment of comments.keys()) {
      const { id, aliases = [], resource, location } = finding;
      if (!isIgnoredBy(comment, { id, aliases, resource, line: location?.line, cause })) continue;
      if (this.#isExpired(comment)) continue;
      comments.set(comment, true);
      this.suppressed.push({
        finding,
        by: "comment",
        reason: comment.reason === "" ? "ignored by a comment in the file" : comment.reason,
        ...(comment.until === undefined ? {} : { expires: comment.until }),
        origin: `${document.path}, line ${comment.line}`,
      });
      return;
    }
    this.findings.push(finding);
  }

  #finding(check: Check, asked: Asked, hit: CheckHit, status: Misconfiguration["status"]): Misconfiguration {
    const { document } = asked;
    const range =
      hit.lines === undefined
        ? hit.path === undefined
          ? undefined
          : document.at(hit.path)
        : { ...hit.lines, column: 1, endColumn: 1 };
    const cause = (hit.cause === undefined ? undefined : document.at(hit.cause)) ?? range;
    const place = {
      path: document.path,
      ...(range === undefined ? {} : { line: range.line, endLine: range.endLine }),
    };
    const snippet = range === undefined ? undefined : this.#snippet(document, range, cause ?? range);
    const edits = hit.fix === undefined ? undefined : editsOf(document, hit.fix);
    const { mask } = this.#options;
    const { id } = check;
    const { path } = document;
    const { type, name, namespace } = asked.resource;
    // Two hits of a check in one object differ by what they are about, not by their lines.
    const { message } = hit;
    // Hashed when somebody asks.
    let identity: string | undefined;
    return {
      kind: "misconfiguration",
      engine: check.engine ?? "checks",
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
      ...located([place]),
      get fingerprint() {
        identity ??= fingerprintOf("misconfiguration", id, path, type, namespace, name, message);
        return identity;
      },
      ...(snippet === undefined ? {} : { snippet }),
      ...(edits === undefined || status !== "fail"
        ? {}
        : {
            fix: {
              edits: mask === undefined ? edits : edits.map((edit) => ({ ...edit, text: mask(edit.text, edit.path) })),
            },
          }),
      explanation: { rule: check.rule ?? check.title },
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
    if (this.#masked?.text !== document.text) {
      const { mask } = this.#options;
      const shown = mask === undefined ? document.text : mask(document.text, document.path);
      const lines = shown.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
      this.#masked = { text: document.text, lines };
    }
    return this.#masked.lines;
  }
}

function fileResource(document: AnyConfigDocument): Misconfiguration["resource"] {
  return { type: document.format, name: document.path };
}
