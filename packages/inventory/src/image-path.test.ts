import { expect, test } from "vitest";
import { baseNameOf, directoryOf, joinTarget, outerPath } from "./image-path.ts";

test.each([
  ["a/b/c", "a/b", "c"],
  ["a", "", "a"],
  ["/a", "", "a"],
  ["a/b/", "a/b", ""],
])("%s lies in %j and is called %j", (path, directory, name) => {
  expect(directoryOf(path)).toBe(directory);
  expect(baseNameOf(path)).toBe(name);
});

test.each([
  ["usr/lib", "libc.so.6", "usr/lib/libc.so.6"],
  ["usr/lib", "./libc.so.6", "usr/lib/libc.so.6"],
  ["usr/lib", ".hidden/..x", "usr/lib/.hidden/..x"],
  ["usr/lib", "../share//doc/", "usr/share/doc"],
  ["usr/lib", "/etc/alternatives/java", "etc/alternatives/java"],
  ["usr/lib", "../../../../etc/passwd", "etc/passwd"],
  ["usr/lib", "a/", "usr/lib/a"],
  ["", "bin/sh", "bin/sh"],
  ["", "..", ""],
  ["usr", "", "usr"],
])("a link in %j to %j leads to %j", (directory, target, path) => {
  expect(joinTarget(directory, target)).toBe(path);
});

test.each([
  ["app.jar!/META-INF/lib.jar!/pom.xml", "app.jar"],
  ["app.jar", "app.jar"],
  ["!/odd", ""],
])("%s is in the file %j", (path, file) => {
  expect(outerPath(path)).toBe(file);
});
