import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { settleSealed, withSeal } from "../shared/names/sealed-libraries.ts";
import { bazelMaven, bazelMavenLock } from "./bazel.ts";
import { splitMavenName } from "./coordinates.ts";
import { gradleCatalog } from "./gradle-catalog.ts";
import { gradleLock } from "./gradle-lock.ts";
import { gradleVerification } from "./gradle-verification.ts";
import { jar } from "./jar.ts";
import { pomFile } from "./pom.ts";
import { sbtLock } from "./sbt-lock.ts";
import { mavenVersions } from "./versions.ts";

/** Packages of Java and other languages of the JVM: Maven coordinates, whichever tool resolved them. */
export const maven: Ecosystem = defineEcosystem({
  id: "maven",
  analyzers: [jar, pomFile, gradleLock, gradleCatalog, gradleVerification, sbtLock, bazelMaven, bazelMavenLock],
  versions: mavenVersions,
  purl: ({ name, version, facts }) => {
    const { group, artifact } = splitMavenName(name);
    return formatPurl({
      type: "maven",
      namespace: group === "" ? undefined : group,
      name: artifact,
      version,
      // Jenkins' plugins are no libraries: their packaging says so.
      qualifiers: { type: facts?.["type"] === "hpi" ? "hpi" : undefined },
    });
  },
  // Advisories speak of `group:artifact`; without a group nobody can be meant.
  advisoryKeys: ({ name, version }) =>
    name.includes(":") ? withSeal([{ namespace: "Maven", name, version }], /^seal\.sp\d+\./, /\+sp\d+$/) : [],
  applicability: { settles: settleSealed },
});
