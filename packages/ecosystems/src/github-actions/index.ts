import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semver } from "../shared/versions/semver.ts";
import { githubWorkflow } from "./workflow.ts";

/** Actions and reusable workflows of GitHub, named `owner/repository` and where they lie in it. */
export const githubActions: Ecosystem = defineEcosystem({
  id: "github-actions",
  analyzers: [githubWorkflow],
  versions: semver,
  purl: ({ name, version, facts }) => {
    if (facts?.["image"] !== undefined) return imagePurl(name, version);
    const [owner = "", repository = "", ...path] = name.split("/");
    return repository === ""
      ? formatPurl({ type: "github", name, version })
      : formatPurl({ type: "github", namespace: owner, name: repository, version, subpath: path.join("/") });
  },
  // A branch, a commit or a moving tag (`v4`) is no version: where it points to is not known here.
  advisoryKeys: ({ name, version, facts }) =>
    facts?.["image"] === undefined && /^v?\d+\.\d+\.\d+/.test(version)
      ? [
          {
            namespace: "GitHub Actions",
            // GitHub takes names in any case.
            name: name.split("/").slice(0, 2).join("/").toLowerCase(),
            version: version.replace(/^v/, ""),
          },
        ]
      : [],
  lookupGap: ({ facts }) =>
    facts?.["image"] === undefined
      ? {
          code: "unknown-version",
          message: "A moving tag, a branch or a commit without a comment does not say which version of an action runs",
        }
      : {
          code: "no-advisories",
          message: "Images that workflows use are only listed: scan each image to see what is in it",
        },
});

/** `pkg:docker/owner/image@tag`, with the registry as a qualifier where it is not Docker's own. */
function imagePurl(name: string, version: string): string {
  const parts = name.split("/");
  const [first = ""] = parts;
  const hasHost = parts.length > 1 && (/[.:]/.test(first) || first === "localhost");
  const path = hasHost ? parts.slice(1) : parts;
  return formatPurl({
    type: "docker",
    ...(path.length < 2 ? {} : { namespace: path.slice(0, -1).join("/") }),
    name: path.at(-1) ?? name,
    version,
    qualifiers: { repository_url: hasHost ? first : undefined },
  });
}
