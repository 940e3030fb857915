/**
 * Groups of artifacts that are often shipped without Maven metadata, because their builds are not Maven's: the beginning of the artifact
 * name, longest first within a family. A word ends where the beginning does, unless a star says that it goes on: `h2-mvstore` is of the family
 * `h2`, `h2o-core` is not.
 */
const prefixes: readonly (readonly [string, string])[] = [
  ["spring-boot", "org.springframework.boot"],
  ["spring-security", "org.springframework.security"],
  ["spring-data", "org.springframework.data"],
  ["spring-cloud", "org.springframework.cloud"],
  ["spring-integration", "org.springframework.integration"],
  ["spring-batch", "org.springframework.batch"],
  ["spring-kafka", "org.springframework.kafka"],
  ["spring-amqp", "org.springframework.amqp"],
  ["spring-rabbit", "org.springframework.amqp"],
  ["spring-session", "org.springframework.session"],
  ["spring-ws", "org.springframework.ws"],
  ["spring-hateoas", "org.springframework.hateoas"],
  ["spring-retry", "org.springframework.retry"],
  ["spring-ldap", "org.springframework.ldap"],
  ["spring-plugin", "org.springframework.plugin"],
  ["spring-", "org.springframework"],
  ["tomcat-embed-", "org.apache.tomcat.embed"],
  ["tomcat-", "org.apache.tomcat"],
  ["hibernate-validator", "org.hibernate.validator"],
  ["hibernate-", "org.hibernate"],
  ["kotlin-", "org.jetbrains.kotlin"],
  ["kotlinx-", "org.jetbrains.kotlinx"],
  ["micrometer-", "io.micrometer"],
  ["reactor-netty", "io.projectreactor.netty"],
  ["reactor-", "io.projectreactor"],
  ["okhttp", "com.squareup.okhttp3"],
  ["okio", "com.squareup.okio"],
  ["retrofit", "com.squareup.retrofit2"],
  ["log4j-over-slf4j", "org.slf4j"],
  ["log4j-", "org.apache.logging.log4j"],
  ["lucene-", "org.apache.lucene"],
  ["solr-", "org.apache.solr"],
  ["derby*", "org.apache.derby"],
  ["org.eclipse.osgi", "org.eclipse.platform"],
  ["org.eclipse.equinox.", "org.eclipse.platform"],
  ["org.eclipse.core.", "org.eclipse.platform"],
  ["elasticsearch-x-content", "org.elasticsearch"],
  ["elasticsearch-rest-", "org.elasticsearch.client"],
  ["protobuf-", "com.google.protobuf"],
  ["perfmark-", "io.perfmark"],
  ["elasticsearch", "org.elasticsearch"],
  ["opensearch", "org.opensearch"],
  ["grpc-", "io.grpc"],
  ["junit-jupiter", "org.junit.jupiter"],
  ["junit-platform", "org.junit.platform"],
  ["rxjava", "io.reactivex"],
  ["kafka-", "org.apache.kafka"],
  ["kafka_", "org.apache.kafka"],
  ["connect-", "org.apache.kafka"],
  ["zookeeper", "org.apache.zookeeper"],
  ["scala-", "org.scala-lang"],
  ["akka-", "com.typesafe.akka"],
  ["bcprov-", "org.bouncycastle"],
  ["bcpkix-", "org.bouncycastle"],
  ["bcutil-", "org.bouncycastle"],
  ["bcpg-", "org.bouncycastle"],
  ["bc-fips", "org.bouncycastle"],
  ["postgresql", "org.postgresql"],
  ["ojdbc", "com.oracle.database.jdbc"],
  ["mssql-jdbc", "com.microsoft.sqlserver"],
  ["gradle-", "org.gradle"],
  ["aspectj*", "org.aspectj"],
  ["cglib", "cglib"],
  ["c3p0", "com.mchange"],
  ["checker-qual", "org.checkerframework"],
  ["caffeine", "com.github.ben-manes.caffeine"],
  ["HikariCP", "com.zaxxer"],
  ["h2", "com.h2database"],
  ["jsr305", "com.google.code.findbugs"],
  ["javassist", "org.javassist"],
  ["quartz", "org.quartz-scheduler"],
  ["xercesImpl", "xerces"],
  ["xml-apis", "xml-apis"],
  ["snakeyaml", "org.yaml"],
];

/** The group that usually publishes an artifact of this name. */
export function knownGroup(artifact: string): string | undefined {
  return prefixes.find(([prefix]) => beginsWith(artifact, prefix))?.[1];
}

function beginsWith(artifact: string, prefix: string): boolean {
  if (prefix.endsWith("*")) return artifact.startsWith(prefix.slice(0, -1));
  if (!artifact.startsWith(prefix)) return false;
  const [last = "", next = ""] = artifact.slice(prefix.length - 1, prefix.length + 1);
  return /[^\w]|_/.test(last) || !(/\d/.test(last) ? /[A-Za-z\d]/ : /[A-Za-z]/).test(next);
}

/** Artifacts of the time before groups were domains; their manifests may claim the domain all the same. */
const ownGroups: ReadonlySet<string> = new Set(
  "antlr aopalliance cglib classworlds dom4j hsqldb javolution jaxen jdom jline joda-time junit log4j ognl oro quartz regexp velocity xmlpull xpp3 commons-beanutils commons-chain commons-cli commons-codec commons-collections commons-configuration commons-daemon commons-dbcp commons-digester commons-discovery commons-el commons-fileupload commons-httpclient commons-io commons-jexl commons-jxpath commons-lang commons-launcher commons-logging commons-modeler commons-net commons-pool commons-primitives commons-validator".split(
    " ",
  ),
);

/** Families that moved: until (and without) the first version of the new group they were in the old one. */
const moved: readonly {
  readonly artifact: RegExp;
  readonly from: string | undefined;
  readonly to: string;
  readonly since: readonly [major: number, minor: number];
}[] = [
  { artifact: /^asm(?:-(?:all|analysis|commons|tree|util|xml))?$/, from: "asm", to: "org.ow2.asm", since: [4, 0] },
  { artifact: /^groovy(?:-[a-z0-9]+)*$/, from: "org.codehaus.groovy", to: "org.apache.groovy", since: [4, 0] },
  {
    artifact:
      /^ant(?:-(?:launcher|nodeps|trax|junit4?|junitlauncher|testutil|swing|antlr|j(?:ai|depend|mf|sch)|(?:apache|commons)-\w+))?$/,
    from: "ant",
    to: "org.apache.ant",
    since: [1, 7],
  },
  { artifact: /^hibernate-commons-annotations$/, from: undefined, to: "org.hibernate.common", since: [6, 0] },
  {
    artifact: /^hibernate-(?:core|envers|jpamodelgen|hikaricp|c3p0|jcache|spatial|testing|vector|agroal)$/,
    from: undefined,
    to: "org.hibernate.orm",
    since: [6, 0],
  },
];

/** The group of an artifact whatever its manifest says; undefined for most. */
export function certainGroup(artifact: string, version: string): string | undefined {
  if (ownGroups.has(artifact)) return artifact;
  const family = moved.find((one) => one.artifact.test(artifact));
  if (family === undefined) return undefined;
  const [, major = "0", minor = "0"] = /^(\d{1,4})(?:\.(\d{1,4}))?/.exec(version) ?? [];
  const isLate =
    Number(major) > family.since[0] || (Number(major) === family.since[0] && Number(minor) >= family.since[1]);
  return isLate ? family.to : family.from;
}
