import type { AnyConfigDocument, Dockerfile } from "@plimsoll/configs";
import { finish } from "@plimsoll/formats";
import type { Steps, TextRange, ValuePath } from "@plimsoll/formats";
import { kubernetesObjects, misshapenParts } from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import { fingerprintOf, checkOptions, inTurns, optionIs } from "@plimsoll/model";
import type {
  Diagnostic,
  Exemption,
  Location,
  Misconfiguration,
  OptionChecks,
  SnippetLine,
  TextEdit,
} from "@plimsoll/model";
import type { Check, CheckFacts, CheckHit } from "./check.ts";
import { everyCheck } from "./every-check.ts";
import { kubernetesSubject } from "./kubernetes/index.ts";
import { FindingLimit } from "./shared/finding-limit.ts";
import { editsOf } from "./shared/fixes/edits.ts";
import { commentsAt, ignoreComments, isIgnoredBy } from "./shared/ignore-comments.ts";
import type { IgnoreComment } from "./shared/ignore-comments.ts";

/** Options of {@link runChecks}. */
export interface RunChecksOptions {
  /** Absent: every check. */
  readonly checks?: readonly Check[] | undefined;
  /** What some checks need besides the documents. */
  readonly facts?: CheckFacts | undefined;
  /** Also report what passed: one finding with the status `pass` for each check and document or object. */
  readonly includePasses?: boolean | undefined;
  /** Replaces secrets in snippets and edits; both keep their lines. Absent: they are shown as they are. */
  readonly mask?: ((text: string, path: string) => string) | undefined;
  /** Today's date, `2026-11-28`: comments that ignore findings until an earlier one have expired. Absent: none has. */
  readonly today?: string | undefined;
}

/** A finding that a comment in the file ignores. */
export interface IgnoredFinding extends Exemption {
  readonly finding: Misconfiguration;
}

/** The results of the checks. */
export interface CheckedConfigs {
  /** In the order of the documents, then of their objects, then of the checks. */
  readonly findings: readonly Misconfiguration[];
  /** What comments in the files ignore. */
  readonly suppressed: readonly IgnoredFinding[];
  /**
   * Checks that ended in an error, objects with parts of a wrong type, comments that ignore nothing or have expired, and how many findings
   * of a file were left out: at most 5,000 of each check are kept.
   */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The most findings of one check in one file that are kept; as many that pass, and as many that comments ignore. A file of 15 MiB has room
 * for 150,000 small Pods, of which every one fails 25 checks; real lists of a cluster's Pods of that size have 3,000.
 */
const maxFindings = 5000;
/** The most diagnostics of one file that are kept, of those that leave a gap and of the others. */
const maxDiagnostics = 1000;

/** Lines of a snippet: the place, or its beginning. */
const maxSnippetLines = 12;
const maxSnippetColumns = 400;

/**
 * Runs the checks on every document that they are for. A check that ends in an error becomes a finding with the status `unknown` and a
 * diagnostic; the others still run.
 * @throws {TypeError} for unknown or invalid options.
 */
export function runChecks(documents: Iterable<AnyConfigDocument>, options: RunChecksOptions = {}): CheckedConfigs {
  checkOptions("runChecks", options, runOptions);
  return finish(checkingSteps(documents, options));
}

/**
 * As {@link runChecks}, with turns of the event loop for others in between: for servers, and whoever else has something to do beside it. One
 * check of one object has no turn within it.
 * @throws {TypeError} as that does, in the promise.
 */
export async function runChecksInTurns(
  documents: Iterable<AnyConfigDocument>,
  options: RunChecksOptions = {},
): Promise<CheckedConfigs> {
  checkOptions("runChecksInTurns", options, runOptions);
  return inTurns(checkingSteps(documents, options));
}

const runOptions: OptionChecks<RunChecksOptions> = {
  checks: optionIs.listOf(optionIs.object),
  facts: optionIs.object,
  includePasses: optionIs.flag,
  mask: optionIs.call,
  today: optionIs.text,
};

function* checkingSteps(documents: Iterable<AnyConfigDocument>, options: RunChecksOptions): Steps<CheckedConfigs> {
  const run = new CheckRun(options);
  for (const document of documents) yield* run.check(document);
  run.finish();
  return { findings: run.findings, suppressed: run.suppressed, diagnostics: run.diagnostics };
}

/** To run a check on an object, or to make a finding, takes about as long as looking at so many bytes; on a file, as at all of its characters. */
const bytesPerCheck = 256;
const bytesPerFinding = 4_096;
/** So much is done in one portion. */
const portion = 32 * 1024;

/** What a check is run on. */
interface Asked {
  readonly document: AnyConfigDocument;
  readonly resource: Misconfiguration["resource"];
  /** Why a pass would not be certain. Absent: it is. */
  readonly doubt?: string | undefined;
}

class CheckRun {
  readonly findings: Misconfiguration[] = [];
  readonly suppressed: IgnoredFinding[] = [];
  readonly diagnostics: Diagnostic[] = [];
  /** Comments by file. */
  readonly #comments = new Map<string, readonly IgnoreComment[]>();
  /** Comments that have been of use. */
  readonly #used = new Set<IgnoreComment>();
  /** What is kept of each file. */
  readonly #kept = new Map<string, { readonly findings: FindingLimit; readonly diagnostics: FindingLimit }>();
  readonly #options: RunChecksOptions;
  readonly #checks: readonly Check[];
  readonly #facts: CheckFacts;
  readonly #places: CheckedPlaces;
  /** Work of the portion so far, in bytes. */
  #done = 0;
  readonly #explanations = new Map<Check, Misconfiguration["explanation"]>();

