/** Paths whose files are not searched: what is generated, vendored, or made to look like secrets. */

/** A kind of path that is not searched. */
export interface SkippedPath {
  /** The id by which it can be searched after all; the same as that of Trivy's allow rule, where there is one. */
  readonly id: string;
  readonly description: string;
  /** Pattern (RE2) of paths without a leading slash. */
  readonly pattern: string;
}

const extensions = (...names: readonly string[]): string => `(?i)\\.(?:${names.join("|")})$`;
/** Where package managers put what they install. */
const installed = "(?:^|/)(?:site-packages|dist-packages|node_modules|gems|go/pkg/mod)/(?:.*/)?";
const fileNames = (...names: readonly string[]): string => `(?:^|/)(?:${names.join("|")})$`;

/** The paths that are skipped by default. */
export const defaultSkippedPaths: readonly SkippedPath[] = [
  {
    id: "lock-files",
    description: "lock files and checksums of package managers",
    pattern: fileNames(
      "go\\.(?:mod|sum|work|work\\.sum)",
      "(?:package-lock|npm-shrinkwrap)\\.json",
      "\\.package-lock\\.json",
      "(?:yarn|deno|bun|Pipfile|poetry|pdm|uv|Cargo|composer|Gemfile|gradle|mix|pubspec|Podfile)\\.lock",
      "(?:gradle|buildscript-gradle)\\.lockfile",
      "pnpm-lock\\.yaml",
      "packages\\.lock\\.json",
      "flake\\.lock",
      "verification-metadata\\.xml",
    ),
  },
  {
    id: "images",
    description: "pictures",
    pattern: extensions("bmp", "gif", "ico", "jpe?g", "png", "svg", "tiff?", "webp"),
  },
  { id: "fonts", description: "fonts", pattern: extensions("eot", "otf", "ttf", "woff2?") },
  {
    id: "documents",
    description: "office documents and programs, whose text is not text",
    pattern: extensions("docx?", "xlsx?", "pptx?", "pdf", "exe", "dll", "pdb", "so", "a", "o", "gem", "class"),
  },
  {
    id: "compiled-python",
    description: "compiled files of Python and of installed packages, beside their sources",
    pattern: "(?:^|/)(?:lib(?:64)?/python[\\d.]+|site-packages|dist-packages)/(?:.*/)?[^/]+\\.py[co]$",
  },
  {
    id: "minified",
    description: "minified bundles and source maps",
    pattern: "(?:\\.min\\.(?:js|css|mjs)|\\.(?:js|css|mjs|ts)\\.map|[.-]bundle\\.js)$",
  },
  { id: "wrappers", description: "build tool wrappers", pattern: fileNames("(?:gradlew|mvnw)(?:\\.bat|\\.cmd)?") },
  {
    id: "vendor",
    description: "vendored dependencies",
    pattern:
      "(?:^|/)(?:vendor/(?:github\\.com|golang\\.org|google\\.golang\\.org|gopkg\\.in|k8s\\.io|sigs\\.k8s\\.io|bundle|ruby)/|vendor/modules\\.txt$|bower_components/)",
  },
  { id: "dist-info", description: "metadata of installed Python packages", pattern: "\\.(?:dist|egg)-info/" },
  {
    id: "tests",
    description: "test trees of installed packages",
    pattern:
      "(?:^|/)(?:site-packages|dist-packages|node_modules|gems|go/pkg/mod|usr/lib|usr/share|usr/local/go)/(?:.*/)?(?:tests?|__tests__|testdata|spec|fixtures?)/",
  },
  {
    id: "documentation",
    description: "documentation of installed packages",
    pattern: `^usr/share/(?:doc|man|info|locale|help)/|${installed}(?:docs?/|[^/]+\\.(?i:md|mdx|markdown|rst)$)`,
  },
  {
    id: "examples",
    description: "examples of installed packages",
    pattern: `${installed}(?:(?:examples?|samples?)/|[^/]+\\.examples?\\.(?:json|ya?ml)$)`,
  },
  {
    id: "declarations",
    description: "type declarations of installed packages, which hold comments and no values",
    pattern: `${installed}[^/]+\\.d\\.[cm]?ts$`,
  },
  {
    id: "package-lists",
    description: "lists of a distribution's packages: what apt, dpkg and apk know of them",
    pattern:
      "^(?:var/lib/apt/lists/|var/lib/dpkg/(?:status|available)(?:-old)?$|(?:usr/)?lib/apk/db/installed$|var/cache/apk/APKINDEX\\.)",
  },
  { id: "git-objects", description: "git's own data", pattern: "(?:^|/)\\.git/(?:objects|refs|logs|hooks|index$)" },
];
