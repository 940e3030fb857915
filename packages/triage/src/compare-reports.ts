import { parsePurl } from "@plimsoll/formats";
import { compareBy, compareText, severities } from "@plimsoll/model";
import type {
  ChangedFinding,
  DiffCause,
  DiffSide,
  Finding,
  FindingChange,
  FindingDifference,
  Inventory,
  Package,
  PackageName,
  Report,
  ReportDiff,
  SuppressedFinding,
} from "@plimsoll/model";

/**
 * What came, went and changed between two results, and why. Reports tell of findings; where one side is a mere inventory,
 * packages alone are compared. Same results, in any order: same comparison.
 */
export function compareReports(before: Report | Inventory, after: Report | Inventory): ReportDiff {
  const old = sideOf(before);
  const now = sideOf(after);
  return {
    schemaVersion: 1,
    old: old.side,
    new: now.side,
    packages: comparePackages(before.packages, after.packages),
    ...(old.findings === undefined || now.findings === undefined ? {} : { findings: compareAll(old, now) }),
    notes: notesOf(old, now),
  };
}

/** One side, with what is asked of it often. */
interface Compared {
  readonly side: DiffSide;
  readonly source: Report | Inventory;
  readonly packageOf: ReadonlyMap<string, Package>;
  /** Packages by what they are called whatever their version. */
  readonly byKey: ReadonlyMap<string, readonly Package[]>;
  readonly findings: readonly Judged[] | undefined;
}

/** A finding, kept or not. */
interface Judged {
  readonly finding: Finding;
  readonly key: string;
  readonly suppressed?: SuppressedFinding;
}

function sideOf(source: Report | Inventory): Compared {
  const { artifact, packages } = source;
  const packageOf = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const report = "coverage" in source ? source : undefined;
  const judged = (finding: Finding, suppressed?: SuppressedFinding): Judged => ({
    finding,
    key: keyOf(finding.package, packageOf.get(finding.package.id)?.ecosystem),
    ...(suppressed === undefined ? {} : { suppressed }),
  });
  return {
    side: {
      name: artifact.name,
      ...(artifact.digest === undefined ? {} : { digest: artifact.digest }),
      ...(report === undefined ? {} : { tool: report.tool, coverage: report.coverage.verdict }),
      ...(report?.advisories === undefined ? {} : { advisories: report.advisories.revision }),
    },
    source,
    packageOf,
    byKey: groupBy(packages, (pkg) => keyOf(pkg, pkg.ecosystem)),
    findings:
      report?.findings === undefined
        ? undefined
        : [
            ...report.findings.map((finding) => judged(finding)),
            ...(report.suppressed ?? []).map((suppressed) => judged(suppressed.finding, suppressed)),
          ],
  };
}

/** What a package is called, whatever its version, release and architecture. */
function keyOf(pkg: PackageName, ecosystem = ""): string {
  const purl = parsePurl(pkg.purl);
  return purl === undefined ? `${ecosystem}\n${pkg.name}` : `${purl.type}\n${purl.namespace ?? ""}\n${purl.name}`;
}

function comparePackages(before: readonly Package[], after: readonly Package[]): ReportDiff["packages"] {
  const key = (pkg: Package): string => keyOf(pkg, pkg.ecosystem);
  const { pairs, left, right } = pairUp(before, after, key, [(pkg) => pkg.purl, (pkg) => pkg.version, () => ""]);
  const changed = pairs.filter(([from, to]) => from.version !== to.version);
  return {
    added: right.map(nameOf).sort(byPurl),
    removed: left.map(nameOf).sort(byPurl),
    changed: changed
      .map(([from, to]) => ({ name: to.name, from: nameOf(from), to: nameOf(to) }))
      .sort((a, b) => byPurl(a.to, b.to)),
  };
}

function nameOf({ name, version, purl }: PackageName): PackageName {
  return { name, version, purl };
}

const byPurl = compareBy<PackageName>(
  (a, b) => compareText(a.purl, b.purl),
  (a, b) => compareText(a.version, b.version),
);

/**
 * Pairs the items of two lists that have a key in common: first those that agree in the first of `marks` too, then in the
 * second, and so on; in order of the first mark where there are several.
 */
function pairUp<T>(
  before: readonly T[],
  after: readonly T[],
  keyOfItem: (item: T) => string,
  marks: readonly ((item: T) => string)[],
): { readonly pairs: readonly (readonly [T, T])[]; readonly left: readonly T[]; readonly right: readonly T[] } {
  const first = marks[0] ?? ((): string => "");
  const inOrder = (items: readonly T[]): T[] =>
    items.toSorted(
      compareBy(
        (a, b) => compareText(keyOfItem(a), keyOfItem(b)),
        (a, b) => compareText(first(a), first(b)),
      ),
    );
  const pairs: (readonly [T, T])[] = [];
  let left = inOrder(before);
  let right = inOrder(after);
  for (const mark of marks) {
    const name = (item: T): string => `${keyOfItem(item)}\n${mark(item)}`;
    const waiting = groupBy(right, name);
    const taken = new Set<T>();
    left = left.filter((item) => {
      const partner = waiting.get(name(item))?.shift();
      if (partner === undefined) return true;
      pairs.push([item, partner]);
      taken.add(partner);
      return false;
    });
    right = right.filter((item) => !taken.has(item));
  }
  return { pairs, left, right };
}

