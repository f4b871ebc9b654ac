// The digit as numbers: fewer pixels, fewer shades, and all of it in one row.

import { send } from "../api.js";
import { el, fill, slider, themed } from "../dom.js";
import { frac, lines, math, mi, mn, mo, sub } from "../mathml.js";
import { onDigit } from "../mine.js";
import { grouped, likely, number } from "../numbers.js";
import { greySheet, Pixels, rgb } from "../paint.js";
import { panel } from "../pieces.js";
import { greyPng } from "../png.js";
import { framed, pointable } from "../point.js";
import { newest } from "../turns.js";

const SIDES = [2, 4, 7, 14, 28];
const LENS = 7; // pixels across of what is shown as numbers
const LARGE = 280; // pixels across of what the reader is sent

export function mount({ figure, formula }) {
  let [side, bits, cut] = [28, 8, 50];
  let place = [8, 12];
  let digit = null;
  let levels = null; // what is stored: whole numbers from 0 to 2 ** bits - 1

  const picture = new Pixels({ label: "Your digit; arrow keys move from pixel to pixel", size: 308 });
  const strip = new Pixels({ label: "The same numbers in one row", size: 784, rows: 1, columns: 784 });
  strip.element.classList.add("strip");
  const [over, along] = [framed(picture), framed(strip)];
  const cells = Array.from({ length: LENS ** 2 }, () => el("span"));
  const lens = el("div", { class: "lens", "aria-hidden": "true" }, cells);
  const says = el("p", { class: "says", role: "status" });
  const verdict = el("p", { class: "says" }, "…");

  const threshold = slider({ label: "Ink from", min: 5, max: 95, step: 5, value: cut,
    show: (value) => `${value}%`, oninput: (value) => { cut = value; change(); } });
  const sides = slider({ label: "Pixels", min: 0, max: SIDES.length - 1, value: SIDES.length - 1,
    show: (at) => `${SIDES[at]}×${SIDES[at]}`, oninput: (at) => resize(SIDES[at]) });
  const shades = slider({ label: "Shades", min: 1, max: 8, value: bits, show: (value) => 2 ** value,
    oninput: (value) => { bits = value; change(); } });

  function resize(wanted) {
    place = place.map((old) => Math.floor(((old + 0.5) * wanted) / side));
    side = wanted;
    picture.resize(side, side, 308);
    strip.resize(1, side ** 2, 784);
    Object.assign(strip.element.style, { width: "100%", height: "" });
    change();
  }

  function change() {
    if (!digit) return;
    threshold.hidden = bits > 1;
    levels = quantised(shrunk(digit, side), bits, cut / 100);
    const shown = levels.map((level) => level / (2 ** bits - 1));
    picture.show(shown);
    strip.show(shown);
    point();
    read();
  }

  function point() {
    const [r, c] = place;
    const [most, index] = [2 ** bits - 1, side * r + c];
    const corner = place.map((at) => at - Math.floor(LENS / 2));
    over.mark([r, c], [r, 0, 1, side]);
    along.mark([0, index], [0, side * r, 1, side]);
    cells.forEach((cell, k) => {
      const [y, x] = [corner[0] + Math.floor(k / LENS), corner[1] + (k % LENS)];
      const inside = Math.min(x, y) >= 0 && Math.max(x, y) < side;
      cell.textContent = inside ? levels[side * y + x] : "";
      paintCell(cell, inside ? levels[side * y + x] / most : null);
    });
    says.textContent = `Row ${r}, column ${c}: ${levels[index]} of ${most}. In all ${side ** 2} numbers of `
      + `${bits} bit${bits > 1 ? "s" : ""}: ${grouped(side ** 2 * bits)} bits.`;
    fill(formula, worked(r, c, side, levels[index], most));
  }

  const read = newest(150, async (stale) => {
    let words;
    try {
      words = sentence(await send("/api/read-digit", await enlarged(picture.values, side)));
    } catch (error) {
      words = error.message;
    }
    if (!stale()) verdict.textContent = words;
  });

  pointable(picture, () => place, (found) => { place = found; point(); });
  pointable(strip, () => [0, side * place[0] + place[1]], ([, index]) => {
    place = [Math.floor(index / side), index % side];
    point();
  });
  themed(lens, () => levels && point());

  fill(figure,
    el("div", { class: "controls tight" }, sides, shades, threshold),
    el("div", { class: "stage" },
      panel("your digit: point at it", over.element),
      panel("the numbers around that pixel", lens)),
    panel("flattened: one row after another", along.element),
    says, verdict);
  resize(28);
  return onDigit(({ pixels }) => { digit = pixels; change(); });
}

/** A picture of 28×28 as side×side: each pixel the mean of those it replaces. */
function shrunk(pixels, side) {
  const block = 28 / side;
  return Float32Array.from({ length: side ** 2 }, (_, at) => {
    const [top, left] = [block * Math.floor(at / side), block * (at % side)];
    let total = 0;
    for (let r = 0; r < block; r += 1) {
      for (let c = 0; c < block; c += 1) total += pixels[28 * (top + r) + left + c];
    }
    return total / block ** 2;
  });
}

/** Values in [0, 1] as whole numbers of so many bits; a single bit says whether it is `cut` or more. */
const quantised = (values, bits, cut) => Array.from(values, (value) =>
  bits === 1 ? Number(value >= cut) : Math.round(value * (2 ** bits - 1)));

/** Black on white, with square pixels, as a PNG file. */
function enlarged(values, side) {
  const canvas = el("canvas", { width: LARGE, height: LARGE });
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(greySheet(values.map((value) => 255 * (1 - value)), side), 0, 0, LARGE, LARGE);
  return greyPng(context);
}

const sentence = ({ value, confidence, rejection, reason }) => rejection
  ? `This picture is rejected: ${reason}.`
  : `This picture is read as ${value}, probability ${likely(confidence)}.`;

function paintCell(cell, share) {
  const [paper, ink] = [rgb("paper"), rgb("ink")];
  const shade = paper.map((part, at) => Math.round(part + (share ?? 0) * (ink[at] - part)));
  const light = shade.map((part) => (part / 255) ** 2.2);
  cell.classList.toggle("outside", share === null);
  cell.style.background = share === null ? "" : `rgb(${shade.join(" ")})`;
  cell.style.color = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.18 ? "#000" : "#fff";
}

function worked(r, c, side, level, most) {
  const index = side * r + c;
  return math(lines(
    [mi("i"), mo("="), mn(side), mo("·"), mn(r), mo("+"), mn(c), mo("="), mn(index)],
    [sub(mi("x"), mn(index)), mo("="), frac(mn(level), mn(most)), mo("="), mn(number(level / most, 3))]));
}
