// Outlines and values over the picture, and what was left out of the reading.

import { el, fill } from "../dom.js";
import { about } from "../numbers.js";

const MARGIN = 3; // pixels between a symbol and its outline
const TOUCH = 2; // pixels that two things may share before one covers the other
const COVERED = 6; // pixels of a symbol that a small label may cover
// Labels from the fullest to the smallest: the first is taken with which none covers anything else.
const LABELS = [
  { text: ({ value, rejection, confidence }) => (rejection ? "?" : `${value} ${about(confidence)}`),
    letter: 11, tall: 21 },
  { text: ({ value, rejection }) => (rejection ? "?" : value), letter: 10, tall: 21 },
  { text: ({ value, rejection }) => (rejection ? "" : value), letter: 6, tall: 14, small: true },
];

/** An overlay for a pad of `width` × `height`. */
export class Boxes {
  constructor(width, height) {
    Object.assign(this, { width, height });
    this.element = el("svg", { class: "boxes", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  }

  /** Show what was read on a page, `leftOut` of it, and `layers` under that; without a page, nothing. */
  show(page, symbols = [], chosen = -1, leftOut = [], layers = []) {
    if (!page) { fill(this.element); return; }
    // The picture lies in the middle of the pad, as large as fits.
    const scale = Math.min(this.width / page.width, this.height / page.height);
    const [left, top] = [(this.width - page.width * scale) / 2, (this.height - page.height * scale) / 2];
    const onPad = (outline) => page.points(outline).map(([x, y]) => [left + x * scale, top + y * scale]);
    const outlines = symbols.map(({ outline }) => wider(onPad(outline)));
    const labels = this.labels(symbols, outlines.map(extent));
    const over = { x: left, y: top, width: page.width * scale, height: page.height * scale };
    fill(this.element,
      layers.map((href) => el("image", { href, ...over, preserveAspectRatio: "none" })),
      leftOut.map(({ outline }) => polygon(onPad(outline), "left-out")),
      symbols.map((symbol, at) => drawn(symbol, outlines[at], labels[at], symbols.length > 1 && at === chosen)));
  }

  /** A label for each symbol, or null where there is no room for one. */
  labels(symbols, boxes) {
    const kinds = LABELS.map((kind) => symbols.map((symbol, at) => this.label(kind, symbol, boxes[at])));
    const free = kinds.find((labels) => labels.every((label, at) => label && !labels.some((other, there) =>
      there !== at && (overlap(label, other) || overlap(label, boxes[there])))));
    if (free) return free;
    const kept = [];
    return kinds.at(-1).map((label, at) => {
      const covers = (box, there) => there !== at && overlap(label, box, COVERED);
      if (!label || kept.some((other) => overlap(label, other)) || boxes.some(covers)) return null;
      kept.push(label);
      return label;
    });
  }

  label({ text, letter, tall, small = false }, symbol, box) {
    const words = text(symbol);
    if (!words) return null;
    const wide = letter * words.length + 8;
    const left = Math.max(0, Math.min(box.left, this.width - wide));
    const top = box.top > tall ? box.top - tall - 1 : box.bottom;
    return { words, small, left, top, right: left + wide, bottom: top + tall };
  }
}

function drawn({ rejection }, points, label, isChosen) {
  const kind = ["rejected", "chosen", "small"].filter((_, at) => [rejection, isChosen, label?.small][at]);
  if (!label) return el("g", { class: kind.join(" ") }, polygon(points));
  const { words, left, top, right, bottom } = label;
  return el("g", { class: kind.join(" ") }, polygon(points),
    el("rect", { class: "label", x: left, y: top, width: right - left, height: bottom - top, rx: 4 }),
    el("text", { x: left + 4, y: top + 0.78 * (bottom - top) }, words));
}

function extent(points) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

const overlap = (one, other, most = TOUCH) =>
  Math.min(one.right, other.right) - Math.max(one.left, other.left) > TOUCH
  && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > most;

const polygon = (points, kind = null) =>
  el("polygon", { class: kind, points: points.map((point) => point.join(",")).join(" ") });

/** An outline with a margin around it. */
function wider(points) {
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  return points.map((point) => point.map((value, axis) => value + MARGIN * Math.sign(value - middle[axis])));
}
