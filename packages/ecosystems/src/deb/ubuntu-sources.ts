import type { PackageObservation } from "@plimsoll/model";

/**
 * Sources of packages that chiselled images and base snaps commonly hold. Their manifests name binaries only, while
 * advisories name sources. Ubuntu archive, 20.04 to 24.04, read 2026-08.
 */
const sources: Readonly<Record<string, readonly string[]>> = {
  brotli: ["libbrotli1"],
  bzip2: ["libbz2-1.0"],
  curl: ["libcurl4", "libcurl4t64", "libcurl3-gnutls", "libcurl3t64-gnutls"],
  "db5.3": ["libdb5.3", "libdb5.3t64"],
  e2fsprogs: ["libcom-err2", "libss2", "libext2fs2"],
  expat: ["libexpat1"],
  freetype: ["libfreetype6"],
  "glib2.0": ["libglib2.0-0", "libglib2.0-0t64"],
  glibc: ["libc6", "libc-bin", "locales", "libc-l10n"],
  gmp: ["libgmp10"],
  gnutls28: ["libgnutls30", "libgnutls30t64"],
  graphite2: ["libgraphite2-3"],
  harfbuzz: ["libharfbuzz0b"],
  icu: ["libicu66", "libicu70", "libicu74"],
  keyutils: ["libkeyutils1"],
  krb5: ["libgssapi-krb5-2", "libkrb5-3", "libk5crypto3", "libkrb5support0"],
  lcms2: ["liblcms2-2"],
  libffi: ["libffi7", "libffi8"],
  libidn2: ["libidn2-0"],
  "libjpeg-turbo": ["libjpeg-turbo8"],
  "libpng1.6": ["libpng16-16", "libpng16-16t64"],
  libselinux: ["libselinux1"],
  libssh2: ["libssh2-1", "libssh2-1t64"],
  "libtasn1-6": ["libtasn1-6"],
  libunistring: ["libunistring2", "libunistring5"],
  libxcrypt: ["libcrypt1"],
  libyaml: ["libyaml-0-2"],
  libzstd: ["libzstd1", "zstd"],
  lz4: ["liblz4-1"],
  ncurses: ["libtinfo6", "libncurses6", "libncursesw6", "ncurses-base", "ncurses-bin"],
  nettle: ["libnettle7", "libnettle8", "libnettle8t64", "libhogweed5", "libhogweed6", "libhogweed6t64"],
  nghttp2: ["libnghttp2-14"],
  openldap: ["libldap-2.4-2", "libldap-2.5-0", "libldap2"],
  openssl: ["libssl1.1", "libssl3", "libssl3t64"],
  "p11-kit": ["libp11-kit0"],
  pcre2: ["libpcre2-8-0"],
  perl: ["perl-base", "libperl5.30", "libperl5.34", "libperl5.38t64"],
  readline: ["libreadline8", "libreadline8t64", "readline-common"],
  sqlite3: ["libsqlite3-0"],
  systemd: ["libsystemd0", "libudev1"],
  "util-linux": ["libblkid1", "libmount1", "libuuid1", "libsmartcols1", "mount"],
  "xz-utils": ["liblzma5"],
  zlib: ["zlib1g"],
};

const byBinary: ReadonlyMap<string, string> = new Map(
  Object.entries(sources).flatMap(([source, binaries]) => binaries.map((binary) => [binary, source] as const)),
);

/** Runtime libraries of the compiler, whose source is numbered as they are. */
const compilerLibraries = /^(?:libgcc-s1|libstdc\+\+6|libgomp1|libatomic1|gcc-\d+-base)$/;

/** The source of a package of Ubuntu whose manifest does not tell it; undefined: as the package itself, or not known. */
export function ubuntuSource(name: string, version: string): string | undefined {
  const known = byBinary.get(name);
  if (known !== undefined) return known;
  const major = /^(?:\d+:)?(\d+)/.exec(version)?.[1];
  if (compilerLibraries.test(name)) return major === undefined ? undefined : `gcc-${major}`;
  const python = /^(?:lib)?(python3\.\d+)(?:-minimal|-stdlib|t64)*$/.exec(name)?.[1];
  if (python !== undefined) return python;
  const java = /^(openjdk-\d+)-jre(?:-headless)?$/.exec(name)?.[1];
  if (java !== undefined) return java;
  const dotnet = /^(?:dotnet-(?:runtime|host|hostfxr|sdk)|aspnetcore-runtime)-(\d+)\.0$/.exec(name)?.[1];
  return dotnet === undefined ? undefined : `dotnet${dotnet}`;
}

/** A package as a manifest of Ubuntu names it, with its source where that is known. */
export function ubuntuPackage(name: string, version: string, architecture: string | undefined): PackageObservation {
  const source = ubuntuSource(name, version);
  return {
    kind: "package",
    package: {
      name,
      version,
      ...(source === undefined ? {} : { source: { name: source, version } }),
      ...(architecture === undefined ? {} : { architecture }),
    },
  };
}
