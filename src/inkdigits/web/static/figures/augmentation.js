// The reader's digit, warped at random: where every pixel comes from, and what the reader still reads.

import { send } from "../api.js";
import { announce, button, el, fill, slider } from "../dom.js";
import { lines, math, mi, mn, mo, row, space, sub } from "../mathml.js";
import { onDigit } from "../mine.js";
import { fixed, number } from "../numbers.js";
import { greySheet, Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { greyPng } from "../png.js";
import { framed, pointable } from "../point.js";
import { newest } from "../turns.js";
import { drawn, source, warped } from "../warp.js";

const DRAWS = 12;
const [LARGE, MARGIN] = [112, 16]; // pixels of what the reader is sent, and of white around it
const SETTINGS = [
  ["rotation", "Rotation", 180, 1, (value) => `±${value}°`],
  ["scale", "Scale", 0.6, 0.02, (value) => `±${Math.round(100 * value)}%`],
  ["shear", "Shear", 45, 1, (value) => `±${value}°`],
  ["shift", "Shift", 8, 0.5, (value) => `±${value} px`],
  ["elastic", "Elastic", 4, 0.1, (value) => `${value.toFixed(1)} px`],
];
/** Warps as the recipes have them, and farther than any has. */
export const PRESETS = {
  none: { rotation: 0, scale: 0, shear: 0, shift: 0, elastic: 0 },
  standard: { rotation: 10, scale: 0.1, shear: 6, shift: 1.5, elastic: 0.6 },
  best: { rotation: 12, scale: 0.12, shear: 8, shift: 2, elastic: 0.8 },
  "too strong": { rotation: 90, scale: 0.3, shear: 25, shift: 4, elastic: 2.4 },
};

export function mount({ figure, formula }) {
  const warps = { ...PRESETS.standard, rotation: 15, elastic: 1.2 };
  let [seed, digit, place] = [1, null, null];
  let [draws, pictures] = [[], []];

  const before = new Pixels({ label: "Your digit, with the sampling grid", size: 252 });
  const after = new Pixels({ label: "The first draw; arrow keys move from pixel to pixel", size: 252 });
  const [from, to] = [framed(before), framed(after)];
  const mesh = el("svg", { class: "mesh", viewBox: "0 0 28 28", "aria-hidden": "true" });
  from.element.append(mesh);
  const tiles = Array.from({ length: DRAWS }, (_, k) => new Tile(k));
  const says = el("p", { class: "says" });

  const sliders = Object.fromEntries(SETTINGS.map(([key, label, max, step, show]) =>
    [key, slider({ label, min: 0, max, step, value: warps[key], show,
      oninput: (value) => { warps[key] = value; change(); } })]));
  const presets = Object.entries(PRESETS).map(([name, values]) => button(name, () => {
    Object.assign(warps, values);
    for (const [key, one] of Object.entries(sliders)) one.put(warps[key]);
    change();
  }));
  const again = button("Draw again", () => { seed += DRAWS; change(); });

  function change() {
    if (!digit) return;
    draws = tiles.map((_, k) => drawn(warps, seed + k));
    pictures = draws.map((draw) => warped(digit, draw));
    before.show(digit);
    after.show(pictures[0]);
    tiles.forEach((tile, k) => tile.show(pictures[k]));
    fill(mesh, ...grid(draws[0]));
    place ??= halfDark(pictures[0]);
    point();
    read();
  }

  function point() {
    const [r, c] = source(draws[0], ...place);
    to.mark(place);
    from.mark([r, c]);
    fill(formula, worked(draws[0], place, [r, c], digit, pictures[0]));
  }

  const reading = newest(300, async (stale) => {
    try {
      const readings = [];
      for (const picture of [digit, ...pictures]) {
        const { value } = await send("/api/read-digit", await file(picture));
        if (stale()) return;
        readings.push(value);
        if (readings.length > 1) tiles[readings.length - 2].say(value, readings[0]);
      }
      says.textContent = summary(readings);
      announce(says.textContent);
    } catch (error) {
      if (!stale()) says.textContent = error.message;
    }
  });

  function read() {
    says.textContent = "Reading the twelve draws …";
    reading();
  }

  pointable(after, () => place, (found) => { place = found; point(); });
  fill(figure,
    el("div", { class: "controls aligned" }, Object.values(sliders)),
    el("div", { class: "controls" }, presets, again),
    el("div", { class: "stage" },
      panel("your digit, with the sampling grid", from.element),
      panel("the first draw: point at it", to.element)),
    panel("twelve draws, each with what is read",
      el("div", { class: "draws" }, tiles.map(({ element }) => element))),
    says);
  return onDigit(({ pixels }) => { digit = pixels; change(); });
}

/** One draw, and what it was read as. */
class Tile {
  constructor(k) {
    this.name = `Draw ${k + 1}`;
    this.picture = new Pixels({ label: this.name, size: 84 });
    this.words = el("span", { class: "number" }, "…");
    this.element = el("div", { class: "draw" }, this.picture.element, this.words);
  }

  show(pixels) {
    this.picture.show(pixels);
    this.words.textContent = "…";
    this.element.classList.remove("lost");
  }

  say(value, truth) {
    const lost = value !== truth;
    this.words.textContent = value === null ? "rejected" : `read as ${value}`;
    this.element.classList.toggle("lost", lost);
  }
}

/** A pixel at the edge of a stroke, where there is something to work out: [row, column]. */
function halfDark(pixels) {
  const far = Array.from(pixels, (value) => Math.abs(value - 0.5));
  const at = far.indexOf(Math.min(...far));
  return [Math.floor(at / 28), at % 28];
}

/** The lines of a grid over the picture that comes out, where they lie in the one that went in. */
function grid(draw) {
  const steps = Array.from({ length: 8 }, (_, k) => 4 * k - 0.5);
  const fine = Array.from({ length: 29 }, (_, k) => k - 0.5);
  const line = (points) => el("polyline", { points: points.map(([r, c]) =>
    `${(c + 0.5).toFixed(2)},${(r + 0.5).toFixed(2)}`).join(" ") });
  return steps.flatMap((at) => [line(fine.map((c) => source(draw, at, c))),
    line(fine.map((r) => source(draw, r, at)))]);
}

/** Black on white, larger and smoothed, as a PNG file. */
function file(pixels) {
  const canvas = el("canvas", { width: LARGE + 2 * MARGIN, height: LARGE + 2 * MARGIN });
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#ffffff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(greySheet(pixels.map((value) => 255 * (1 - value))), MARGIN, MARGIN, LARGE, LARGE);
  return greyPng(paper);
}

function summary([truth, ...readings]) {
  const kept = readings.filter((value) => value === truth).length;
  const others = [...new Set(readings.filter((value) => value !== truth && value !== null))].sort();
  const rejected = readings.filter((value) => value === null).length;
  return [
    truth === null ? "Your digit is rejected even without augmentation."
      : `Still read as ${truth}: ${kept} of ${readings.length}.`,
    others.length ? `Misclassified as: ${others.join(", ")}.` : "",
    rejected ? `Rejected: ${rejected}.` : "",
  ].filter(Boolean).join(" ");
}

function worked({ rows, shift, field }, [r, c], [fromRow, fromColumn], digit, picture) {
  const short = (value) => mn(fixed(value, 2));
  const signed = (value) => [mo(value < 0 ? "−" : "+"), short(Math.abs(value))];
  const times = (part, far) => [...signed(part), mo("·"), row(mo("("), mn(number(far, 1)), mo(")"))];
  const place = (name, axis, found) => [
    [sub(mi("s"), mi(name)), mo("="), mn("13.5"), ...times(rows[axis][0], c - 13.5),
      ...times(rows[axis][1], r - 13.5)],
    [space("2em"), ...signed(14 * shift[axis]), ...signed(field[axis][28 * r + c]), mo("="),
      short(found)],
  ];
  const [top, left] = [Math.floor(fromRow), Math.floor(fromColumn)];
  const [down, right] = [fromRow - top, fromColumn - left];
  const pixel = (i, j) => (i < 0 || j < 0 || i > 27 || j > 27 ? 0 : digit[28 * i + j]);
  const mean = (share, i) => [short(share), mo("·"), row(mo("("), short(1 - right), mo("·"),
    short(pixel(i, left)), mo("+"),
    short(right), mo("·"), short(pixel(i, left + 1)), mo(")"))];
  return math(lines(
    ...place("x", 0, fromColumn), ...place("y", 1, fromRow),
    [mi("v"), mo("="), ...mean(1 - down, top)],
    [space("2em"), mo("+"), ...mean(down, top + 1), mo("="), short(picture[28 * r + c])]));
}
