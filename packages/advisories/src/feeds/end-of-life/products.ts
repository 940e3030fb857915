/** Names of products at endoflife.date, each with the os-release id of its distribution. */
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

/** The names of the products that are read, which are the names of their documents without `.json`. Some distributions have two. */
export const endOfLifeProducts: readonly string[] = [...distributions.keys()];
