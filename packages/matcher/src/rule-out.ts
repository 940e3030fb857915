import { matchChecks } from "./match.ts";
import { compareBy, compareText, checkOptions, keysOfPackage } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryStore,
  AffectedPackage,
  Inventory,
  Package,
  RuledOut,
  RuledOutCode,
} from "@plimsoll/model";
import { describeRange, judgeVersion } from "./affected.ts";
import { isInformational } from "./candidates.ts";
import { planLookups } from "./lookups.ts";
import type { KeyedScheme } from "./lookups.ts";
import type { MatchOptions } from "./match.ts";

/** A package under one of its names. */
interface Named extends KeyedScheme {
  readonly package: Package;
  /** Whether the store speaks of this namespace at all. */
  readonly covered: boolean;
}

/** More names than this tell a reader nothing. */
const mostNamed = 12;

/**
 * Why a vulnerability is not in the packages of an inventory: every package that an advisory of this id could mean, with what rules it
 * out; else that no such package is installed, or that the store knows no such advisory. `found-now` where these advisories do match.
 * Sorted by package, advisory, code. Rejects as {@link match} does.
 */
export async function ruleOut(
  inventory: Inventory,
  store: AdvisoryStore,
  id: string,
  options: MatchOptions,
): Promise<readonly RuledOut[]> {
  checkOptions("ruleOut", options, matchChecks);
  const wanted = id.trim();
  const advisories = await advisoriesOf(wanted, store, options);
  if (advisories.length === 0) {
    const sources = store.sources.map((source) => source.id).join(", ");
    const where = sources === "" ? "The database" : `The database (${sources})`;
    return [{ code: "no-advisory", message: `${where} holds no advisory that goes by ${wanted}` }];
  }
  const { ecosystems, ownedPackages = "distribution" } = options;
  const { distro } = inventory.artifact;
  const plan = await planLookups(inventory.packages, store, { ecosystems, distro, ownedPackages });
  const named = namesOf(inventory, store, options);
  const context = { options, distro, leftToOwner: plan.leftToOwner, named };
  const reasons = telling(advisories.flatMap((advisory) => judgeAdvisory(advisory, inventory, context)));
  return [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()].sort(
    compareBy(
      (a, b) => compareText(a.package?.purl ?? "", b.package?.purl ?? ""),
      (a, b) => compareText(a.advisory ?? "", b.advisory ?? ""),
      (a, b) => compareText(a.code, b.code),
      (a, b) => compareText(a.message, b.message),
    ),
  );
}

/** Leaves out what says less than another reason: that a package is of Alpine is no news once an advisory for Alpine judged it. */
function telling(reasons: readonly RuledOut[]): readonly RuledOut[] {
  const aside = (code: RuledOutCode): boolean => code === "other-namespace" || code === "not-covered";
  const judged = new Set(
    reasons.flatMap(({ code, package: pkg }) => (pkg === undefined || aside(code) ? [] : [pkg.id])),
  );
  const left = reasons.filter(({ code, package: pkg }) => !(aside(code) && pkg !== undefined && judged.has(pkg.id)));
  const packages = left.filter(({ package: pkg }) => pkg !== undefined);
  return packages.length > 0 ? packages : left;
}

async function advisoriesOf(id: string, store: AdvisoryStore, options: MatchOptions): Promise<readonly Advisory[]> {
  const { signal } = options;
  if (store.named !== undefined) return store.named(id, { signal });
  return (await store.read([id], { signal })).filter((advisory) => advisory !== undefined);
}

interface Names {
  readonly byKey: ReadonlyMap<string, readonly Named[]>;
  /** By name alone, whatever the namespace. */
  readonly byName: ReadonlyMap<string, readonly Named[]>;
}

