import { readJson } from "../read-json.ts";
import type { Command } from "commander";
import { decide, preparePolicies, readExemptions, writeEvidence } from "@plimsoll/admission";
import type { Decision, Evidence } from "@plimsoll/admission";
import { parseYamlDocuments } from "@plimsoll/formats";
import type { LocatedDocument } from "@plimsoll/formats";
import { imagesOf, kubernetesObjects, member } from "@plimsoll/kubernetes";
import type { ObjectPath } from "@plimsoll/kubernetes";
import { severities } from "@plimsoll/model";
import type { Attestation, Report, ReportStore, Severity } from "@plimsoll/model";
import { directoryReportStore, openRepository, serviceReportStore, sigstoreVerifier } from "@plimsoll/node";
import { parseReference, resolveManifest } from "@plimsoll/registry";
import { attestationStoreOf } from "../attestation-location.ts";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { writeOutput } from "../output.ts";
import { policyDocumentsUnder } from "../read-policy-documents.ts";
import { readDocument, readResult } from "../read-result.ts";
import { readText } from "../read-text.ts";
import { registryOf, withRegistryOptions } from "../registry-flags.ts";
import type { RegistryFlags } from "../registry-flags.ts";
import { examples } from "./examples.ts";

interface AdmitFlags extends RegistryFlags {
  readonly policies: readonly string[];
  readonly report: readonly string[];
  readonly reports?: string;
  readonly inventory: readonly string[];
  readonly attestations?: string;
  readonly note?: string;
  readonly trustRoot?: string;
  readonly pin?: boolean;
  readonly gate?: string;
  readonly checks?: string;
  readonly exemptions?: string;
  readonly format: string;
  readonly evidence?: string;
  readonly output?: string;
}

/** One object or review of a file, with its place in the text. */
interface Request {
  readonly value: unknown;
  readonly document: LocatedDocument;
  /** Path from the document to the object that is judged. */
  readonly path: ObjectPath;
  readonly label: string;
}

const collect = (value: string, others: readonly string[]): readonly string[] => [...others, value];

/** Adds `admit`: one admission decision by policies, reports and signatures, with its reasons. */
export function addAdmitCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const command = program
    .command("admit")
    .description(
      "Decides about the objects or AdmissionReviews in a file by policies (of Kritis, Gatekeeper and Kubernetes), reports of their images, and signatures. Every reason names the policy, the place in the file, why the policy is violated, and the smallest change that would satisfy it. Exit code 1 when one is denied.",
    )
    .argument("<file>", "manifest or AdmissionReview, YAML or JSON; - reads stdin")
    .option("-p, --policies <path>", "file or folder of policies; may be repeated", collect, [])
    .option("--report <file>", "report of an image, as --format json writes it; may be repeated", collect, [])
    .option(
      "--reports <place>",
      "look reports up by the images' digests: a directory, or a service's URL (plimsoll serve), whose token is in PLIMSOLL_SERVER_TOKEN",
    )
    .option("--inventory <path>", "objects of the cluster that referential policies see; may be repeated", collect, [])
    .option("--attestations <place>", "look attestations up: registry, a directory, or a Grafeas server's URL")
    .option("--note <name>", "for Grafeas: the authority's note, projects/PROJECT/notes/NOTE")
    .option("--trust-root <file>", "sigstore's trusted_root.json, for keyless signatures")
    .option("--pin", "ask the registries for the digests of tags, and judge those")
    .option("--gate <severity>", "refuse images whose report has findings of this severity or worse")
    .option("--checks <severity>", "refuse objects that fail checks of this severity or worse")
    .option(
      "--exemptions <file>",
      "YAML list of exemptions: by, reason, and policy, id, namespace, name, kind, image, expires",
    )
    .option("--format <format>", "text or json", "text")
    .option("--evidence <file>", "write the evidence of the decisions, for a replay")
    .option("--output <file>", "write the decisions to a file (default: stdout)");
  withRegistryOptions(command)
    .addHelpText(
      "after",
      examples(
        "plimsoll admit deployment.yaml --policies policies/ --report app.json",
        "plimsoll admit review.json --policies policies/ --attestations registry --format json",
        "plimsoll admit deployment.yaml --gate HIGH --reports https://plimsoll.example",
        "kubectl get deploy app -o yaml | plimsoll admit - --policies policies/ --gate CRITICAL --report app.json",
      ),
    )
    .action(async (file: string, flags: AdmitFlags) => {
      if (flags.format !== "text" && flags.format !== "json")
        throw new UsageError(`--format: "${flags.format}" is none of text, json`);
      const { bytes, label } = await readDocument(file);
      const requests = requestsOf(new TextDecoder().decode(bytes), label);
      if (requests.length === 0) throw new UsageError(`${label} holds no object`);
      const known = await knownFrom(flags, terminal);
      const verifyBundle =
        flags.trustRoot === undefined
          ? undefined
          : sigstoreVerifier(readJson("--trust-root", flags.trustRoot, readText(flags.trustRoot)));
      const decisions: { readonly request: Request; readonly decision: Decision }[] = [];
      const evidences: string[] = [];
      for (const request of requests) {
        const evidence = await evidenceOf(request, known, flags, terminal);
        const lineOf = (path: ObjectPath): number | undefined =>
          request.document.rangeOf([...request.path, ...path])?.line;
        decisions.push({ request, decision: await decide(request.value, evidence, { lineOf, verifyBundle }) });
        if (flags.evidence !== undefined) evidences.push(`${await writeEvidence(request.value, evidence)}\n`);
      }
      if (flags.evidence !== undefined) await writeOutput(evidences, flags.evidence, terminal);
      const text = flags.format === "json" ? asJson(decisions) : decisions.map(asText).join("");
      await writeOutput([text], flags.output, terminal);
      finish(decisions.every(({ decision }) => decision.allowed) ? exitCodes.done : exitCodes.failed);
    });
}