  constructor(options: RunChecksOptions) {
    this.#options = options;
    this.#checks = options.checks ?? everyCheck;
    this.#facts = options.facts ?? {};
    this.#places = new CheckedPlaces(options.mask);
    if (options.today !== undefined && !/^\d{4}-\d{2}-\d{2}/.test(options.today))
      throw new TypeError(`runChecks: today: "${options.today}" is not a date such as 2026-11-28`);
  }

  /** Reports the comments that ignored nothing, and how many findings were left out. */
  finish(): void {
    for (const [path, comments] of this.#comments)
      for (const comment of comments) {
        const expired = this.#isExpired(comment);
        if (this.#used.has(comment) && !expired) continue;
        const ids = comment.ids.join(", ").toUpperCase().slice(0, 80);
        this.#tell(path, {
          kind: "diagnostic",
          code: "triage",
          effect: "none",
          message: expired
            ? `the comment that ignores ${ids} expired on ${comment.until ?? ""}`
            : `the comment that ignores ${ids} ignores nothing`,
          location: { path, line: comment.line },
          analyzer: "checks",
        });
      }
    for (const [path, { findings, diagnostics }] of this.#kept) {
      const told = [...diagnostics.leftOut].map(([effect, count]) =>
        leftOut(path, effect === "none" ? "none" : "incomplete", `${count} more problems of this file are not listed`),
      );
      if (findings.count > 0)
        told.push(
          leftOut(
            path,
            "incomplete",
            `${findings.count} findings were left out: of each check, ${maxFindings} in a file are kept`,
          ),
        );
      this.diagnostics.push(...told);
    }
  }

  #keptOf(path: string): { readonly findings: FindingLimit; readonly diagnostics: FindingLimit } {
    let kept = this.#kept.get(path);
    if (kept === undefined) {
      kept = { findings: new FindingLimit(maxFindings), diagnostics: new FindingLimit(maxDiagnostics) };
      this.#kept.set(path, kept);
    }
    return kept;
  }

  #tell(path: string, diagnostic: Diagnostic): void {
    if (this.#keptOf(path).diagnostics.take(diagnostic.effect)) this.diagnostics.push(diagnostic);
  }

  /** Makes a finding and keeps it, if there is room for it. */
  #add(check: Check, asked: Asked, hit: CheckHit, status: Misconfiguration["status"]): void {
    const kind = status === "pass" ? `${check.id} passed` : check.id;
    if (this.#keptOf(asked.document.path).findings.take(kind))
      this.findings.push(this.#finding(check, asked, hit, status));
  }

  #isExpired({ until }: IgnoreComment): boolean {
    const { today } = this.#options;
    return until !== undefined && today !== undefined && until < today.slice(0, 10);
  }

