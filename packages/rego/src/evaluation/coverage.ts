/** Which rule heads and expressions were evaluated, as `opa test --coverage` reports it. */

import { locationOf, type Location, type Module, type Rule, type Span } from "../syntax/ast.ts";
import { ruleLabel } from "../compiler/rule-names.ts";
import { branchesOf, walkBody, walkTerm, type Visitor } from "../syntax/visit.ts";

/** A position: rows and columns from 1, columns in characters. */
export interface CoveredPlace {
  readonly row: number;
  readonly col: number;
}

/** A range from a position up to, and not including, another. */
export interface CoveredRange {
  readonly start: CoveredPlace;
  readonly end: CoveredPlace;
}

/** The coverage of one module; empty lists and zero counts are absent. */
export interface FileCoverage {
  readonly covered?: readonly CoveredRange[];
  readonly not_covered?: readonly CoveredRange[];
  readonly covered_lines?: number;
  readonly not_covered_lines?: number;
  /** Percentage of covered lines, of those that can be covered. */
  readonly coverage: number;
}

/** The coverage of all modules, in the form of `opa`. */
export interface CoverageReport {
  readonly files: Readonly<Record<string, FileCoverage>>;
  readonly covered_lines?: number;
  readonly not_covered_lines?: number;
  readonly coverage: number;
}

/** Collects coverage. Pass the same object to all evaluations that are to be counted together. */
export class Coverage {
  readonly #hits: Map<string, Set<string>> = new Map();

  /** Records that a range of a module was evaluated, given by two offsets in its text. */
  hit(path: string, start: number, end: number): void {
    let hits = this.#hits.get(path);
    if (hits === undefined) {
      hits = new Set();
      this.#hits.set(path, hits);
    }
    hits.add(`${start}:${end}`);
  }

  /** Whether a range was evaluated. */
  isHit(path: string, start: number, end: number): boolean {
    return this.#hits.get(path)?.has(`${start}:${end}`) === true;
  }
}

/** Records that a span of a module was evaluated. */
export function hitSpan(coverage: Coverage | undefined, { source, start, end }: Span): void {
  coverage?.hit(source.path, start, end);
}

function isSpanHit(coverage: Coverage, { source, start, end }: Span): boolean {
  return coverage.isHit(source.path, start, end);
}

function keyOf({ start, end }: Span): string {
  return `${start}:${end}`;
}

/** The coverage of modules. */
export function coverageReport(modules: readonly Module[], coverage: Coverage): CoverageReport {
  const files: [string, FileCoverage][] = [];
  let [coveredLines, otherLines] = [0, 0];
  for (const module of modules) {
    const { path } = module.source;
    const stretches = stretchesOf(module, coverage);
    const covered = stretches.filter(({ hit }) => hit).map(({ span }) => span);
    const others = stretches.filter(({ hit }) => !hit).map(({ span }) => span);
    const rows = rowsOf(covered);
    const otherRows = [...rowsOf(others)].filter((row) => !rows.has(row));
    coveredLines += rows.size;
    otherLines += otherRows.length;
    files.push([
      path,
      {
        ...(covered.length === 0 ? {} : { covered: covered.map(rangeOf) }),
        ...(others.length === 0 ? {} : { not_covered: others.map(rangeOf) }),
        ...counted(rows.size, otherRows.length),
      },
    ]);
  }
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  return { files: Object.fromEntries(files), ...counted(coveredLines, otherLines) };
}

/** A rule or `else` branch that was never true. */
export interface UnreachedRule {
  /** `data.package.name`. */
  readonly name: string;
  readonly location: Location;
}

/** The rules of modules whose heads were never evaluated, in order of the text, without default rules. */
export function unreachedRules(modules: readonly Module[], coverage: Coverage): readonly UnreachedRule[] {
  return modules.flatMap(({ rules }) =>
    rules
      .filter((rule) => !rule.default)
      .flatMap((rule) =>
        branchesOf(rule)
          .filter((branch) => !isSpanHit(coverage, headSpan(branch)))
          .map((branch) => ({ name: ruleLabel(rule), location: locationOf(headSpan(branch)) })),
      ),
  );
}

function counted(
  covered: number,
  others: number,
): Pick<FileCoverage, "covered_lines" | "not_covered_lines" | "coverage"> {
  return {
    ...(covered === 0 ? {} : { covered_lines: covered }),
    ...(others === 0 ? {} : { not_covered_lines: others }),
    coverage: covered + others === 0 ? 0 : (100 * covered) / (covered + others),
  };
}

/** A stretch that an evaluation can come to, and whether one did. */
interface Stretch {
  readonly span: Span;
  readonly hit: boolean;
}

/** All of a module, in order of their places. */
function stretchesOf(module: Module, coverage: Coverage): readonly Stretch[] {
  const found = new Map<string, Stretch>();
  const add = (span: Span, hit = isSpanHit(coverage, span)): void => {
    found.set(keyOf(span), { span, hit });
  };
  const visitor: Visitor = {
    expression: (expression) => {
      // `some x` declares; of `some x in xs` opa tells only where it was come to.
      const isDeclaration = expression.kind === "some" && !isSpanHit(coverage, expression.span);
      if (expression.generated !== true && !isDeclaration) add(expression.span);
    },
  };
  for (const rule of module.rules) {
    for (const branch of branchesOf(rule)) {
      const { value, key, args } = branch.head;
      const head = headSpan(branch);
      const hit = isSpanHit(coverage, head);
      if (branch.default) {
        const { source, start, end } = head;
        add({ source, start, end: start + "default".length }, hit);
        add(
          { source, start: source.text.length - source.text.slice(start + "default".length).trimStart().length, end },
          hit,
        );
      } else {
        add(head, hit);
        // A value without a body is an expression, too.
        if (branch === rule && branch.generatedBody && value !== undefined && !branch.head.generatedValue)
          add(value.span, hit);
        if (!branch.generatedBody) walkBody(branch.body, visitor);
      }
      for (const part of [value, key, ...args]) if (part !== undefined) walkTerm(part, visitor);
    }
  }
  return [...found.values()].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** The span of a rule's head, or of a whole default rule. */
export function headSpan({ head, default: isDefault, span }: Rule): Span {
  return isDefault ? span : head.span;
}

function rowsOf(spans: readonly Span[]): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const { source, start, end } of spans)
    for (let row = source.rowOf(start); row <= source.rowOf(Math.max(start, end - 1)); row++) rows.add(row);
  return rows;
}

function rangeOf({ source, start, end }: Span): CoveredRange {
  const place = (offset: number): CoveredPlace => {
    const { row, column } = source.locationOf(offset);
    return { row, col: column };
  };
  return { start: place(start), end: place(end) };
}
