/** The site's names of products, where they are not the os-release ids. */
export const distributions: ReadonlyMap<string, string> = new Map([
  ["alpine", "alpine"],
  ["alpine-linux", "alpine"],
  ["almalinux", "almalinux"],
  ["amazon-linux", "amzn"],
  ["azure-linux", "azurelinux"],
  ["bottlerocket", "bottlerocket"],
  ["centos", "centos"],
  ["debian", "debian"],
  ["fedora", "fedora"],
  ["opensuse", "opensuse-leap"],
  ["oracle-linux", "ol"],
  ["photon", "photon"],
  ["rhel", "rhel"],
  ["rocky-linux", "rocky"],
  ["sles", "sles"],
  ["ubuntu", "ubuntu"],
]);

/** The site's names of the products that are read: names of documents without `.json`. Some are of two times. */
export const endOfLifeProducts: readonly string[] = [...distributions.keys()];
