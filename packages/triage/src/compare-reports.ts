import { finish, parsePurl } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import {
  checkOptions,
  compareBy,
  compareFindings,
  compareText,
  findingKinds,
  findingsOf,
  inTurns,
  isProblem,
  kindsLookedFor,
  listOfKind,
  namesOf,
  optionIs,
  packageOf,
  sortedSteps,
  subjectOf,
} from "@plimsoll/model";
import type {
  CallOptions,
  ChangedFinding,
  DiffCause,
  DiffSide,
  Finding,
  FindingChange,
  FindingDifference,
  FindingKind,
  Inventory,
  Package,
  PackageName,
  Report,
  ReportDiff,
  SuppressedFinding,
} from "@plimsoll/model";

/**
 * Compares two results: what was added, removed and changed, and why. Findings are compared where both sides are reports, packages in
 * any case. Same results, in any order: same comparison.
 */
export function compareReports(before: Report | Inventory, after: Report | Inventory): ReportDiff {
  return finish(compareSteps(before, after));
}

/**
 * The same as {@link compareReports}, with turns of the event loop for others in between: for servers.
 * @throws TypeError for unknown or invalid options, and the signal's reason, once it is aborted; in the promise.
 */
export async function compareReportsInTurns(
  before: Report | Inventory,
  after: Report | Inventory,
  options: Pick<CallOptions, "signal"> = {},
): Promise<ReportDiff> {
  checkOptions("compareReportsInTurns", options, { signal: optionIs.signal });
  return inTurns(compareSteps(before, after), options);
}

/** To look at a package, a finding or a pair of them takes about as long as looking at so many bytes. */
const bytesPerItem = 512;

function* compareSteps(before: Report | Inventory, after: Report | Inventory): Steps<ReportDiff> {
  const old = yield* sideOf(before);
  const now = yield* sideOf(after);
  const kinds = old.kinds.filter((kind) => now.kinds.includes(kind));
  return {
    schemaVersion: 2,
    old: old.side,
    new: now.side,
    packages: yield* comparePackages(before.packages, after.packages),
    ...(kinds.length === 0 ? {} : { findings: { kinds, ...(yield* compareAll(old, now, kinds)) } }),
    notes: notesOf(old, now),
  };
}

/** One side, with what is asked of it often. */
interface Compared {
  readonly side: DiffSide;
  readonly source: Report | Inventory;
  readonly packages: ReadonlyMap<string, Package>;
  /** Packages by what they are called whatever their version. */
  readonly byKey: ReadonlyMap<string, readonly Package[]>;
  /** Kinds that somebody looked for; none in an inventory. */
  readonly kinds: readonly FindingKind[];
  readonly findings: readonly Judged[];
}

/** A finding, kept or not. */
interface Judged {
  readonly finding: Finding;
  readonly key: string;
  readonly suppressed: SuppressedFinding | undefined;
}

function* sideOf(source: Report | Inventory): Steps<Compared> {
  const { artifact } = source;
  const packages = new Map(source.packages.map((pkg) => [pkg.id, pkg]));
  const report = "coverage" in source ? source : undefined;
  const findings: Judged[] = [];
  const judge = (finding: Finding, suppressed?: SuppressedFinding): number => {
    findings.push({ finding, key: keyOfFinding(finding, packages), suppressed });
    return bytesPerItem;
  };
  if (report !== undefined) {
    // A check that passed is no finding that could come or go.
    for (const finding of findingsOf(report)) if (isProblem(finding)) yield judge(finding);
    for (const suppressed of report.suppressed ?? []) yield judge(suppressed.finding, suppressed);
  }
  return {
    side: {
      name: artifact.name,
      ...(artifact.digest === undefined ? {} : { digest: artifact.digest }),
      ...(report === undefined ? {} : { tool: report.tool, coverage: report.coverage.verdict }),
      ...(report?.advisories === undefined ? {} : { advisories: report.advisories.revision }),
    },
    source,
    packages,
    byKey: yield* groupBy(source.packages, keyOf),
    kinds: report === undefined ? [] : kindsLookedFor(report),
    findings,
  };
}