function requestsOf(text: string, label: string): readonly Request[] {
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  // Nothing is admitted beside what cannot be read.
  if (problem !== undefined) throw new UsageError(`${label}:${problem.line}: ${problem.message}`);
  return documents.flatMap((document): readonly Request[] => {
    if (document.value === null || document.value === undefined) return [];
    if (member(document.value, "kind") === "AdmissionReview") {
      const operation = member(document.value, "request", "operation");
      const path = ["request", operation === "DELETE" ? "oldObject" : "object"];
      return [{ value: document.value, document, path, label }];
    }
    const objects = kubernetesObjects(document.value);
    if (objects.length === 0) return [{ value: document.value, document, path: [], label }];
    return objects.map(({ value, path }) => ({ value, document, path, label }));
  });
}

async function knownFrom(flags: AdmitFlags, terminal: Terminal): Promise<Evidence> {
  if (flags.policies.length === 0 && flags.gate === undefined && flags.checks === undefined)
    throw new UsageError("there is nothing to decide by: name --policies, --gate or --checks");
  const policies = await preparePolicies(flags.policies.flatMap(policyDocumentsUnder));
  const reports: Record<string, Report> = {};
  for (const file of flags.report) {
    const result = await readResult(file);
    if (!("coverage" in result)) throw new UsageError(`--report: ${file} is an inventory, and no report`);
    for (const name of namesOf(result)) reports[name] = result;
  }
  return {
    policies,
    reports,
    gate: flags.gate === undefined ? undefined : { severity: severityOf("--gate", flags.gate) },
    checks: flags.checks === undefined ? undefined : { severity: severityOf("--checks", flags.checks) },
    inventory: flags.inventory.flatMap(policyDocumentsUnder),
    exemptions:
      flags.exemptions === undefined ? undefined : readExemptions(readText(flags.exemptions), flags.exemptions),
    now: terminal.now(),
  };
}

/** The names that an object may give the image of a report. */
function namesOf({ artifact }: Report): readonly string[] {
  const { name, digest, tags = [] } = artifact;
  return [name, ...(digest === undefined ? [] : [digest]), ...tags];
}

