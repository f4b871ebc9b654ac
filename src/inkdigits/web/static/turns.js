// Answers that come late: what to ask when the reader is quicker than the server.

/** Calls `task(stale)` when it was not called for so long; `stale()` says whether it was called again. */
export function newest(milliseconds, task) {
  let turn = 0;
  return () => {
    const mine = ++turn;
    setTimeout(() => mine === turn && task(() => mine !== turn), milliseconds);
  };
}

/** A function that calls `task`, one call at a time; what is asked for meanwhile is done once, after it. */
export function inTurn(task) {
  let [busy, again] = [false, false];
  return async () => {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      await task();
    }
    busy = false;
  };
}