  #commentsOf(document: AnyConfigDocument): readonly IgnoreComment[] {
    let comments = this.#comments.get(document.path);
    if (comments === undefined) {
      comments = ignoreComments(document.text);
      this.#comments.set(document.path, comments);
    }
    return comments;
  }

  *check(document: AnyConfigDocument): Steps<void> {
    switch (document.format) {
      case "dockerfile":
      case "image-config":
        yield* this.#dockerfile(document, document.value);
        break;
      case "kubernetes":
        for (const object of kubernetesObjects(document.value)) yield* this.#object(document, object);
        break;
      default:
        break;
    }
    for (const check of this.#checks)
      if (
        check.subject === "document" &&
        check.formats.includes(document.format) &&
        check.selects?.(document) !== false
      )
        yield* this.#askFile(check, document, () => check.evaluate(document, this.#facts));
  }

  *#dockerfile(document: AnyConfigDocument, dockerfile: Dockerfile): Steps<void> {
    for (const check of this.#checks)
      if (check.subject === "dockerfile" && (check.filesOnly !== true || document.format === "dockerfile"))
        yield* this.#askFile(check, document, () => check.evaluate(dockerfile, this.#facts));
  }

  *#askFile(check: Check, document: AnyConfigDocument, evaluate: () => Iterable<CheckHit>): Steps<void> {
    const asked = { document, resource: fileResource(document) };
    const hits = this.#ask(check, asked, evaluate, bytesPerCheck + document.text.length);
    if (this.#done >= portion) yield this.#endPortion();
    for (const hit of hits) {
      this.#report(check, asked, hit);
      if (this.#done >= portion) yield this.#endPortion();
    }
  }

  *#object(document: AnyConfigDocument, object: KubernetesObject): Steps<void> {
    const subject = kubernetesSubject(object);
    const head = { type: copied(object.kind), name: copied(object.name) };
    const resource = object.namespace === undefined ? head : { ...head, namespace: copied(object.namespace) };
    const asked: Asked = { document, resource, doubt: this.#doubtAbout(document, object) };
    for (const check of this.#checks) {
      let hits: readonly CheckHit[] = [];
      if (check.subject === "kubernetes") {
        if (check.kinds?.includes(object.kind) !== false)
          hits = this.#ask(check, asked, () => check.evaluate(subject, this.#facts));
      } else if (check.subject === "object" && check.selects(object))
        hits = this.#ask(check, asked, () => check.evaluate(object, document, this.#facts));
      if (this.#done >= portion) yield this.#endPortion();
      for (const hit of hits) {
        this.#report(check, asked, hit);
        if (this.#done >= portion) yield this.#endPortion();
      }
    }
  }

  /** Reports parts of an object that Kubernetes would refuse. What they should mean is not known, so no check passes for the object. */
  #doubtAbout(document: AnyConfigDocument, object: KubernetesObject): string | undefined {
    const [part, ...others] = misshapenParts(object);
    if (part === undefined) return undefined;
    const line = document.at(part.path)?.line;
    const name = part.path.slice(object.path.length).join(".");
    const more = others.length === 0 ? "" : `, and ${others.length} more like it`;
    const doubt = `${name.slice(0, 200)} is ${part.found} where Kubernetes takes ${part.expected}${more}`;
    this.#tell(document.path, {
      kind: "diagnostic",
      code: part.found === "a template" ? "unresolved-configuration" : "malformed-file",
      effect: "incomplete",
      message: `${object.kind} ${object.name}: ${doubt}`.slice(0, 400),
      location: { path: document.path, ...(line === undefined ? {} : { line }) },
      analyzer: "checks",
    });
    return doubt;
  }

  /** Runs a check, and gives what it hits. No generator: an object is asked some eighty times, mostly for nothing. */
  #ask(
    check: Check,
    asked: Asked,
    evaluate: () => Iterable<CheckHit>,
    bytes: number = bytesPerCheck,
  ): readonly CheckHit[] {
    this.#done += bytes;
    let hits: readonly CheckHit[];
    try {
      hits = [...evaluate()];
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, 200);
      this.#add(check, asked, { message: `the check failed: ${reason}` }, "unknown");
      this.#tell(asked.document.path, {
        kind: "diagnostic",
        code: "analyzer-failed",
        effect: "incomplete",
        message: `the check ${check.id} failed: ${reason}`,
        location: { path: asked.document.path },
        analyzer: check.id,
      });
      return [];
    }
    if (hits.length > 0 || this.#options.includePasses !== true) return hits;
    const { doubt } = asked;
    if (doubt === undefined) this.#add(check, asked, { message: "no violation found" }, "pass");
    else this.#add(check, asked, { message: `cannot be decided: ${doubt}` }, "unknown");
    return hits;
  }

  #endPortion(): number {
    const done = this.#done;
    this.#done = 0;
    return done;
  }

  #report(check: Check, asked: Asked, hit: CheckHit): void {
    this.#done += bytesPerFinding;
    const { document } = asked;
    const comments = this.#commentsOf(document);
    if (comments.length === 0) {
      this.#add(check, asked, hit, "fail");
      return;
    }
    const finding = this.#finding(check, asked, hit, "fail");
    const { findings: kept } = this.#keptOf(document.path);
    const cause = hit.cause === undefined ? undefined : document.at(hit.cause);
    const { id, aliases = [], resource, location } = finding;
    const question = { id, aliases, resource, line: location?.line, cause };
    for (const comment of commentsAt(comments, question)) {
      if (!isIgnoredBy(comment, question)) continue;
      if (this.#isExpired(comment)) continue;
      this.#used.add(comment);
      if (!kept.take(`${check.id} ignored`)) return;
      this.suppressed.push({
        finding,
        by: "comment",
        reason: comment.reason === "" ? "ignored by a comment in the file" : comment.reason,
        ...(comment.until === undefined ? {} : { expires: comment.until }),
        origin: `${document.path}, line ${comment.line}`,
      });
      return;
    }
    if (kept.take(check.id)) this.findings.push(finding);
  }

  #finding(check: Check, asked: Asked, hit: CheckHit, status: Misconfiguration["status"]): Misconfiguration {
    const { document } = asked;
    const place = this.#places.of(document);
    const range =
      hit.lines === undefined
        ? hit.path === undefined
          ? undefined
          : place.range(hit.path)
        : { ...hit.lines, column: 1, endColumn: 1 };
    const cause = (hit.cause === undefined ? undefined : place.range(hit.cause)) ?? range;
    const location: Location =
      range === undefined ? { path: document.path } : { path: document.path, line: range.line, endLine: range.endLine };
    const snippet = range === undefined ? undefined : place.snippet(range, cause ?? range);
    const edits = hit.fix === undefined || status !== "fail" ? undefined : editsOf(document, hit.fix);
    const finding = findingOf(check, {
      subject: document.format === "image-config" ? "image-config" : "file",
      status,
      message: copied(hit.message),
      resource: asked.resource,
      location,
      explanation: this.#explanationOf(check),
    });
    if (snippet !== undefined) Object.assign(finding, { snippet });
    if (edits !== undefined) Object.assign(finding, { fix: { edits: edits.map((edit) => this.#masked(edit, place)) } });
    return finding;
  }

  /** One for each check, however often it finds something. */
  #explanationOf(check: Check): Misconfiguration["explanation"] {
    const found = this.#explanations.get(check) ?? { rule: check.rule ?? check.title };
    this.#explanations.set(check, found);
    return found;
  }

  #masked(edit: TextEdit, { hasSecrets }: CheckedPlaces): TextEdit {
    const { mask } = this.#options;
    // The text of an edit is either our own or from the file.
    return mask === undefined || !hasSecrets ? edit : { ...edit, text: copied(mask(edit.text, edit.path)) };
  }
}

