// Small grids of numbers on the colours of their values, and numbers in words.

import { el } from "../dom.js";
import { grouped, number } from "../numbers.js";

/** A grid of numbers, row by row: the greater a value, the stronger its colour. */
export function grid(values, columns, { label, most, marked = -1, places = 2 }) {
  const greatest = most ?? Math.max(1e-9, ...Array.from(values, Math.abs));
  const cells = Array.from(values, (value, at) => el("td", {
    class: at === marked ? "marked" : null,
    style: { background: tint(value, greatest) },
  }, short(value, places).replace(/^(−?)0\./, "$1."))); // as tables have it: .42
  const rows = Array.from({ length: cells.length / columns }, (_, row) =>
    el("tr", {}, cells.slice(row * columns, (row + 1) * columns)));
  return el("table", { class: "grid", "aria-label": label }, el("tbody", {}, rows));
}

/** The colour behind a number. */
export function tint(value, most) {
  const share = Math.round(50 * Math.min(1, Math.abs(value) / most));
  return `color-mix(in srgb, var(${value < 0 ? "--minus" : "--plus"}) ${share}%, var(--paper))`;
}

/** A number that fits a small cell. */
export const short = (value, places = 2) =>
  Math.abs(value) >= 100 ? number(Math.round(value)) : number(Number(value.toFixed(places)), places);

/** A number with its sign, for sums. */
export const signed = (value, places = 4) =>
  `${value < 0 ? "" : "+"}${number(value, places)}`;

/** A number above 0 of any size, in full as long as that helps. */
export const full = (value) =>
  value >= 1e4 && value < 1e12 ? grouped(Math.round(value)) : number(value, 4);
