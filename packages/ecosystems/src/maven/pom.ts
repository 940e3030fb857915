import { parseXml } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/malformed-file.ts";
import { parsedFile } from "../shared/parsed-file.ts";
import { isToken, mavenPackage } from "./coordinates.ts";
import { interpolate, readPom } from "./pom-document.ts";

/**
 * `pom.xml` on its own: what the project asks for, with versions from its own properties and dependency management.
 * Parents and imported POMs are not looked up; what only they know is named without a version.
 */
export const pomFile: FileAnalyzer = parsedFile({
  id: "maven/pom",
  revision: 1,
  evidence: "declared",
  matches: [{ basename: "pom.xml" }],
  parse: parseXml,
  *read({ root, problem }, file): Generator<Observation> {
    if (problem !== undefined) yield malformedFile(file, problem);
    if (root.name !== "project") return yield malformedFile(file, `<${root.name}> where <project> was expected`);
    const pom = readPom(root);
    const own = new Map([
      ["groupId", pom.group ?? pom.parent?.group],
      ["version", pom.version ?? pom.parent?.version],
      ["artifactId", pom.artifact],
      ["parent.version", pom.parent?.version],
      ["parent.groupId", pom.parent?.group],
    ]);
    const valueOf = (name: string): string | undefined =>
      pom.properties.get(name) ?? own.get(name.replace(/^(?:project|pom)\./, ""));
    const resolve = (text: string | undefined): string => interpolate(text ?? "", valueOf).trim();
    const managed = new Map(pom.managed.map((each) => [`${resolve(each.group)}:${resolve(each.artifact)}`, each]));
    const [group, artifact, version] = ["groupId", "artifactId", "version"].map((name) => resolve(own.get(name)));
    if (isToken(group) && isToken(artifact) && isToken(version)) {
      yield { kind: "package", package: mavenPackage({ group, artifact, version }, { relationship: "root" }) };
    }
    for (const each of pom.dependencies) {
      const name = { group: resolve(each.group), artifact: resolve(each.artifact) };
      const ruling = managed.get(`${name.group}:${name.artifact}`);
      const stated = resolve(each.version ?? ruling?.version);
      if (!isToken(name.group) || !isToken(name.artifact)) continue;
      const scope = resolve(each.scope ?? ruling?.scope);
      yield {
        kind: "package",
        package: mavenPackage(
          { ...name, version: isToken(stated) ? stated : (/^\[([\w.+-]+)\]$/.exec(stated)?.[1] ?? "") },
          {
            relationship: "direct",
            ...(scope === "test" ? { scope: "dev" } : each.optional ? { scope: "optional" } : {}),
          },
        ),
        line: each.line,
      };
    }
  },
});
