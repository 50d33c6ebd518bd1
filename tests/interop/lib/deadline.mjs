// Deadlines of waits: what must have happened by then has not.

/// Calls `expire` when `ms` are over, unless the function that it returns is called before.
export function onDeadline(ms, expire) {
  const signal = AbortSignal.timeout(ms);
  signal.addEventListener('abort', expire);
  return () => signal.removeEventListener('abort', expire);
}
