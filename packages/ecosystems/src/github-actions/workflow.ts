import { parseYaml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

const steps = shape.list(shape.texts("uses"));
const place = shape.either(shape.text, shape.texts("image"));
const workflowShape = shape.fields({
  jobs: shape.entries(shape.fields({ uses: shape.text, steps, container: place, services: shape.entries(place) })),
  runs: shape.fields({ image: shape.text, steps }),
});

/**
 * What workflows and composite actions use
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax). A commit has the version that a comment
 * behind it states, as tools that update them write it; actions of the repository itself are left out.
 */
export const githubWorkflow: FileAnalyzer = {
  kind: "file",
  id: "github-actions/workflow",
  revision: 4,
  evidence: "declared",
  matches: [{ suffix: ".yml" }, { suffix: ".yaml" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    if (!whereRead.test(file.path)) return;
    const text = await file.text();
    if (text.trim() === "") return;
    const read = readValuesOrReport(file, text, "yaml", parseYaml);
    if ("problem" in read) return yield read.problem;
    const [document] = read.value;
    if (!isRecord(document)) return yield malformedFile(file, "not a mapping");
    yield* reportWrongYaml(file, document, workflowShape);
    const lines = usesLines(text);
    const seen = new Set<string>();
    for (const reference of usesOf(document)) {
      const written = lines.get(reference);
      const pkg = actionOf(reference, written?.comment) ?? imageOf(reference);
      if (pkg === undefined || seen.has(reference)) continue;
      seen.add(reference);
      yield { kind: "package", package: pkg, ...(written === undefined ? {} : { line: written.line }) };
    }
  },
};

/** GitHub runs the workflows at the root of a repository; one directory may hold several of them. */
const whereRead = /(?:^|\/)(?:\.github\/workflows\/[^/]+|action)\.ya?ml$/;

/** Every `uses`: of jobs, of their steps, and of the steps of a composite action; images that jobs and actions run in, as `docker://`. */
function* usesOf(document: Readonly<Record<string, unknown>>): Generator<string> {
  const jobs = entriesOf(document["jobs"]).map(([, job]) => recordOf(job));
  const runs = recordOf(document["runs"]);
  for (const job of jobs)
    for (const place of [job["container"], ...entriesOf(job["services"]).map(([, service]) => service)]) {
      const image = textOf(isRecord(place) ? place["image"] : place);
      if (image !== undefined && !image.includes("${{")) yield `docker://${image}`;
    }
  const own = textOf(runs["image"]);
  // Anything else is a Dockerfile of the repository.
  if (own?.startsWith("docker://") === true) yield own;
  for (const part of [...jobs, runs])
    for (const step of [part, ...listOf(part["steps"])]) {
      const reference = textOf(recordOf(step)["uses"]);
      if (reference !== undefined) yield reference;
    }
}

interface Written {
  readonly line: number;
  readonly comment: string | undefined;
}

/** Where each reference stands first, and the version in the comment behind it. */
function usesLines(text: string): ReadonlyMap<string, Written> {
  const found = new Map<string, Written>();
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const [, reference, comment] =
      /^\s{0,200}(?:- )?\s{0,20}uses:\s{1,20}["']?([^\s"'#]+)["']?(?:\s{1,20}#\s{0,20}(\S{1,100}))?/.exec(raw) ?? [];
    if (reference !== undefined && !found.has(reference))
      found.set(reference, { line, comment: /^v?\d+(?:\.\d+)*(?:[-+].+)?$/.exec(comment ?? "")?.[0] });
  }
  return found;
}

/** `owner/repository/path@ref`; images and what lies in the repository itself are no actions of others. */
function actionOf(reference: string, comment: string | undefined): FoundPackage | undefined {
  const [, owner, repository, path, ref] = /^([\w.-]+)\/([\w.-]+)((?:\/[^@\s]*)?)@(\S+)$/.exec(reference) ?? [];
  if (owner === undefined || owner.startsWith(".") || repository === undefined || ref === undefined) return undefined;
  const commit = /^[0-9a-f]{40}$/.test(ref) ? ref : undefined;
  const isWorkflow = path?.startsWith("/.github/workflows/") === true;
  const facts = {
    ...(commit === undefined || comment === undefined ? {} : { commit }),
    ...(isWorkflow && path !== undefined ? { workflow: path.slice(1) } : {}),
  };
  return {
    name: `${owner}/${repository}${isWorkflow ? "" : (path ?? "")}`,
    version: commit === undefined ? ref : (comment ?? ref),
    key: reference,
    relationship: "direct",
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** `docker://alpine:3.20`, `docker://ghcr.io/owner/image@sha256:…`: an image, which is no action and has advisories of its own content only. */
function imageOf(reference: string): FoundPackage | undefined {
  const [, name, tag, digest] =
    /^docker:\/\/((?:[\w.-]+(?::\d{1,5})?\/)?[\w./-]+?)(?::([\w.-]{1,128}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
      reference,
    ) ?? [];
  if (name === undefined) return undefined;
  return {
    name,
    version: digest ?? tag ?? "latest",
    key: reference,
    relationship: "direct",
    facts: { image: "true", ...(tag === undefined || digest === undefined ? {} : { tag }) },
  };
}
