import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { fileLists } from "./file-lists.ts";

const list =
  "/.\n/usr\n/usr/bin\n/usr/bin/tar\n/usr/share\n/usr/share/doc\n/usr/share/doc/tar\n/usr/share/doc/tar/copyright\n/empty\n";

describe("deb/file-lists", () => {
  test.each([
    ["var/lib/dpkg/info/tar.list", "tar"],
    ["var/lib/dpkg/info/libc6:amd64.list", "libc6:amd64"],
  ])("%s claims files, not directories with something in them, for %s", async (path, owner) => {
    const { all } = await observe(fileLists, path, list);

    expect(all).toEqual([{ kind: "ownership", owner, paths: ["usr/bin/tar", "usr/share/doc/tar/copyright", "empty"] }]);
  });

  test("reads checksum lists of images without dpkg", async () => {
    const text = "d41d8cd98f00b204e9800998ecf8427e  ./usr/bin/a\nd41d8cd98f00b204e9800998ecf8427e  etc/b c\nnonsense\n";

    const { all } = await observe(fileLists, "var/lib/dpkg/status.d/base.md5sums", text);

    expect(all).toEqual([{ kind: "ownership", owner: "base", paths: ["usr/bin/a", "etc/b c"] }]);
  });

  test.each(["var/lib/dpkg/info/tar.postinst", "var/lib/dpkg/info/tar.md5sums", "var/lib/dpkg/status.d/base"])(
    "does not read %s",
    async (path) => {
      expect((await observe(fileLists, path, list)).all).toEqual([]);
    },
  );
});
