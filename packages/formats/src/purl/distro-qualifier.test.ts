import { describe, expect, test } from "vitest";
import { distroOfPurl, isSameDistro, parsePurl } from "../index.ts";

const read = (purl: string): ReturnType<typeof distroOfPurl> => distroOfPurl(parsePurl(purl) ?? { type: "", name: "" });

describe("the qualifier distro", () => {
  test.each([
    ["pkg:deb/debian/curl@7?distro=debian-10", { id: "debian", versionId: "10" }],
    ["pkg:deb/debian/curl@7?distro=buster", { id: "debian", versionId: "10", codename: "buster" }],
    ["pkg:deb/debian/curl@7?distro=debian-bookworm", { id: "debian", versionId: "12", codename: "bookworm" }],
    ["pkg:deb/ubuntu/curl@7?distro=jammy", { id: "ubuntu", versionId: "22.04", codename: "jammy" }],
    ["pkg:apk/alpine/musl@1?distro=3.9.0", { id: "alpine", versionId: "3.9.0" }],
    ["pkg:apk/alpine/musl@1?distro=alpine-3.9.0", { id: "alpine", versionId: "3.9.0" }],
    ["pkg:rpm/redhat/curl@7?distro=redhat-9.2", { id: "rhel", versionId: "9.2" }],
    ["pkg:rpm/opensuse/curl@7?distro=opensuse-leap-15.5", { id: "opensuse-leap", versionId: "15.5" }],
    ["pkg:deb/debian/curl@7?distro=debian-sid", { id: "debian", versionId: "sid" }],
    ["pkg:deb/debian/curl@7", undefined],
  ])("of %s is %j", (purl, expected) => {
    expect(read(purl)).toEqual(expected);
  });

  test.each([
    ["distro=buster", "distro=debian-10", true],
    ["distro=debian-10", "distro=debian-10.13", true],
    ["distro=debian-1", "distro=debian-10", false],
    ["distro=debian", "distro=debian-10", true],
    ["distro=buster", "distro=bullseye", false],
    ["distro=ubuntu-20.04", "distro=debian-10", false],
  ])("%s and %s: %j", (a, b, same) => {
    const [one, other] = [read(`pkg:deb/debian/x@1?${a}`), read(`pkg:deb/debian/x@1?${b}`)];
    expect(one !== undefined && other !== undefined && isSameDistro(one, other)).toBe(same);
  });
});
