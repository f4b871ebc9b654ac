// What the marks of a chart mean, in a line that wraps where the page is narrow.

import { el } from "./dom.js";

/** A legend: legend(["dot", "train", "scores"], ...). Kinds: dot, square, star, line, dashed, dotted. */
export const legend = (...entries) => el("ul", { class: "legend" }, entries.map(([kind, colour, words]) => {
  const mark = el("span", { class: kind, "aria-hidden": "true", style: { color: `var(--${colour})` } });
  return el("li", {}, mark, words);
}));
