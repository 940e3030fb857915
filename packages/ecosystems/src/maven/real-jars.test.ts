import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe } from "@plimsoll/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { jar } from "./jar.ts";

const fetches = process.env["PLIMSOLL_REAL_INSTALLS"] === "1" && hasMaven();
if (!fetches)
  console.warn("PLIMSOLL_REAL_INSTALLS is not 1, or mvn is not here: jars of Maven Central are not fetched and read");

function hasMaven(): boolean {
  try {
    execFileSync("mvn", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Built with Maven, Gradle, sbt, Ant and Bazel; shaded, signed, of several releases, and of the time before domains. */
const wanted = `org.springframework.boot:spring-boot-starter-web:3.2.5 org.apache.logging.log4j:log4j-core:2.17.1
com.google.guava:guava:33.0.0-jre org.apache.kafka:kafka-clients:3.7.0 io.netty:netty-all:4.1.109.Final
org.hibernate.orm:hibernate-core:6.4.4.Final org.elasticsearch.client:elasticsearch-rest-client:8.13.2
org.bouncycastle:bcprov-jdk18on:1.77 org.postgresql:postgresql:42.7.3 org.eclipse.jetty:jetty-server:12.0.8
io.grpc:grpc-netty-shaded:1.63.0 org.scala-lang:scala-library:2.13.13 org.apache.commons:commons-text:1.9
org.quartz-scheduler:quartz:2.3.2 xerces:xercesImpl:2.12.2 com.mysql:mysql-connector-j:8.3.0
commons-beanutils:commons-beanutils:1.7.0 commons-collections:commons-collections:3.2.1 oro:oro:2.0.8`.split(/\s+/);

describe.skipIf(!fetches)("jars of Maven Central", () => {
  const folder = fetches ? mkdtempSync(join(tmpdir(), "plimsoll-mvn-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are what their place in the repository says", async () => {
    const dependencies = wanted.map((name) => {
      const [group = "", artifact = "", version = ""] = name.split(":");
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
    });
    writeFileSync(
      join(folder, "pom.xml"),
      `<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version><dependencies>${dependencies.join("")}</dependencies></project>`,
    );
    execFileSync(
      "mvn",
      ["-q", "-B", "dependency:copy-dependencies", "-Dmdep.useRepositoryLayout=true", "-DoutputDirectory=out"],
      { cwd: folder, stdio: "ignore" },
    );
    const wrong: string[] = [];
    let count = 0;
    for (const path of readdirSync(join(folder, "out"), { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith(".jar")) continue;
      const [file = "", version = "", artifact = "", ...group] = path.split("/").reverse();
      const { all } = await observe(jar, `app/${file}`, new Uint8Array(readFileSync(join(folder, "out", path))));
      const own = all.flatMap((one) =>
        one.kind === "package" && one.at === undefined ? [`${one.package.name}:${one.package.version}`] : [],
      );
      const stated = `${group.reverse().join(".")}:${artifact}:${version}`;
      count++;
      if (own.join() !== stated) wrong.push(`${stated} is taken for ${own.join()}`);
    }

    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(100);
  });
});
