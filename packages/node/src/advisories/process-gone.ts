/** Whether no process with this id exists on this machine; also true for processes of other machines or containers. */
export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // Others' processes may not be signalled, but they are there.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
