// Small drawings for a table: how validation went, and where an interval lies.

import { el } from "../dom.js";
import { interval, share } from "./words.js";

const [WIDTH, HEIGHT, EDGE] = [104, 28, 4];

/** What makes 99.0% and 99.9% as far apart as 90% and 99%. */
const height = (value) => -Math.log10(Math.max(1 - value, 1e-4));

/** A line of validation accuracies, on a scale of its own. */
export function spark(values) {
  const known = values.filter((value) => value !== null);
  if (!known.length) return el("span", { class: "soft" }, "–");
  const heights = known.map(height);
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const last = known.length - 1;
  const x = (at) => WIDTH - EDGE - ((WIDTH - 2 * EDGE) * (last - at)) / Math.max(1, last);
  const y = (value) => (most > least
    ? HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - least)) / (most - least) : HEIGHT / 2);
  const points = heights.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const end = points.at(-1).split(",");
  const label = known.length === 1 ? `One epoch: ${share(known[0])}`
    : `Validation accuracy from ${share(known[0])} to ${share(known.at(-1))}`;
  return el("svg", { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    el("polyline", { points: points.join(" ") }),
    el("circle", { cx: end[0], cy: end[1], r: 2.5 }));
}

/** The scale that holds all these intervals. */
export function scale(shares) {
  const least = Math.min(...shares.map(({ low }) => height(low)));
  const most = Math.max(...shares.map(({ high }) => height(high)));
  return (value) => EDGE + ((WIDTH - 2 * EDGE) * (height(value) - least)) / (most - least || 1);
}

/** An interval with its value, on a scale that it has in common with others. */
export function whisker(share, x) {
  const [low, value, high] = [share.low, share.value, share.high].map((one) => x(one).toFixed(1));
  const middle = HEIGHT / 2;
  return el("svg", { class: "whisker", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    "aria-label": `95% CI ${interval(share)}` },
  el("line", { x1: EDGE, x2: WIDTH - EDGE, y1: middle, y2: middle, class: "track" }),
  el("line", { x1: low, x2: high, y1: middle, y2: middle, class: "span" }),
  el("circle", { cx: value, cy: middle, r: 3.5 }));
}