type FindingFacts = Pick<Misconfiguration, "subject" | "status" | "message" | "resource" | "explanation"> & {
  readonly location: Location;
};

function findingOf(check: Check, facts: FindingFacts): Misconfiguration {
  const finding: Omit<Misconfiguration, "fingerprint"> = {
    kind: "misconfiguration",
    engine: check.engine ?? "checks",
    subject: facts.subject,
    id: check.id,
    aliases: check.aliases,
    severity: check.severity,
    status: facts.status,
    title: check.title,
    message: facts.message,
    description: check.description,
    resolution: check.remediation,
    references: check.references,
    resource: facts.resource,
    location: facts.location,
    locations: [facts.location],
    explanation: facts.explanation,
  };
  return Object.defineProperty(finding, "fingerprint", lazyFingerprint) as Misconfiguration; // It was just given what it lacked.
}

/**
 * Hashed when somebody asks. One function for all findings, which keeps nothing of the document alive, and lets the engine keep all of them in
 * one form.
 */
const lazyFingerprint: PropertyDescriptor & ThisType<Misconfiguration> = {
  enumerable: true,
  configurable: true,
  get() {
    const { id, location, resource, message } = this;
    // Two hits of a check in one object differ by what they are about, not by their lines.
    return fingerprintOf(
      "misconfiguration",
      id,
      location?.path,
      resource.type,
      resource.namespace,
      resource.name,
      message,
    );
  },
};

