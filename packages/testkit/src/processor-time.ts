/** Milliseconds of processor time that this process has used. Limits on it are valid on a busy machine, too, unlike limits on elapsed time. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
