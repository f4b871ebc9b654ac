// Outlines and values over the picture, and what was left out of the reading.

import { el, fill } from "../dom.js";
import { about } from "../numbers.js";

const MARGIN = 3; // pixels between a symbol and its outline
const CROWDED = 12; // symbols: then labels are small, and tell the value alone

/** An overlay for a pad of `width` × `height`. */
export class Boxes {
  constructor(width, height) {
    Object.assign(this, { width, height });
    this.element = el("svg", { class: "boxes", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  }

  /** Show what was read on a page, and `leftOut` of it; without a page, nothing. */
  show(page, symbols = [], chosen = -1, leftOut = []) {
    if (!page) { fill(this.element); return; }
    // The picture lies in the middle of the pad, as large as fits.
    const scale = Math.min(this.width / page.width, this.height / page.height);
    const [left, top] = [(this.width - page.width * scale) / 2, (this.height - page.height * scale) / 2];
    const onPad = (outline) => page.points(outline).map(([x, y]) => [left + x * scale, top + y * scale]);
    fill(this.element,
      leftOut.map(({ outline }) => polygon(onPad(outline), "left-out")),
      symbols.map((symbol, at) => this.symbol(symbol, wider(onPad(symbol.outline)), symbols.length,
        at === chosen)));
  }

  symbol({ value, confidence, rejection }, points, count, isChosen) {
    const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
    const [x, y, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const crowded = count >= CROWDED;
    const [text, letter, tall] = crowded ? [value ?? "?", 6, 14]
      : [rejection ? "?" : `${value} ${about(confidence)}`, 10, 21];
    const labelWidth = letter * text.length + 8;
    const above = y > tall ? y - tall - 1 : bottom;
    const kind = ["rejected", "chosen", "crowded"].filter((_, at) =>
      [rejection, isChosen && count > 1, crowded][at]).join(" ");
    const at = Math.max(0, Math.min(x, this.width - labelWidth));
    const labelled = !crowded || (value && right - x > labelWidth);
    return el("g", { class: kind }, polygon(points),
      labelled ? el("rect", { class: "label", x: at, y: above, width: labelWidth, height: tall, rx: 4 }) : null,
      labelled ? el("text", { x: at + 4, y: above + 0.78 * tall }, text) : null);
  }
}

const polygon = (points, kind = null) =>
  el("polygon", { class: kind, points: points.map((point) => point.join(",")).join(" ") });

/** An outline with a margin around it. */
function wider(points) {
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  return points.map((point) => point.map((value, axis) => value + MARGIN * Math.sign(value - middle[axis])));
}