function severityOf(option: string, value: string): Severity {
  const found = severities.find((each) => each === value.toUpperCase());
  if (found === undefined) throw new UsageError(`${option}: "${value}" is none of ${severities.join(", ")}`);
  return found;
}

/** What is known, with what is looked up for the images of one object. */
async function evidenceOf(request: Request, known: Evidence, flags: AdmitFlags, terminal: Terminal): Promise<Evidence> {
  if (flags.pin !== true && flags.attestations === undefined && flags.reports === undefined) return known;
  const reportStore = reportStoreOf(flags, terminal);
  const { signal } = terminal;
  const object = member(request.document.value, ...request.path);
  const images = [
    ...new Set(
      kubernetesObjects(object)
        .flatMap(imagesOf)
        .map(({ image }) => image),
    ),
  ];
  const digests: Record<string, string> = {};
  const attestations: Record<string, readonly Attestation[]> = {};
  const reports: Record<string, Report> = { ...known.reports };
  for (const image of images) {
    const parsed = parseReference(image);
    let pinned = image;
    if (flags.pin === true && parsed.digest === undefined) {
      const { repository, tag } = openRepository(image, { registry: registryOf(flags, terminal) });
      const { digest } = await resolveManifest(repository, tag, { signal });
      digests[image] = digest;
      pinned = `${image.replace(/:[^:/@]*$/, "")}@${digest}`;
    }
    const digest = digests[image] ?? parsed.digest;
    const report = digest === undefined ? undefined : await reportStore?.get(digest, { signal });
    if (report !== undefined) reports[pinned] = report;
    if (flags.attestations === undefined || (parsed.digest === undefined && pinned === image)) continue;
    const store = attestationStoreOf({ ...flags, attestations: flags.attestations }, terminal);
    attestations[pinned] = await store.list(pinned, { signal });
  }
  return { ...known, digests, attestations, reports };
}

function reportStoreOf({ reports }: AdmitFlags, { env }: Terminal): ReportStore | undefined {
  if (reports === undefined) return undefined;
  if (!/^https?:\/\//.test(reports)) return directoryReportStore(reports);
  const token = env["PLIMSOLL_SERVER_TOKEN"];
  return serviceReportStore({ url: reports, token: token === "" ? undefined : token });
}

function titleOf({ value, path, document, label }: Request): string {
  const object = member(value, "kind") === "AdmissionReview" ? member(document.value, ...path) : value;
  const [kind, name] = [member(object, "kind"), member(object, "metadata", "name")];
  const line = document.rangeOf(path)?.line ?? 1;
  return `${label}:${line} ${typeof kind === "string" ? kind : "object"} ${typeof name === "string" ? name : ""}`.trim();
}

function asText({ request, decision }: { readonly request: Request; readonly decision: Decision }): string {
  const lines = [`${titleOf(request)}: ${decision.allowed ? "allowed" : "denied"}`];
  for (const { policy, rule, path, line, fact, value, change } of decision.reasons) {
    lines.push(`  ${[policy, rule].filter((part) => part !== "").join(" → ") || "request"}`);
    const place = `${path === "" ? "the object" : path}${line === undefined ? "" : ` (line ${line})`}`;
    lines.push(`    at ${place}${value === undefined ? "" : `: ${JSON.stringify(value)}`}`);
    lines.push(`    because ${fact}`);
    if (change !== undefined) lines.push(`    would be satisfied by ${change}`);
  }
  for (const warning of decision.warnings) lines.push(`  warning: ${warning}`);
  for (const patch of decision.patches)
    lines.push(`  patch: ${patch.path} becomes ${"value" in patch ? JSON.stringify(patch.value) : "nothing"}`);
  lines.push(`  evidence ${decision.evidenceDigest}`);
  return `${lines.join("\n")}\n`;
}

function asJson(decisions: readonly { readonly request: Request; readonly decision: Decision }[]): string {
  const list = decisions.map(({ request, decision }) => ({ object: titleOf(request), ...decision }));
  return `${JSON.stringify({ allowed: list.every(({ allowed }) => allowed), decisions: list }, undefined, 2)}\n`;
}