function namesOf({ packages, artifact }: Inventory, store: AdvisoryStore, { ecosystems }: MatchOptions): Names {
  const byKey = new Map<string, Named[]>();
  const byName = new Map<string, Named[]>();
  const add = (names: Map<string, Named[]>, name: string, one: Named): void => {
    const known = names.get(name);
    if (known === undefined) names.set(name, [one]);
    else known.push(one);
  };
  const known = new Map(ecosystems.map((ecosystem) => [ecosystem.id, ecosystem]));
  for (const pkg of packages) {
    const ecosystem = known.get(pkg.ecosystem);
    if (ecosystem === undefined) continue;
    for (const key of keysOfPackage(ecosystem, pkg, artifact.distro)) {
      const scheme = ecosystem.applicability?.schemeFor?.(key) ?? ecosystem.versions;
      const one: Named = { package: pkg, key, scheme, covered: store.covers(key.namespace) };
      add(byKey, `${key.namespace}\n${key.name}`, one);
      add(byName, key.name, one);
    }
  }
  return { byKey, byName };
}

interface RuleOutContext {
  readonly options: MatchOptions;
  readonly distro: Inventory["artifact"]["distro"];
  readonly leftToOwner: ReadonlyMap<string, string>;
  readonly named: Names;
}

function judgeAdvisory(advisory: Advisory, inventory: Inventory, context: RuleOutContext): readonly RuledOut[] {
  const { byKey, byName } = context.named;
  if (advisory.withdrawn !== undefined) {
    const message = `${advisory.id} was withdrawn on ${advisory.withdrawn}`;
    return [{ code: "withdrawn", message, advisory: advisory.id }];
  }
  const reasons: RuledOut[] = [];
  for (const entries of entriesByKey(advisory)) {
    const [{ namespace, name }] = entries;
    for (const one of byKey.get(`${namespace}\n${name}`) ?? [])
      reasons.push(judgePackage(advisory, entries, one, context));
  }
  if (reasons.length > 0) return reasons;
  const names = [...new Set(advisory.affected.map(({ name }) => name))].sort(compareText);
  const elsewhere = names.flatMap((name) => byName.get(name) ?? []);
  if (elsewhere.length > 0) return elsewhere.map((one) => otherNamespace(advisory, one));
  return [notInstalled(advisory, names, inventory)];
}

type Entries = readonly [AffectedPackage, ...AffectedPackage[]];