/** Places and lines of the document that is being checked; checks ask for the same few again and again. */
class CheckedPlaces {
  readonly #mask: RunChecksOptions["mask"];
  #document: AnyConfigDocument | undefined;
  #text: string | undefined;
  #shownText: string | undefined;
  #lines: readonly string[] | undefined;
  readonly #ranges = new Map<ValuePath, TextRange | undefined>();
  readonly #shown = new Map<string, SnippetLine>();
  readonly #snippets = new Map<string, readonly SnippetLine[]>();

  constructor(mask: RunChecksOptions["mask"]) {
    this.#mask = mask;
  }

  /** The places of a document; those of the one before are forgotten. */
  of(document: AnyConfigDocument): this {
    if (document === this.#document) return this;
    this.#document = document;
    this.#ranges.clear();
    // Documents of one stream share their text, which is masked once.
    if (this.#text === document.text) return this;
    this.#text = document.text;
    this.#shownText = undefined;
    this.#lines = undefined;
    this.#shown.clear();
    this.#snippets.clear();
    return this;
  }

  range(path: ValuePath): TextRange | undefined {
    // By identity: what a check hands on is mostly the path that its container has.
    let range = this.#ranges.get(path);
    if (range === undefined && !this.#ranges.has(path)) {
      range = this.#document?.at(path);
      this.#ranges.set(path, range);
    }
    return range;
  }

  snippet(range: TextRange, cause: TextRange): readonly SnippetLine[] {
    // The cause is shown even where it lies far below the beginning of the place.
    const first = cause.line - range.line >= maxSnippetLines ? cause.line : range.line;
    const last = Math.min(range.endLine, first + maxSnippetLines - 1, this.#shownLines().length);
    const key = `${first}-${last} ${cause.line}-${cause.endLine}`;
    let snippet = this.#snippets.get(key);
    if (snippet === undefined) {
      const lines: SnippetLine[] = [];
      for (let line = first; line <= last; line++)
        lines.push(this.#line(line, line >= cause.line && line <= cause.endLine));
      snippet = lines;
      this.#snippets.set(key, snippet);
    }
    return snippet;
  }

  #line(line: number, isCause: boolean): SnippetLine {
    const key = `${line} ${isCause}`;
    let shown = this.#shown.get(key);
    if (shown === undefined) {
      const text = copied((this.#shownLines()[line - 1] ?? "").slice(0, maxSnippetColumns));
      shown = isCause ? { line, text, cause: true } : { line, text };
      this.#shown.set(key, shown);
    }
    return shown;
  }

  /** Whether something in the file is masked. */
  get hasSecrets(): boolean {
    return this.#masked() !== this.#text;
  }

  #masked(): string {
    const { text = "", path = "" } = this.#document ?? {};
    this.#shownText ??= this.#mask === undefined ? text : this.#mask(text, path);
    return this.#shownText;
  }

  #shownLines(): readonly string[] {
    if (this.#lines === undefined) {
      this.#lines = this.#masked()
        .split("\n")
        .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    }
    return this.#lines;
  }
}

/** The same text in memory of its own: a part of a text keeps all of it alive, and findings outlive the files that they are about. */
function copied(text: string): string {
  return ` ${text}`.slice(1);
}

function leftOut(path: string, effect: Diagnostic["effect"], message: string): Diagnostic {
  return { kind: "diagnostic", code: "limit-exceeded", effect, message, location: { path }, analyzer: "checks" };
}

function fileResource(document: AnyConfigDocument): Misconfiguration["resource"] {
  return { type: document.format, name: document.path };
}
