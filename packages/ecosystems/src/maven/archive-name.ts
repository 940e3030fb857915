/** What the name of an archive says about it. */
export interface ArchiveName {
  readonly artifact: string;
  readonly version?: string;
  readonly classifier?: string;
  /** The directory in which Quarkus lays libraries of an application, as `group.artifact-version.jar`. */
  readonly besideQuarkus?: "boot" | "deployment" | "main";
}

/** Archives that hold Java classes or further archives. */
export const archiveExtensions: readonly string[] = [
  "jar",
  "war",
  "ear",
  "par",
  "sar",
  "nar",
  "jpi",
  "hpi",
  "kar",
  "far",
  "lpkg",
  "rar",
  "jmod",
];

const archive = new RegExp(`^(.*)\\.(${archiveExtensions.join("|")})$`, "i");

/** Whether a path ends like a Java archive, in any case of letters. */
export function isArchivePath(path: string): boolean {
  return archive.test(path.slice(path.lastIndexOf("/") + 1));
}

/** Where a version may start: before a digit, or before a word that only versions have. */
const versionStart = /(?=v?\d|(?:SNAPSHOT|RELEASE|r\d)\b)/y;

/**
 * `1.2-api-2.17.1` is not one version: after a word that no version has, another one begins. A bare number does not
 * (`1.6.1-hudson-3`): that is somebody's own build of the version.
 */
const secondNumber =
  /^v?\d[\w.]*-(?!(?:alpha|beta|rc|cr|m|milestone|b|pre|preview|ea|snapshot|jre|jdk|android|incubating|release|final|ga|sp|build|redhat|hotfix|patch|p|r|rev)-)[A-Za-z]+-\d+\./i;

/** Endings that tell variants of one version apart. A known list: "beta" and "jre" belong to the version. */
const classifier =
  /-(sources|javadoc|tests|test-sources|shaded|all|bin|uber|jar-with-dependencies|standalone|runtime|exec|boot|plain|native|javadocs|(?:linux|osx|windows)-\w+|natives-\w+)$/i;

/** Splits `commons-lang3-3.12.0.jar`; the artifact alone where no version is visible. */
export function parseArchiveName(path: string): ArchiveName {
  const base = path.slice(path.lastIndexOf("/") + 1);
  const stem = archive.exec(base)?.[1] ?? base;
  const cut = versionCut(stem);
  if (cut === undefined) return { artifact: stem };
  const rest = stem.slice(cut + 1);
  const variant = classifier.exec(rest);
  const version = variant === null ? rest : rest.slice(0, variant.index);
  const name = {
    artifact: stem.slice(0, cut),
    version,
    ...besideQuarkus(path),
  };
  return variant?.[1] === undefined ? name : { ...name, classifier: variant[1].toLowerCase() };
}

function besideQuarkus(path: string): Pick<ArchiveName, "besideQuarkus"> {
  const directory = /(?:^|\/)lib\/([a-z]+)\/[^/]*$/.exec(path)?.[1];
  return directory === "boot" || directory === "deployment" || directory === "main" ? { besideQuarkus: directory } : {};
}

/** Index of the hyphen (or underscore, where no hyphen fits: `kafka_2.13-3.4.0`) before the version. */
function versionCut(stem: string): number | undefined {
  for (const separator of ["-", "_"]) {
    for (let at = stem.indexOf(separator, 1); at !== -1; at = stem.indexOf(separator, at + 1)) {
      versionStart.lastIndex = at + 1;
      if (separator === "_" && !/^v?\d+\./.test(stem.slice(at + 1, at + 33))) continue;
      if (versionStart.test(stem) && !secondNumber.test(stem.slice(at + 1, at + 129))) return at;
    }
  }
  return undefined;
}
