import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/purl.ts";
import { semver } from "../shared/semver.ts";
import { githubWorkflow } from "./workflow.ts";

/** Actions and reusable workflows of GitHub, named `owner/repository` and where they lie in it. */
export const githubActions: Ecosystem = defineEcosystem({
  id: "github-actions",
  analyzers: [githubWorkflow],
  versions: semver,
  purl: ({ name, version }) => {
    const [owner = "", repository = "", ...path] = name.split("/");
    return repository === ""
      ? formatPurl({ type: "github", name, version })
      : formatPurl({ type: "github", namespace: owner, name: repository, version, subpath: path.join("/") });
  },
  // A branch, a commit or a moving tag (`v4`) is no version: where it points to is not known here.
  advisoryKeys: ({ name, version }) =>
    /^v?\d+\.\d+\.\d+/.test(version)
      ? [
          {
            namespace: "GitHub Actions",
            name: name.split("/").slice(0, 2).join("/"),
            version: version.replace(/^v/, ""),
          },
        ]
      : [],
});
