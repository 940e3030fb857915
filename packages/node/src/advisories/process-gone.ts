/** Whether no process of this machine has this number. One of another machine or container counts as gone. */
export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // Others' processes may not be signalled, but they are there.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