function compareAll(old: Compared, now: Compared): NonNullable<ReportDiff["findings"]> {
  const marks = [
    ({ finding }: Judged) => finding.package.purl,
    ({ finding }: Judged) => finding.package.version,
    () => "",
  ];
  const byId = pairUp(old.findings ?? [], now.findings ?? [], ({ key, finding }) => `${finding.id}\n${key}`, marks);
  // A vulnerability may have got its CVE id in between: then one side knows the other's id as an alias.
  const names = commonNames([...byId.left, ...byId.right]);
  const byAlias = pairUp(byId.left, byId.right, (item) => `${names(item)}\n${item.key}`, marks);
  const added: FindingDifference[] = [];
  const fixed: FindingDifference[] = [];
  const changed: ChangedFinding[] = [];
  let unchanged = 0;
  for (const [before, after] of [...byId.pairs, ...byAlias.pairs]) {
    const changes = changesOf(before, after);
    if (after.suppressed !== undefined && before.suppressed !== undefined) continue;
    if (before.suppressed !== undefined) added.push(reappeared(before, after, before.suppressed, changes, old, now));
    else if (changes.length > 0) changed.push({ ...changeCause(before, after, changes, old, now), changes });
    else unchanged++;
  }
  for (const { finding, suppressed } of byAlias.right)
    if (suppressed === undefined) added.push({ finding, ...causeOf(finding, now, old, "before") });
  for (const { finding, suppressed } of byAlias.left)
    if (suppressed === undefined) fixed.push({ finding, ...causeOf(finding, old, now, "now") });
  return {
    added: added.sort(bySeverity),
    fixed: fixed.sort(bySeverity),
    changed: changed.sort(bySeverity),
    unchanged,
  };
}

const bySeverity = compareBy<FindingDifference>(
  (a, b) => severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity),
  (a, b) => compareText(a.finding.id, b.finding.id),
  (a, b) => compareText(a.finding.package.purl, b.finding.package.purl),
  (a, b) => compareText(a.finding.package.id, b.finding.package.id),
);

/** One name for findings of one package of which one has the other's id among its aliases. */
function commonNames(items: readonly Judged[]): (item: Judged) => string {
  const nameOfId = ({ key }: Judged, id: string): string => `${key}\n${id}`;
  const names = new Map(items.map((item) => [nameOfId(item, item.finding.id), nameOfId(item, item.finding.id)]));
  const root = (name: string): string => {
    let at = name;
    for (let next = names.get(at); next !== undefined && next !== at; next = names.get(at)) at = next;
    return at;
  };
  for (const item of items) {
    for (const alias of item.finding.aliases) {
      // An advisory that covers several vulnerabilities is an alias of each: only one that is a finding itself joins.
      const other = nameOfId(item, alias);
      if (names.has(other)) names.set(root(other), root(nameOfId(item, item.finding.id)));
    }
  }
  return (item) => root(nameOfId(item, item.finding.id));
}

function changesOf(before: Judged, after: Judged): readonly FindingChange[] {
  const { finding: old } = before;
  const { finding: now } = after;
  const facts: readonly FindingChange[] = [
    changeOf("version", old.package.version, now.package.version),
    changeOf("severity", old.severity, now.severity),
    changeOf("status", old.status, now.status),
    changeOf("fixedVersion", old.fixedVersion, now.fixedVersion),
    changeOf("knownExploited", old.knownExploited?.dateAdded, now.knownExploited?.dateAdded),
    changeOf("suppressed", before.suppressed?.by, after.suppressed?.by),
  ];
  return facts.filter(({ from, to }) => from !== to);
}