function entriesByKey({ affected }: Advisory): readonly Entries[] {
  const groups = new Map<string, [AffectedPackage, ...AffectedPackage[]]>();
  for (const entry of affected) {
    const key = `${entry.namespace}\n${entry.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

/** What keeps the entries under one name from a package of that name; in the order in which matching asks. */
function judgePackage(advisory: Advisory, entries: Entries, one: Named, context: RuleOutContext): RuledOut {
  const { package: pkg, key, scheme } = one;
  const reason = (code: RuledOutCode, message: string): RuledOut => ({
    code,
    message,
    advisory: advisory.id,
    package: { id: pkg.id, name: pkg.name, version: pkg.version, purl: pkg.purl },
  });
  const owner = context.leftToOwner.get(pkg.id);
  if (owner !== undefined) return reason("left-to-owner", `${pkg.name} ${pkg.version}: ${owner}`);
  const called = callName(one);
  const ecosystem = context.options.ecosystems.find(({ id }) => id === pkg.ecosystem);
  const { informational = "omit", unversioned = "unknown" } = context.options;
  let rejected: string | undefined;
  let unreadable: string | undefined;
  const judged: AffectedPackage[] = [];
  for (const entry of entries) {
    if (informational === "omit" && isInformational(entry)) continue;
    const objection = ecosystem?.applicability?.rejects?.(pkg, entry, context.distro);
    if (objection !== undefined) {
      rejected ??= objection;
      continue;
    }
    const uncertain = ecosystem?.applicability?.uncertain?.(pkg, entry, context.distro);
    if (uncertain !== undefined)
      return reason("version-unknown", `Cannot tell whether ${advisory.id} is about ${called}: ${uncertain}`);
    if (key.version === "" && unversioned === "affected")
      return reason("found-now", `${called} has no version, and every advisory under its name counts`);
    const verdict = judgeVersion(entry, key.version, scheme);
    if (verdict.kind === "affected")
      return reason(
        "found-now",
        `${advisory.id} holds ${called}: ${verdict.by}. With these advisories it is found, so the report was made with other advisories or other options`,
      );
    if (verdict.kind === "unknown") unreadable ??= verdict.unreadable;
    judged.push(entry);
  }
  if (key.version === "" && judged.length > 0)
    return reason("unversioned", `The version of ${called} is not known, so it cannot be judged`);
  if (unreadable !== undefined)
    return reason(
      "version-unknown",
      `${called} cannot be compared: "${unreadable}" is no version that ${scheme.id} reads`,
    );
  if (judged.length > 0) {
    const bounds = [...new Set(judged.flatMap(describeEntry))];
    const said = bounds.length === 0 ? "nothing" : shortened(bounds, "; ");
    return reason("not-affected", `${called} is not affected: ${advisory.id} affects ${said} in ${key.namespace}`);
  }
  if (rejected !== undefined) return reason("rejected", `${called} is not meant by ${advisory.id}: ${rejected}`);
  return reason("informational", `${advisory.id} states a fact about ${called} that is no vulnerability`);
}

/** The package as people know it, and the name and version that were compared where these are others. */
function callName({ package: pkg, key }: Named): string {
  const installed = `${pkg.name} ${pkg.version}`.trimEnd();
  return key.name === pkg.name && key.version === pkg.version
    ? installed
    : `${installed} (compared as ${key.name} ${key.version})`;
}

function describeEntry(entry: AffectedPackage): readonly string[] {
  const { ranges, versions = [], expressions = [], unaffectedExpressions = [] } = entry;
  return [
    ...ranges.map(describeRange),
    ...(versions.length > 0 && ranges.length === 0 ? [`the versions ${shortened(versions, ", ")}`] : []),
    ...expressions.map((expression) => (expression === "" ? "every version" : expression)),
    ...unaffectedExpressions.filter((expression) => expression !== "").map((expression) => `not ${expression}`),
  ];
}

function otherNamespace(advisory: Advisory, one: Named): RuledOut {
  const { package: pkg, key } = one;
  const spoken = [
    ...new Set(advisory.affected.filter(({ name }) => name === key.name).map(({ namespace }) => namespace)),
  ].sort(compareText);
  const base = {
    advisory: advisory.id,
    package: { id: pkg.id, name: pkg.name, version: pkg.version, purl: pkg.purl },
  };
  return one.covered
    ? {
        ...base,
        code: "other-namespace",
        message: `${callName(one)} is of ${key.namespace}; ${advisory.id} is about ${shortened(spoken, ", ")}`,
      }
    : {
        ...base,
        code: "not-covered",
        message: `${callName(one)} is of ${key.namespace}, of which the database holds nothing; ${advisory.id} is about ${shortened(spoken, ", ")}`,
      };
}

function notInstalled(advisory: Advisory, names: readonly string[], { artifact, packages }: Inventory): RuledOut {
  const what =
    names.length === 0
      ? `${advisory.id} names no package`
      : `Not installed: ${advisory.id} is about ${shortened(names, ", ")}`;
  const declared = packages.some(({ locations }) => locations.some(({ evidence }) => evidence !== "installed"));
  const hint = artifact.kind === "container-image" && !declared ? "; lock files in the image were not read" : "";
  return { code: "not-installed", message: `${what}${hint}`, advisory: advisory.id };
}

function shortened(texts: readonly string[], separator: string): string {
  const shown = texts.slice(0, mostNamed).join(separator);
  return texts.length > mostNamed ? `${shown}${separator}and ${texts.length - mostNamed} more` : shown;
}
