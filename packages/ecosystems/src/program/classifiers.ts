/**
 * How a program built from source is known: the name of its file, and the text around its version inside.
 * Patterns are matched in a window of bounded size around `anchor`, so that their cost stays linear in the file.
 */
export interface Classifier {
  /** Name of the package; the purl is `pkg:generic/<name>`. */
  readonly name: string;
  /** Base names of the file. */
  readonly files: readonly string[];
  /** Text that stands near the version, read as Latin-1. */
  readonly anchor: string;
  /** First group is the version. `\0` is a zero byte. */
  readonly pattern: RegExp;
  /** Vendor and product of CPE names. */
  readonly cpes: readonly string[];
}

const pythons = Array.from({ length: 12 }, (_, index) => `3.${index + 3}`).concat("2.7");
const openssls = [
  "openssl",
  "libssl.so.1.0.0",
  "libssl.so.1.1",
  "libssl.so.3",
  "libcrypto.so.1.0.0",
  "libcrypto.so.1.1",
  "libcrypto.so.3",
];

/** One line per program; the most widely built ones. */
export const classifiers: readonly Classifier[] = [
  ...pythons.map((series) => ({
    name: "python",
    files: [
      `python${series}`,
      `python${series[0]}`,
      "python",
      `libpython${series}.so.1.0`,
      `libpython${series}m.so.1.0`,
    ],
    anchor: `\0${series}.`,
    pattern: new RegExp(`\\0(${series.replace(".", "\\.")}\\.\\d+(?:a\\d+|b\\d+|rc\\d+)?)\\+?\\0`),
    cpes: ["python:python"],
  })),
  one("node", ["node"], "node.js/v", /node\.js\/v(\d+\.\d+\.\d+)/, "nodejs:node.js"),
  one("go", ["go"], "\0go1.", /\0go(1\.\d+(?:\.\d+)?(?:(?:beta|rc)\d+)?)\0/, "golang:go"),
  one("nginx", ["nginx"], "nginx version: ", /nginx version: nginx\/(\d+\.\d+\.\d+)/, "f5:nginx"),
  one(
    "openresty",
    ["openresty", "nginx"],
    "nginx version: openresty/",
    /openresty\/(\d+(?:\.\d+){2,3})/,
    "openresty:openresty",
  ),
  one("redis", ["redis-server"], "Redis ", /Redis (?:server )?v(?:ersion)?=?(\d+\.\d+\.\d+)/, "redislabs:redis"),
  one("valkey", ["valkey-server"], "Valkey ", /Valkey (?:server )?v=?(\d+\.\d+\.\d+)/, "lfprojects:valkey"),
  one(
    "postgresql",
    ["postgres"],
    "PostgreSQL",
    /PostgreSQL\) (\d+(?:\.\d+){1,2}(?:(?:beta|rc)\d+)?)|PostgreSQL (\d+(?:\.\d+){1,2}) on /,
    "postgresql:postgresql",
  ),
  one("mysql", ["mysqld", "mysql"], "mysql-", /mysql-(\d+\.\d+\.\d+)/, "oracle:mysql"),
  one("mariadb", ["mariadbd", "mariadb", "mysqld"], "-MariaDB", /(\d+\.\d+\.\d+)-MariaDB/, "mariadb:mariadb"),
  one("mongodb", ["mongod", "mongos"], "mongodb-mongo-r", /mongodb-mongo-r(\d+\.\d+\.\d+)/, "mongodb:mongodb"),
  one("httpd", ["httpd", "apache2"], "Apache/", /Apache\/(\d+\.\d+\.\d+)/, "apache:http_server"),
  one("busybox", ["busybox"], "BusyBox v", /BusyBox v(\d+\.\d+\.\d+)/, "busybox:busybox"),
  one(
    "openssl",
    openssls,
    "OpenSSL ",
    /OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-(?:alpha|beta|pre|rc)\d+)?)[ \0]/,
    "openssl:openssl",
  ),
  one("curl", ["curl"], "curl/", /curl\/(\d+\.\d+\.\d+)/, "haxx:curl"),
  one("curl", ["curl", "libcurl.so.4"], "libcurl/", /libcurl\/(\d+\.\d+\.\d+)/, "haxx:curl"),
  one(
    "php",
    ["php", "php-fpm", "php-cgi", "libphp.so", "libphp7.so"],
    "X-Powered-By: PHP/",
    /X-Powered-By: PHP\/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)/,
    "php:php",
  ),
  one(
    "ruby",
    [
      "ruby",
      ...["2.5", "2.6", "2.7", "3.0", "3.1", "3.2", "3.3", "3.4"].flatMap((v) => [
        `ruby${v}`,
        `libruby.so.${v}`,
        `libruby-${v}.so.${v}`,
      ]),
    ],
    "ruby ",
    /ruby (\d+\.\d+\.\d+)(?:p\d+|dev|preview\d+|rc\d+)? ?\(/,
    "ruby-lang:ruby",
  ),
  one("perl", ["perl", "libperl.so"], "/perl5/", /\/perl5\/(?:\w+_perl\/)?(5\.\d+\.\d+)/, "perl:perl"),
  one("perl", ["perl"], "/perl/5.", /\/perl\/(5\.\d+\.\d+)\0/, "perl:perl"),
  one("bash", ["bash"], "@(#)Bash version ", /@\(#\)Bash version (\d+\.\d+\.\d+)/, "gnu:bash"),
  one("memcached", ["memcached"], "memcached ", /memcached (\d+\.\d+\.\d+)/, "memcached:memcached"),
  one("haproxy", ["haproxy"], "HAProxy version ", /HAProxy version (\d+\.\d+(?:\.\d+|-dev\d+))/, "haproxy:haproxy"),
  one("haproxy", ["haproxy"], "HA-Proxy version ", /HA-Proxy version (\d+\.\d+(?:\.\d+|-dev\d+))/, "haproxy:haproxy"),
  one(
    "traefik",
    ["traefik"],
    "/traefik/v",
    /pkg\/version\.Version=v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/,
    "traefik:traefik",
  ),
  one("consul", ["consul"], "CONSUL_VERSION", /CONSUL_VERSION: (\d+\.\d+\.\d+)/, "hashicorp:consul"),
  one("vault", ["vault"], "version.Version=", /version\.Version=(\d+\.\d+\.\d+)/, "hashicorp:vault"),
  one("etcd", ["etcd"], "ServerVersion=", /ServerVersion=(\d+\.\d+\.\d+)/, "etcd:etcd"),
  ...["kubelet", "kube-apiserver", "kube-proxy", "kube-scheduler", "kube-controller-manager", "kubectl", "kubeadm"].map(
    (file) =>
      one(
        file,
        [file],
        "version.gitVersion=",
        /version\.gitVersion=v(\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?)/,
        "kubernetes:kubernetes",
      ),
  ),
  one("helm", ["helm"], "version.version=", /internal\/version\.version=v(\d+\.\d+\.\d+)/, "helm:helm"),
  one("erlang", ["erlexec", "beam.smp"], "/otp-", /\/otp-(\d+\.\d+(?:\.\d+)*)/, "erlang:erlang\\/otp"),
  one("erlang", ["erlexec", "beam.smp"], "OTP-", /\0OTP-(\d+\.\d+(?:\.\d+)*)/, "erlang:erlang\\/otp"),
  one("rust", ["rustc"], "rustc ", /rustc (\d+\.\d+\.\d+) \(/, "rust-lang:rust"),
  one("gcc", ["gcc", "g++", "cc1"], "GNU C", /GNU C\w* .{0,40}?(\d+\.\d+\.\d+)/, "gnu:gcc"),
  one("git", ["git"], "git/", /git\/(\d+\.\d+\.\d+)\0/, "git-scm:git"),
  one("wget", ["wget"], "GNU Wget ", /GNU Wget (\d+\.\d+(?:\.\d+)?)/, "gnu:wget"),
  one("dart", ["dart"], " (stable) ", /(\d+\.\d+\.\d+) \(stable\) \(/, "dart:dart_software_development_kit"),
  one(
    "julia",
    ["julia", "libjulia-internal.so"],
    "__init__\0verify\0",
    /__init__\0verify\0(\d+\.\d+\.\d+)/,
    "julialang:julia",
  ),
  one("sqlite", ["sqlite3"], "SQLite version ", /SQLite version (\d+\.\d+(?:\.\d+)?)/, "sqlite:sqlite"),
  one("lighttpd", ["lighttpd"], "lighttpd/", /lighttpd\/(\d+\.\d+\.\d+)/, "lighttpd:lighttpd"),
  one("varnish", ["varnishd"], "varnish-", /varnish-(\d+\.\d+\.\d+)/, "varnish-cache:varnish"),
  one("proftpd", ["proftpd"], "ProFTPD Version ", /ProFTPD Version (\d+\.\d+\.\d+[a-z]?)/, "proftpd:proftpd"),
  one("unbound", ["unbound"], "unbound ", /unbound (\d+\.\d+\.\d+)/, "nlnetlabs:unbound"),
  one("bind", ["named"], "BIND ", /BIND (9\.\d+\.\d+)/, "isc:bind"),
  one(
    "dropbear",
    ["dropbear", "dropbearmulti"],
    "dropbear_",
    /SSH-2\.0-dropbear_(\d{4}\.\d+)/,
    "dropbear_ssh_project:dropbear_ssh",
  ),
  one("openssh", ["sshd", "ssh"], "OpenSSH_", /OpenSSH_(\d+\.\d+p\d+)/, "openbsd:openssh"),
  one("openvpn", ["openvpn"], "OpenVPN ", /OpenVPN (\d+\.\d+\.\d+) /, "openvpn:openvpn"),
  one("lua", ["lua", "lua5.1", "lua5.3", "lua5.4"], "Lua 5.", /Lua (5\.\d+\.\d+) /, "lua:lua"),
  one("fluent-bit", ["fluent-bit"], "Fluent Bit v", /Fluent Bit v(\d+\.\d+\.\d+)/, "treasuredata:fluent_bit"),
  one("deno", ["deno"], "Deno/", /Deno\/(\d+\.\d+\.\d+)/, "deno:deno"),
  one("bun", ["bun"], "Bun v", /Bun v(\d+\.\d+\.\d+)/, "oven:bun"),
];

function one(name: string, files: readonly string[], anchor: string, pattern: RegExp, cpe: string): Classifier {
  return { name, files, anchor, pattern, cpes: [cpe] };
}
