// What formats that were made for vulnerabilities say of secrets, licences and misconfigurations.
import { compareText, findingsOf, isProblem, licenseCategories, listOfKind, packageOf } from "@plimsoll/model";
import type { Finding, FindingKind, Location, Report, SnippetLine, Vulnerability } from "@plimsoll/model";

/** A finding that is no vulnerability. */
export type OtherFinding = Exclude<Finding, Vulnerability>;

/** The findings of one kind that was scanned for. */
export interface OtherList {
  readonly kind: OtherFinding["kind"];
  /** Heading of the list: `Secrets`. */
  readonly title: string;
  readonly findings: readonly OtherFinding[];
}

/** Words for the findings of a kind: one of them, and several. */
export const kindWords: Readonly<Record<FindingKind, readonly [one: string, many: string]>> = {
  vulnerability: ["vulnerability", "vulnerabilities"],
  secret: ["secret", "secrets"],
  license: ["license", "licenses"],
  misconfiguration: ["misconfiguration", "misconfigurations"],
};

const otherKinds = ["secret", "license", "misconfiguration"] as const;

/** The lists of findings other than vulnerabilities, for each kind that was scanned for, in the order of the report. */
export function otherLists(report: Report): readonly OtherList[] {
  return otherKinds.flatMap((kind) => {
    const findings: readonly OtherFinding[] | undefined = report[listOfKind[kind]];
    const many = kindWords[kind][1];
    return findings === undefined ? [] : [{ kind, title: many.charAt(0).toUpperCase() + many.slice(1), findings }];
  });
}

/** All findings of a report but checks that passed. */
export function problemsOf(report: Report): readonly Finding[] {
  return findingsOf(report).filter(isProblem);
}

/** The title of a finding, or its id where it has none. */
export function headlineOf(finding: Finding): string {
  return finding.title ?? finding.id;
}

/** What is wrong, in one line: more than the title says. */
export function detailOf(finding: OtherFinding): string {
  switch (finding.kind) {
    case "secret": {
      const { match, removedIn } = finding;
      return removedIn === undefined ? match : `${match} (removed in layer ${removedIn.index}, still in the image)`;
    }
    case "license": {
      const { category, confidence, explanation } = finding;
      const how =
        explanation.source === "statement" ? "stated" : `by its text, ${Math.round(confidence * 100)} % confidence`;
      return `${category} (${how})`;
    }
    case "misconfiguration":
      return finding.status === "fail" ? finding.message : `${finding.status}: ${finding.message}`;
  }
}

/** How many licences a summary names. */
const mostLicenses = 20;

/** A summary of licence findings: the number in each category, most severe first, and of each licence, most frequent first. */
export function licenseSums(findings: readonly OtherFinding[]): readonly string[] {
  const licenses = findings.filter((finding) => finding.kind === "license");
  if (licenses.length === 0) return [];
  const count = (names: readonly string[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  };
  const byCategory = count(licenses.map(({ category }) => category));
  const byLicense = [...count(licenses.map(({ id }) => id))].sort(([a, m], [b, n]) => n - m || compareText(a, b));
  const named = byLicense.slice(0, mostLicenses).map(([id, number]) => `${id} ${number}`);
  const more = byLicense.length - named.length;
  return [
    `By category: ${licenseCategories
      .flatMap((category) => (byCategory.has(category) ? [`${category} ${byCategory.get(category) ?? 0}`] : []))
      .join(", ")}`,
    `By licence: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`,
  ];
}

/** The remediation that the finding states; undefined where it states none. */
export function remedyOf(finding: OtherFinding): string | undefined {
  return finding.kind === "misconfiguration" ? finding.resolution : undefined;
}

/** Where the finding is: the file and line, or the package, or the name of a Kubernetes object. */
export function placeOf(finding: OtherFinding): string {
  const [location] = finding.locations;
  const pkg = packageOf(finding);
  // A Dockerfile is its own resource; an object is one of several in its file.
  const resource =
    finding.kind === "misconfiguration" && (finding.subject !== "file" || finding.resource.name !== location?.path)
      ? `${finding.resource.type} ${finding.resource.namespace === undefined ? "" : `${finding.resource.namespace}/`}${finding.resource.name}`
      : undefined;
  const file =
    location === undefined || location.path === ""
      ? undefined
      : location.line === undefined
        ? location.path
        : `${location.path}:${linesOf(location, finding)}`;
  const parts = [pkg === undefined ? undefined : `${pkg.name} ${pkg.version}`, resource, file];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** The lines of a location: `15`, or `15-20`. */
function linesOf({ line = 1, endLine = line }: Location, { kind }: OtherFinding): string {
  return kind === "misconfiguration" && endLine > line ? `${line}-${endLine}` : `${line}`;
}

/** The lines that a finding is about, at most so many: those around the cause where there are more. */
export function codeOf(finding: OtherFinding, most: number): readonly SnippetLine[] {
  const { snippet = [] } = finding.kind === "misconfiguration" ? finding : {};
  if (snippet.length <= most) return snippet;
  const cause = snippet.findIndex((each) => each.cause === true);
  const first = Math.max(0, Math.min(cause - 1, snippet.length - most));
  return snippet.slice(first, first + most);
}

/** A line of a file with its number, and `>` in front of the cause. */
export function codeLine({ line, text, cause }: SnippetLine): string {
  return `${cause === true ? ">" : "-"} ${line} | ${text}`;
}

/** How many edits one line of text names. */
const mostEdits = 3;

/** The text edits that fix a finding, in one line: `line 15: securityContext: / privileged: false`. Undefined: no fix is known. */
export function fixOf(finding: OtherFinding): string | undefined {
  if (finding.kind !== "misconfiguration" || finding.fix === undefined) return undefined;
  const { edits } = finding.fix;
  const told = edits.slice(0, mostEdits).map(({ start, end, text }) => {
    const lines = text.split("\n").map((each) => each.trim());
    const written = lines.filter((each) => each !== "").join(" / ");
    const where = end.line > start.line + 1 ? `lines ${start.line} to ${end.line - 1}` : `line ${start.line}`;
    return `${where}: ${written === "" ? "delete" : written}`;
  });
  return told.join("; ") + (edits.length > mostEdits ? `, and ${edits.length - mostEdits} more` : "");
}
