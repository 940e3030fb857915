/** A comment that ignores findings. */
export interface IgnoreComment {
  /** Ids or aliases, in lower case; `*` stands for any characters. */
  readonly ids: readonly string[];
  /** What the resource must be, by attribute: `name`, `namespace`, `kind`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly reason: string;
  /** The last day on which it holds: `2026-12-31`. */
  readonly until?: string;
  /** Line of the comment, 1-based. */
  readonly line: number;
  /** Line that it applies to: its own where something is before it, else the next one that is neither a comment nor empty. */
  readonly target: number;
  /** It is before everything else, and so may apply to the whole file. */
  readonly atTop: boolean;
  /** Whose syntax it has. Trivy's comments never apply to the whole file. */
  readonly form: "trivy" | "plimsoll";
}

const marker = /(^|[ \t])(?:#|\/\/)[ \t]{0,8}(?=(?:trivy|plimsoll):ignore)/;

/**
 * Comments of a file that ignore findings: `#trivy:ignore:KSV-0017[name=agent]:exp:2026-12-31`, several of them apart by blanks, and
 * `# plimsoll:ignore KSV-0017,KSV-0012 the agent needs the node until 2026-12-31`.
 */
export function ignoreComments(text: string): readonly IgnoreComment[] {
  if (!text.includes(":ignore")) return [];
  const lines = text.split("\n");
  const comments: IgnoreComment[] = [];
  const next = nextContent(lines);
  let contentSeen = false;
  for (const [index, line] of lines.entries()) {
    const match = marker.exec(line);
    if (match !== null) {
      const start = match.index + match[0].length;
      const ownLine = line.slice(0, match.index).trim() === "";
      const place = {
        line: index + 1,
        target: ownLine ? (next[index] ?? index + 2) : index + 1,
        atTop: !contentSeen && ownLine,
      };
      for (const comment of parse(line.slice(start).trim())) comments.push({ ...comment, ...place });
    }
    contentSeen ||= !/^\s*(?:#.*|---.*)?$/.test(line);
  }
  return comments;
}

/** For each line the number, 1-based, of the next line that is no comment and not empty. */
function nextContent(lines: readonly string[]): readonly number[] {
  const next: number[] = [];
  let following = lines.length + 1;
  for (let index = lines.length - 1; index >= 0; index--) {
    next[index] = following;
    if (!/^\s*(?:#.*)?$/.test(lines[index] ?? "")) following = index + 1;
  }
  return next;
}

type Parsed = Pick<IgnoreComment, "ids" | "attributes" | "reason" | "until" | "form">;

function parse(text: string): readonly Parsed[] {
  if (text.startsWith("plimsoll:ignore")) {
    const [, list = "", rest = ""] = /^plimsoll:ignore[ \t]+(\S+)(.*)$/.exec(text) ?? [];
    if (list === "") return [];
    const until = /(?:^|[ \t])until[ \t]+(\d{4}-\d{2}-\d{2})[ \t]*$/.exec(rest);
    return [
      {
        ids: list.toLowerCase().split(","),
        attributes: {},
        reason: rest.slice(0, until?.index ?? rest.length).trim(),
        ...(until?.[1] === undefined ? {} : { until: until[1] }),
        form: "plimsoll",
      },
    ];
  }
  return text.split(/[ \t]+/).flatMap((word) => {
    const match = /^#?trivy:ignore:([^[\]:]+)(?:\[([^[\]]*)\])?(.*)$/.exec(word);
    const id = match?.[1];
    if (id === undefined) return [];
    const attributes = Object.fromEntries(
      (match?.[2] ?? "")
        .split(",")
        .map((pair) => pair.split("="))
        .flatMap(([name, value]) => (name === undefined || name === "" || value === undefined ? [] : [[name, value]])),
    );
    const until = /:exp:(\d{4}-\d{2}-\d{2})/.exec(match?.[3] ?? "")?.[1];
    return [
      {
        ids: [id.toLowerCase()],
        attributes,
        reason: "",
        ...(until === undefined ? {} : { until }),
        form: "trivy" as const,
      },
    ];
  });
}

/** The finding that a comment may apply to. */
export interface IgnoreQuestion {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly resource: { readonly type: string; readonly name: string; readonly namespace?: string };
  /** First line of the place; undefined: it has none. */
  readonly line: number | undefined;
  /** Lines of the cause. */
  readonly cause: { readonly line: number; readonly endLine: number } | undefined;
}

/**
 * The comments of a file that may apply to a finding, by where they stand. Comments are in the order of the file, and so are the lines
 * that they apply to: of thousands, only those at the finding's own lines are looked at.
 */
export function* commentsAt(
  comments: readonly IgnoreComment[],
  { line, cause }: Pick<IgnoreQuestion, "line" | "cause">,
): Generator<IgnoreComment> {
  if (line === undefined) {
    for (const comment of comments) {
      if (!comment.atTop) return;
      yield comment;
    }
    return;
  }
  const own = { line, endLine: line };
  const ranges =
    cause === undefined ? [own] : line < cause.line ? [own, cause] : line > cause.endLine ? [cause, own] : [cause];
  for (const range of ranges)
    for (let at = firstFrom(comments, range.line); at < comments.length; at++) {
      const comment = comments[at];
      if (comment === undefined || comment.target > range.endLine) break;
      yield comment;
    }
}

/** Position of the first comment that applies to a line or one behind it. */
function firstFrom(comments: readonly IgnoreComment[], line: number): number {
  let [low, high] = [0, comments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.target ?? line) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a comment applies to a finding. */
export function isIgnoredBy(comment: IgnoreComment, question: IgnoreQuestion): boolean {
  const names = [question.id, ...question.aliases].map((name) => name.toLowerCase());
  if (!comment.ids.some((id) => names.some((name) => matchesName(id, name)))) return false;
  const { type, name, namespace } = question.resource;
  const facts: Readonly<Record<string, string | undefined>> = { name, namespace, kind: type };
  if (Object.entries(comment.attributes).some(([key, value]) => facts[key] !== value)) return false;
  if (question.line === undefined) return comment.atTop && comment.form === "plimsoll";
  if (comment.target === question.line) return true;
  const { cause } = question;
  return cause !== undefined && comment.target >= cause.line && comment.target <= cause.endLine;
}

/** `ksv-*` matches `ksv-0017`. */
function matchesName(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  const last = rest.pop() ?? "";
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