function changeOf(fact: FindingChange["fact"], from: string | undefined, to: string | undefined): FindingChange {
  return { fact, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

type Cause = Omit<FindingDifference, "finding">;

function reappeared(
  before: Judged,
  after: Judged,
  suppressed: SuppressedFinding,
  changes: readonly FindingChange[],
  old: Compared,
  now: Compared,
): FindingDifference {
  const others = changes.filter(({ fact }) => fact !== "suppressed");
  // A filter that speaks of severity or fix lets a finding through because these have changed.
  if (others.length > 0) return changeCause(before, after, changes, old, now);
  return {
    finding: after.finding,
    causes: ["rules"],
    because: `It was suppressed before by ${suppressed.by} (${suppressed.reason}), and is not now`,
  };
}

function changeCause(
  before: Judged,
  after: Judged,
  changes: readonly FindingChange[],
  old: Compared,
  now: Compared,
): FindingDifference {
  const { finding } = after;
  if (after.suppressed !== undefined && changes.length === 1) {
    const { by, reason } = after.suppressed;
    return { finding, causes: ["rules"], because: `It is suppressed now by ${by} (${reason})` };
  }
  const version = changes.find(({ fact }) => fact === "version");
  if (version !== undefined) {
    return {
      finding,
      causes: ["inventory"],
      because: `${finding.package.name} ${before.finding.package.version} became ${finding.package.version}, which has it still`,
    };
  }
  return { finding, ...publishedCause(old, now) };
}

/** Why a finding of `here` has no counterpart on the other side. */
function causeOf(finding: Finding, here: Compared, there: Compared, when: "before" | "now"): Cause {
  const pkg = here.packageOf.get(finding.package.id);
  const { name, version } = finding.package;
  const others = there.byKey.get(keyOf(finding.package, pkg?.ecosystem)) ?? [];
  if (others.length === 0) {
    const state = when === "before" ? "was not there before" : "is not there any more";
    return { causes: ["inventory"], because: `The package ${name} ${version} ${state}` };
  }
  const twin =
    others.find((other) => other.purl === finding.package.purl) ?? others.find((other) => other.version === version);
  if (twin === undefined) {
    const versions = others.map((other) => other.version).sort(compareText);
    const listed = [...new Set(versions)].join(", ");
    return {
      causes: ["inventory"],
      because:
        when === "before"
          ? `${name} was ${listed} before and is ${version}`
          : `${name} was ${version} and is ${listed}`,
    };
  }
  const differs = (pkg === undefined ? undefined : identityDifference(pkg, twin)) ?? distroDifference(here, there);
  if (differs !== undefined) return { causes: ["inventory"], because: differs };
  return when === "before" ? publishedCause(there, here) : publishedCause(here, there);
}

/** What makes two packages of one name and version be looked up differently. */
function identityDifference(a: Package, b: Package): string | undefined {
  const { name, version } = a;
  if (JSON.stringify(a.source) !== JSON.stringify(b.source))
    return `${name} ${version} is built from another source package`;
  if (a.architecture !== b.architecture) return `${name} ${version} is of another architecture`;
  if (factsText(a.facts) !== factsText(b.facts)) return `Other facts are known about ${name} ${version}`;
  if (isOwned(a) !== isOwned(b))
    return `Only on one side do the files of ${name} ${version} belong to a package of the distribution`;
  return undefined;
}

function isOwned({ locations }: Package): boolean {
  return locations.length > 0 && locations.every(({ ownedBy }) => ownedBy !== undefined);
}

function factsText(facts: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify(Object.entries(facts).sort(([a], [b]) => compareText(a, b)));
}

function distroDifference(a: Compared, b: Compared): string | undefined {
  const of = ({ source: { artifact } }: Compared): string => {
    const { id, versionId, channels = [], facts } = artifact.distro ?? {};
    return JSON.stringify([id, versionId, channels.toSorted(compareText), factsText(facts)]);
  };
  return of(a) === of(b) ? undefined : "The distribution, its release or its update channels differ";
}

/** What else than packages differs between an older and a newer report. */
function publishedCause(old: Compared, now: Compared): Cause {
  const causes: DiffCause[] = [];
  const told: string[] = [];
  if (old.side.advisories !== now.side.advisories) {
    causes.push("advisories");
    told.push("the advisory data has another revision");
  }
  if (toolOf(old) !== toolOf(now)) {
    causes.push("engine");
    told.push(`the scanner was ${toolOf(old)} and is ${toolOf(now)}`);
  }
  if (causes.length === 0)
    return {
      causes: ["options"],
      because: "Package, advisory data and scanner are the same: the scans had other options",
    };
  const sentence = `The package is the same, but ${told.join(", and ")}`;
  return { causes, because: causes.length === 1 ? sentence : `${sentence}: either can be the cause` };
}

function toolOf({ side: { tool } }: Compared): string {
  return tool === undefined ? "unknown" : `${tool.name} ${tool.version}`;
}

function notesOf(old: Compared, now: Compared): readonly string[] {
  const notes: string[] = [];
  if (old.findings === undefined || now.findings === undefined)
    notes.push("Findings are not compared: on one side nobody looked for vulnerabilities");
  const [before, after] = [old.side.coverage, now.side.coverage];
  if (before !== undefined && after !== undefined && (before !== "complete" || after !== "complete"))
    notes.push(
      before === after
        ? `The coverage of both is ${after}: what could not be looked at is not compared`
        : `The coverage was ${before} and is ${after}: a finding may have come or gone because of it`,
    );
  const distro = distroDifference(old, now);
  if (distro !== undefined) notes.push(distro);
  return notes;
}

function groupBy<T>(items: readonly T[], keyOfItem: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
