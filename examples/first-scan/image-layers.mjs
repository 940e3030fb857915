// The example image, layer by layer, as literal files: what an Alpine 3.10.1 base and a small shop application look like.
// Names and versions are those of packages that were really published.

function apk({ name, version, origin = name, license, description, files }) {
  return [
    `P:${name}`,
    `V:${version}`,
    "A:x86_64",
    `T:${description}`,
    `L:${license}`,
    `o:${origin}`,
    ...files.flatMap((path) => {
      const cut = path.lastIndexOf("/");
      return [`F:${path.slice(0, cut)}`, `R:${path.slice(cut + 1)}`];
    }),
    "",
    "",
  ].join("\n");
}

const base = {
  musl: {
    name: "musl",
    version: "1.1.22-r2",
    license: "MIT",
    description: "the musl c library (libc) implementation",
    files: ["lib/ld-musl-x86_64.so.1"],
  },
  busybox: {
    name: "busybox",
    version: "1.30.1-r2",
    license: "GPL-2.0",
    description: "Size optimized toolbox of many common UNIX utilities",
    files: ["bin/busybox"],
  },
  baselayout: {
    name: "alpine-baselayout",
    version: "3.1.2-r0",
    license: "GPL-2.0-only",
    description: "Alpine base dir structure and init scripts",
    files: ["etc/alpine-release"],
  },
  crypto: {
    name: "libcrypto1.1",
    version: "1.1.1c-r0",
    origin: "openssl",
    license: "OpenSSL",
    description: "Crypto library from openssl",
    files: ["lib/libcrypto.so.1.1"],
  },
  ssl: {
    name: "libssl1.1",
    version: "1.1.1c-r0",
    origin: "openssl",
    license: "OpenSSL",
    description: "SSL shared libraries",
    files: ["lib/libssl.so.1.1"],
  },
  zlib: {
    name: "zlib",
    version: "1.2.11-r1",
    license: "Zlib",
    description: "A compression/decompression Library",
    files: ["lib/libz.so.1.2.11"],
  },
};

function installed(packages) {
  return Object.values(packages).map(apk).join("");
}

const osRelease = `NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.10.1
PRETTY_NAME="Alpine Linux v3.10"
HOME_URL="https://alpinelinux.org/"
`;

function npmPackage(name, version, license = "MIT") {
  return `${JSON.stringify({ name, version, license }, null, 2)}\n`;
}

const lock = {
  name: "shop",
  version: "1.0.0",
  lockfileVersion: 3,
  requires: true,
  packages: {
    "": { name: "shop", version: "1.0.0", dependencies: { lodash: "4.17.4", minimist: "0.0.8", ms: "2.0.0" } },
    "node_modules/lodash": { version: "4.17.4", license: "MIT" },
    "node_modules/minimist": { version: "0.0.8", license: "MIT" },
    "node_modules/ms": { version: "2.0.0", license: "MIT" },
  },
};

function wheel(name, version, license) {
  const folder = `usr/lib/python3.7/site-packages/${name}-${version}.dist-info`;
  return {
    [`${folder}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nLicense: ${license}\n\n`,
    [`${folder}/INSTALLER`]: "pip\n",
    [`${folder}/RECORD`]: `${name}/__init__.py,,\n${name}-${version}.dist-info/METADATA,,\n`,
  };
}

/** Base first. A string is a file's content; a `.wh.` name deletes what a lower layer has. */
export const layers = [
  {
    createdBy: "/bin/sh -c #(nop) ADD file:alpine-minirootfs-3.10.1-x86_64.tar.gz in / ",
    files: {
      "etc/os-release": osRelease,
      "etc/alpine-release": "3.10.1\n",
      "etc/apk/repositories":
        "https://dl-cdn.alpinelinux.org/alpine/v3.10/main\nhttps://dl-cdn.alpinelinux.org/alpine/v3.10/community\n",
      "lib/apk/db/installed": installed(base),
    },
  },
  {
    createdBy: "COPY srv/shop /srv/shop # buildkit",
    files: {
      "srv/shop/package.json": `${JSON.stringify({ name: "shop", version: "1.0.0", private: true, dependencies: lock.packages[""].dependencies }, null, 2)}\n`,
      "srv/shop/package-lock.json": `${JSON.stringify(lock, null, 2)}\n`,
      "srv/shop/node_modules/lodash/package.json": npmPackage("lodash", "4.17.4"),
      "srv/shop/node_modules/minimist/package.json": npmPackage("minimist", "0.0.8"),
      "srv/shop/node_modules/ms/package.json": npmPackage("ms", "2.0.0"),
    },
  },
  {
    createdBy: "RUN /bin/sh -c pip install requests==2.19.1 # buildkit",
    files: { ...wheel("requests", "2.19.1", "Apache 2.0"), ...wheel("urllib3", "1.23", "MIT") },
  },
  {
    createdBy: "RUN /bin/sh -c apk upgrade musl # buildkit",
    files: { "lib/apk/db/installed": installed({ ...base, musl: { ...base.musl, version: "1.1.22-r3" } }) },
  },
  {
    createdBy: "RUN /bin/sh -c npm uninstall minimist # buildkit",
    files: { "srv/shop/node_modules/.wh.minimist": "" },
  },
];
