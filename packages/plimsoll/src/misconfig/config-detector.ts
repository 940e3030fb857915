import { imageDockerfile } from "@plimsoll/configs";
import { compareText, workDone } from "@plimsoll/model";
import type { ConfigFile, Diagnostic, Location, PartDetector } from "@plimsoll/model";
import { maskValues } from "./mask-values.ts";

/** What the Dockerfile of an image's history is called where a finding needs the path of a file. */
const historyPath = "image-config:history";

/** Longer files are left out, and told: those that install an operator with its definitions have some megabytes. */
const maxFileBytes = 16 * 1024 * 1024;
/** Each instruction of a Dockerfile is a shell script that is read, too, and nobody writes so many. */
const maxDockerfileLength = 1024 * 1024;
/** The most characters of all configuration files together. */
const maxTotalLength = 64 * 1024 * 1024;

/** What YAML and JSON must hold to be a configuration that somebody checks: images are full of both. */
const recognised =
  /["']?(?:apiVersion|AWSTemplateFormatVersion|services|planned_values)["']?[ \t]{0,8}:|["']?Type["']?[ \t]{0,8}:[ \t]{0,8}["']?AWS::|[Dd]eploymentTemplate\.json|^resources:|^(?:- |[ \t]{1,8})hosts:|\bimport_playbook:/m;

/** Files that are one by their name, whatever they hold. */
const named = /(?:^|\/)(?:Chart\.yaml|kustomization\.ya?ml)$/;

/** Terraform and OpenTofu, which nobody reads yet: their names are enough to tell the gap. */
const unread = /\.(?:tf|tofu)(?:\.json)?$|\.tfvars$/;

/** To mask a text takes about as long as looking at it so many times. */
const timesToMask = 8;

const structured = /\.(?:ya?ml|json)$/;

/** Collects the text of configuration files, with secrets masked. */
export const configDetector: PartDetector = {
  id: "configs",
  analyzers: [
    {
      kind: "file",
      id: "configs/text",
      revision: 8,
      maxBytes: maxFileBytes,
      matches: [
        { basename: "Dockerfile" },
        { basename: "dockerfile" },
        { basename: "Containerfile" },
        { basename: "containerfile" },
        { stem: "Dockerfile." },
        { stem: "dockerfile." },
        { stem: "Containerfile." },
        { stem: "containerfile." },
        { suffix: ".dockerfile" },
        { suffix: ".Dockerfile" },
        { suffix: ".containerfile" },
        { basename: "Chart.yaml" },
        { suffix: ".yaml" },
        { suffix: ".yml" },
        { suffix: ".json" },
        { suffix: ".tf" },
        { suffix: ".tofu" },
        { suffix: ".tfvars" },
      ],
      async *analyze(file) {
        const isUnread = unread.test(file.path);
        if ((isUnread || structured.test(file.path)) && file.path.includes("node_modules/")) return;
        if (isUnread) return yield { kind: "detected", data: { text: "" } };
        const text = decoded(await file.bytes());
        if (structured.test(file.path) && !named.test(file.path) && !recognised.test(text)) return;
        if (text.includes("\0")) return;
        if (!structured.test(file.path) && text.length > maxDockerfileLength) {
          yield tooLong(file.path);
          return;
        }
        const masked = maskValues(text, file.path);
        await workDone(text.length * timesToMask);
        yield { kind: "detected", data: { text: masked } };
      },
    },
  ],
  clean(data) {
    const text = typeof data === "object" && data !== null && "text" in data ? data.text : undefined;
    return typeof text === "string" && text.length <= maxFileBytes ? { text } : undefined;
  },
  inspect(configuration) {
    const { text, layers } = imageDockerfile(configuration);
    const lineLayers = layers.flatMap((layer, index) => (layer === undefined ? [] : [{ line: index + 1, layer }]));
    const masked = maskValues(text, historyPath).slice(0, maxDockerfileLength);
    const data: KeptConfig = { text: masked, format: "image-config", lineLayers };
    return [{ data, path: historyPath, analyzer: "configs/image" }];
  },
  collect(found) {
    const configs: ConfigFile[] = [];
    const left: Location[] = [];
    let total = 0;
    for (const { data, path, layer } of found.toSorted((a, b) => compareText(a.path, b.path))) {
      const kept = data as KeptConfig; // as: nothing else is given to it
      const place = { path, ...(layer === undefined ? {} : { layer }) };
      // Those that are small enough are kept all the same: one large file does not hide what comes behind it.
      if (total + kept.text.length > maxTotalLength) left.push(place);
      else {
        total += kept.text.length;
        configs.push({ ...place, ...kept });
      }
    }
    return { configs, ...(left.length === 0 ? {} : { diagnostics: leftOut(left) }) };
  },
};

/** Windows' PowerShell writes UTF-16, which a byte order mark tells, and which readers of YAML take (YAML 1.2, 5.2). */
function decoded(bytes: Uint8Array): string {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  return new TextDecoder(mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8").decode(bytes);
}

function tooLong(path: string): Diagnostic {
  return {
    kind: "diagnostic",
    code: "limit-exceeded",
    effect: "incomplete",
    message: `${path} has more than ${maxDockerfileLength} characters`,
    location: { path },
  };
}

/** Files that were left out are told one by one up to so many; the rest are counted. */
const maxTold = 100;

function leftOut(locations: readonly Location[]): readonly Diagnostic[] {
  return locations.slice(0, maxTold).map((location, at) => {
    const more = locations.length - maxTold;
    const others = at === maxTold - 1 && more > 0 ? `, and so were ${more} others` : "";
    return {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message: `configuration files have more than ${maxTotalLength} characters in all; this one was left out${others}`,
      location,
    };
  });
}

/** A configuration file as `clean` or `inspect` returned it. */
type KeptConfig = Pick<ConfigFile, "text" | "format" | "lineLayers">;
