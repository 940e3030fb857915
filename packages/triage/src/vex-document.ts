import { FormatError, parseJson, record } from "@plimsoll/formats";
import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { Diagnostic, TriageRule, TriageRun, Vulnerability } from "@plimsoll/model";
import type { Fields } from "./document-fields.ts";
import { isCsaf, readCsaf } from "./vex/csaf.ts";
import { isCyclonedx, readCyclonedxVex } from "./vex/cyclonedx-vex.ts";
import { isOpenvex, readOpenvex } from "./vex/openvex.ts";
import { runContext } from "./vex/shared/run-context.ts";
import type { VexDocument, VexStatement } from "./vex/shared/statement.ts";

/** How a VEX document is applied. */
export interface VexOptions {
  /** The file, for people and for `location`. */
  readonly name: string;
}

/**
 * Reads an OpenVEX, CycloneDX or CSAF document into a triage rule. Suppresses by `vex` the vulnerabilities that the latest matching statement calls not affected or fixed;
 * "affected" and "under investigation" take back what earlier statements said.
 * @throws ScanError `malformed-document` when the text is not JSON or none of the three.
 */
export function vexDocument(text: string, options: VexOptions): TriageRule {
  checkOptions("vexDocument", options, { name: optionIs.text });
  return vexRule(readVex(text, options.name), options.name);
}

const readers: readonly (readonly [is: (document: Fields) => boolean, read: (document: Fields) => VexDocument])[] = [
  [isCyclonedx, readCyclonedxVex],
  [isCsaf, readCsaf],
  [isOpenvex, readOpenvex],
];

function readVex(text: string, name: string): VexDocument {
  try {
    const document = record(parseJson(text)) ?? {};
    const [, read] = readers.find(([is]) => is(document)) ?? [];
    if (read !== undefined) return read(document);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ScanError({ kind: "malformed-document", label: name, reason: error.message }, { cause: error });
  }
  throw new ScanError({ kind: "malformed-document", label: name, reason: "neither OpenVEX, CycloneDX nor CSAF" });
}

function vexRule(document: VexDocument, name: string): TriageRule {
  // By time; statements without one come first, those of the same time in the order of the document: sorting is stable.
  const byTime = document.statements.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const byId = statementsById(byTime.map((statement, rank) => ({ ...statement, rank })));
  const start = (run: TriageRun): TriageRule => {
    const context = runContext(run);
    let isUsed = false;
    return {
      id: name,
      start,
      judge: (finding) => {
        if (finding.kind !== "vulnerability") return undefined;
        const last = statementsOn(finding).findLast(({ products }) =>
          products.some((product) => product.covers(finding, context)),
        );
        if (last === undefined) return undefined;
        isUsed = true;
        return last.status === "not_affected" || last.status === "fixed"
          ? { kind: "suppress", by: "vex", reason: reasonOf(last), scope: last.ids.join(", "), origin: name }
          : { kind: "keep" };
      },
      remarks: () => [
        ...document.problems.map((problem) => remark(`${problem}; the statement is not applied`)),
        ...(isUsed ? [] : [remark(`none of its ${document.statements.length} statements is about a finding`)]),
      ],
    };
  };
  return start({ packages: [] });

  function statementsOn(finding: Vulnerability): readonly RankedStatement[] {
    const found = new Set([finding.id, ...finding.aliases].flatMap((id) => byId.get(id.toLowerCase()) ?? []));
    return [...found].sort((a, b) => a.rank - b.rank);
  }

  function reasonOf({ status, why }: VexStatement): string {
    return `${status}${why === undefined ? "" : ` (${why})`}, says ${document.author ?? "the document"} (${name})`;
  }

  function remark(text: string): Diagnostic {
    return {
      kind: "diagnostic",
      code: "triage",
      effect: "none",
      message: `${name}: ${text}`,
      location: { path: name },
    };
  }
}

/** A statement with its place among all of a document, the latest last. */
interface RankedStatement extends VexStatement {
  readonly rank: number;
}

function statementsById(statements: readonly RankedStatement[]): ReadonlyMap<string, readonly RankedStatement[]> {
  const byId = new Map<string, RankedStatement[]>();
  for (const statement of statements) {
    for (const id of new Set(statement.ids.map((name) => name.toLowerCase()))) {
      const known = byId.get(id);
      if (known === undefined) byId.set(id, [statement]);
      else known.push(statement);
    }
  }
  return byId;
}
