/**
 * Groups of artifacts that are often shipped without Maven metadata, because their builds are not Maven's:
 * the beginning of the artifact name, longest first within a family.
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
  ["groovy-", "org.codehaus.groovy"],
  ["micrometer-", "io.micrometer"],
  ["reactor-netty", "io.projectreactor.netty"],
  ["reactor-", "io.projectreactor"],
  ["okhttp", "com.squareup.okhttp3"],
  ["okio", "com.squareup.okio"],
  ["retrofit", "com.squareup.retrofit2"],
  ["lucene-", "org.apache.lucene"],
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
  ["aspectj", "org.aspectj"],
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
  return prefixes.find(([prefix]) => artifact.startsWith(prefix))?.[1];
}

/** Artifacts of the time before groups were domains; their manifests may claim the domain all the same. */
const ownGroups: ReadonlySet<string> = new Set(
  "antlr aopalliance asm cglib classworlds dom4j hsqldb javolution jaxen jdom jline joda-time junit log4j ognl oro quartz regexp velocity xmlpull xpp3 commons-beanutils commons-chain commons-cli commons-codec commons-collections commons-configuration commons-daemon commons-dbcp commons-digester commons-discovery commons-el commons-fileupload commons-httpclient commons-io commons-jexl commons-jxpath commons-lang commons-launcher commons-logging commons-modeler commons-net commons-pool commons-primitives commons-validator".split(
    " ",
  ),
);

/** The group of an artifact whatever its manifest says; undefined for most. */
export function certainGroup(artifact: string, version: string): string | undefined {
  if (ownGroups.has(artifact)) return artifact;
  const isLate = /^(?:[6-9]|\d\d)\./.test(version);
  if (artifact === "hibernate-commons-annotations" && isLate) return "org.hibernate.common";
  return /^hibernate-(?:core|envers|jpamodelgen|hikaricp|c3p0|jcache|spatial|testing|vector|agroal)$/.test(artifact) &&
    isLate
    ? "org.hibernate.orm"
    : undefined;
}
