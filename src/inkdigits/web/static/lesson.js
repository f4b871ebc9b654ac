// Lessons of the guide: digits to learn from, steps on batches of them, and learning that is watched.

import { still } from "./dom.js";
import { random, run, shuffled } from "./learn.js";
import { samples } from "./samples.js";

/** The samples `from` to `to` - 1, at 14×14: { inputs, labels }. */
export async function lesson(from, to) {
  const all = await samples();
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  return { inputs: numbers.map(all.small), labels: numbers.map(all.label) };
}

/** What takes a step of `network` on the next batch at each call, in a new order each epoch. */
export function steps(network, { inputs, labels }, { batch, rate, seed = 0, ...options }) {
  const draw = random(seed);
  let order = [];
  return () => {
    if (!order.length) order = shuffled(inputs.length, draw);
    const chosen = order.splice(0, batch);
    return network.step(chosen.map((k) => inputs[k]), chosen.map((k) => labels[k]), rate, options);
  };
}

/**
 * Learn in sight: calls `step()` until it returns false, `show(false)` some times a second, and
 * `show(true)` in the end; that alone for those who want no motion. Returns what stops it.
 */
export function watched(step, show, pause = 120) {
  let going = true;
  let last = -Infinity;
  return run(() => (going = step() !== false), () => {
    if (going && (still() || performance.now() - last < pause)) return;
    show(!going);
    last = performance.now();
  }, 20);
}