/** What is the same on both sides though lines and versions differ: the package, or the file and what in it. */
function keyOfFinding(finding: Finding, packages: ReadonlyMap<string, Package>): string {
  const pkg = packageOf(finding);
  if (pkg !== undefined) return keyOf(packages.get(pkg.id) ?? pkg);
  const resource = finding.kind === "misconfiguration" ? finding.resource : undefined;
  return JSON.stringify([finding.locations[0]?.path, resource]);
}

/** What a package is called, whatever its version, release and architecture. */
function keyOf({ purl, ecosystem, name }: PackageName & { readonly ecosystem?: string }): string {
  const parts = parsePurl(purl);
  return JSON.stringify(parts === undefined ? [ecosystem, name] : [parts.type, parts.namespace, parts.name]);
}

function* comparePackages(before: readonly Package[], after: readonly Package[]): Steps<ReportDiff["packages"]> {
  const { pairs, left, right } = yield* pairUp(before, after, keyOf, [
    (pkg) => pkg.purl,
    (pkg) => pkg.version,
    () => "",
  ]);
  const changed = pairs.filter(([from, to]) => from.version !== to.version);
  return {
    added: yield* sortedSteps(right.map(nameOf), byPurl),
    removed: yield* sortedSteps(left.map(nameOf), byPurl),
    changed: yield* sortedSteps(
      changed.map(([from, to]) => ({ name: to.name, from: nameOf(from), to: nameOf(to) })),
      (a, b) => byPurl(a.to, b.to),
    ),
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
function* pairUp<T>(
  before: readonly T[],
  after: readonly T[],
  keyOfItem: (item: T) => string,
  marks: readonly [first: (item: T) => string, ...others: readonly ((item: T) => string)[]],
): Steps<{ readonly pairs: readonly (readonly [T, T])[]; readonly left: readonly T[]; readonly right: readonly T[] }> {
  const [first] = marks;
  const byFirst = (a: T, b: T): number => compareText(first(a), first(b));
  const pairs: (readonly [T, T])[] = [];
  let left = yield* sortedSteps(before, byFirst);
  let right = yield* sortedSteps(after, byFirst);
  for (const mark of marks) {
    const name = (item: T): string => `${keyOfItem(item)}\n${mark(item)}`;
    const waiting = yield* groupBy(right, name);
    const taken = new Set<T>();
    const alone: T[] = [];
    for (const item of left) {
      yield bytesPerItem;
      const partner = waiting.get(name(item))?.shift();
      if (partner === undefined) alone.push(item);
      else {
        pairs.push([item, partner]);
        taken.add(partner);
      }
    }
    left = alone;
    right = right.filter((item) => !taken.has(item));
  }
  return { pairs, left, right };
}

function* compareAll(
  old: Compared,
  now: Compared,
  kinds: readonly FindingKind[],
): Steps<Omit<NonNullable<ReportDiff["findings"]>, "kinds">> {
  const marks = [
    ({ finding }: Judged) => packageOf(finding)?.purl ?? finding.fingerprint,
    ({ finding }: Judged) => packageOf(finding)?.version ?? "",
    () => "",
  ] as const;
  const of = ({ findings }: Compared): readonly Judged[] =>
    findings.filter(({ finding }) => kinds.includes(finding.kind));
  const byId = yield* pairUp(of(old), of(now), ({ key, finding }) => `${finding.kind}\n${finding.id}\n${key}`, marks);
  // A vulnerability may have got its CVE id in between: then one side knows the other's id as an alias.
  const names = yield* commonNames([...byId.left, ...byId.right]);
  const byAlias = yield* pairUp(byId.left, byId.right, (item) => `${names(item)}\n${item.key}`, marks);
  const added: FindingDifference[] = [];
  const fixed: FindingDifference[] = [];
  const changed: ChangedFinding[] = [];
  let unchanged = 0;
  for (const [before, after] of [...byId.pairs, ...byAlias.pairs]) {
    yield bytesPerItem;
    const changes = changesOf(before, after);
    if (after.suppressed !== undefined && before.suppressed !== undefined) continue;
    if (before.suppressed !== undefined) added.push(reappeared(after, before.suppressed, changes, old, now));
    else if (changes.length > 0) changed.push({ ...changeCause(after, changes, old, now), changes });
    else unchanged++;
  }
  for (const { finding, suppressed } of byAlias.right) {
    yield bytesPerItem;
    if (suppressed === undefined) added.push({ finding, ...causeOf(finding, old, now, true) });
  }
  for (const { finding, suppressed } of byAlias.left) {
    yield bytesPerItem;
    if (suppressed === undefined) fixed.push({ finding, ...causeOf(finding, old, now, false) });
  }
  return {
    added: yield* sortedSteps(added, bySeverity),
    fixed: yield* sortedSteps(fixed, bySeverity),
    changed: yield* sortedSteps(changed, bySeverity),
    unchanged,
  };
}

function bySeverity(a: FindingDifference, b: FindingDifference): number {
  return compareFindings(a.finding, b.finding);
}

/** One name for findings of one package of which one has the other's id among its aliases. */
function* commonNames(items: readonly Judged[]): Steps<(item: Judged) => string> {
  const nameOfId = ({ key, finding }: Judged, id: string): string => `${finding.kind}\n${key}\n${id}`;
  const names = new Map(items.map((item) => [nameOfId(item, item.finding.id), nameOfId(item, item.finding.id)]));
  const root = (name: string): string => {
    let at = name;
    for (let next = names.get(at); next !== undefined && next !== at; next = names.get(at)) at = next;
    return at;
  };
  for (const item of items) {
    yield bytesPerItem;
    for (const alias of namesOf(item.finding)) {
      // An advisory that covers several vulnerabilities is an alias of each: only one that is a finding itself joins.
      const other = nameOfId(item, alias);
      if (names.has(other)) names.set(root(other), root(nameOfId(item, item.finding.id)));
    }
  }
  return (item) => root(nameOfId(item, item.finding.id));
}

function changesOf(before: Judged, after: Judged): readonly FindingChange[] {
  const old = factsOf(before);
  const now = factsOf(after);
  return facts.map((fact) => changeOf(fact, old[fact], now[fact])).filter(({ from, to }) => from !== to);
}

const facts: readonly FindingChange["fact"][] = [
  "version",
  "severity",
  "status",
  "fixedVersion",
  "knownExploited",
  "removedIn",
  "suppressed",
];

/** What may change of a finding, as text. */
function factsOf({
  finding,
  suppressed,
}: Judged): Readonly<Partial<Record<FindingChange["fact"], string | undefined>>> {
  const common = { version: packageOf(finding)?.version, severity: finding.severity, suppressed: suppressed?.by };
  switch (finding.kind) {
    case "vulnerability": {
      const { status, fixedVersion, knownExploited } = finding;
      return { ...common, status, fixedVersion, knownExploited: knownExploited?.dateAdded };
    }
    case "secret":
      return { ...common, removedIn: finding.removedIn?.diffId };
    default:
      return common;
  }
}

function changeOf(fact: FindingChange["fact"], from: string | undefined, to: string | undefined): FindingChange {
  return { fact, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

type Cause = Omit<FindingDifference, "finding">;

function reappeared(
  after: Judged,
  suppressed: SuppressedFinding,
  changes: readonly FindingChange[],
  old: Compared,
  now: Compared,
): FindingDifference {
  const others = changes.filter(({ fact }) => fact !== "suppressed");
  // A filter that speaks of severity or fix lets a finding through because these have changed.
  if (others.length > 0) return changeCause(after, changes, old, now);
  return {
    finding: after.finding,
    causes: ["rules"],
    because: `It was suppressed before by ${suppressed.by} (${suppressed.reason}), and is not now`,
  };
}

function changeCause(
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
      because: `${packageOf(finding)?.name ?? finding.id} ${version.from ?? ""} became ${version.to ?? ""}, which still has it`,
    };
  }
  return { finding, ...publishedCause(old, now, finding) };
}

/** Why a finding that came, or else went, has no counterpart on the other side. */
function causeOf(finding: Finding, old: Compared, now: Compared, came: boolean): Cause {
  const named = packageOf(finding);
  if (named === undefined) return causeInFiles(finding, old, now, came);
  const [here, there] = came ? [now, old] : [old, now];
  const pkg = here.packages.get(named.id);
  const { name, version } = named;
  const others = there.byKey.get(keyOf(pkg ?? named)) ?? [];
  if (others.length === 0) {
    return { causes: ["inventory"], because: `The package ${name} ${version} ${stateOf(came)}` };
  }
  const twin = others.find((other) => other.purl === named.purl) ?? others.find((other) => other.version === version);
  if (twin === undefined) {
    const versions = others.map((other) => other.version).sort(compareText);
    const listed = [...new Set(versions)].join(", ");
    return {
      causes: ["inventory"],
      because: came ? `${name} was ${listed} before and is ${version}` : `${name} was ${version} and is ${listed}`,
    };
  }
  const differs = (pkg === undefined ? undefined : identityDifference(pkg, twin)) ?? distroDifference(here, there);
  if (differs !== undefined) return { causes: ["inventory"], because: differs };
  return publishedCause(old, now, finding);
}

function stateOf(came: boolean): string {
  return came ? "was not there before" : "is not there any more";
}

/** The same for a finding in no package: reports list no files, so that only equal digests tell that these are the same. */
function causeInFiles(finding: Finding, old: Compared, now: Compared, came: boolean): Cause {
  if (old.side.digest !== undefined && old.side.digest === now.side.digest) return publishedCause(old, now, finding);
  const because = `The files differ, and ${finding.id} in ${subjectOf(finding)} ${stateOf(came)}`;
  if (toolOf(old) === toolOf(now)) return { causes: ["inventory"], because };
  return {
    causes: ["inventory", "engine"],
    because: `${because}; the scanner was ${toolOf(old)} and is ${toolOf(now)}: either can be the cause`,
  };
}

/** What makes two packages of one name and version be looked up differently. */
function identityDifference(a: Package, b: Package): string | undefined {
  const { name, version } = a;
  if (JSON.stringify(a.source) !== JSON.stringify(b.source))
    return `${name} ${version} is built from another source package`;
  if (a.architecture !== b.architecture) return `${name} ${version} is of another architecture`;
  if (a.module !== b.module) return `${name} ${version} is built for another module`;
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
function publishedCause(old: Compared, now: Compared, { kind }: Finding): Cause {
  const causes: DiffCause[] = [];
  const told: string[] = [];
  if (kind === "vulnerability" && old.side.advisories !== now.side.advisories) {
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
      because:
        kind === "vulnerability"
          ? "Package, advisory data and scanner are the same: the scans had other options"
          : "What was scanned and the scanner are the same: the scans had other options",
    };
  const subject = kind === "secret" || kind === "misconfiguration" ? "What was scanned" : "The package";
  const sentence = `${subject} is the same, but ${told.join(", and ")}`;
  return { causes, because: causes.length === 1 ? sentence : `${sentence}: either can be the cause` };
}

function toolOf({ side: { tool } }: Compared): string {
  return tool === undefined ? "unknown" : `${tool.name} ${tool.version}`;
}

function notesOf(old: Compared, now: Compared): readonly string[] {
  const notes: string[] = [];
  const onOneSide = findingKinds.filter((kind) => old.kinds.includes(kind) !== now.kinds.includes(kind));
  if (old.kinds.length === 0 || now.kinds.length === 0)
    notes.push("Findings are not compared: on one side nobody looked for any");
  else if (onOneSide.length > 0)
    notes.push(
      `Not compared, because on one side nobody looked: ${onOneSide.map((kind) => listOfKind[kind]).join(", ")}`,
    );
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

function* groupBy<T>(items: readonly T[], keyOfItem: (item: T) => string): Steps<Map<string, T[]>> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    yield bytesPerItem;
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
