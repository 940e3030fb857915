/**
 * Milliseconds of processor time that this process has used. Bounds on it hold on a busy machine too, where the clock on
 * the wall says more of others than of the code under test.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
