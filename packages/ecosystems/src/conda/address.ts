/**
 * How an address names a package: `<channel>/<subdir>/<name>-<version>-<build>.conda#<md5 or sha256>`. Groups: channel, subdir, name,
 * version, build, hash.
 */
export const condaAddress: RegExp =
  /^(?:https?|file|s3):\/\/(\S+?)\/((?:linux|osx|win|freebsd|zos|emscripten|wasi)-[\w]+|noarch)\/([\w.-]+)-([^-/#\s]+)-([^-/#\s]+)\.(?:conda|tar\.bz2)(?:#(?:sha256:)?([0-9a-f]+))?$/;
