// Formulas with numbers in them, as MathML: math(mi("y"), mo("="), frac(mn(1), mn(2))).

import { el } from "./dom.js";

export const math = (...parts) => el("math", { display: "block" }, ...parts);
export const mi = (name) => el("mi", {}, name);
export const mn = (value) => el("mn", {}, typeof value === "number" ? number(value) : value);
export const mo = (sign) => el("mo", {}, sign);
export const text = (words) => el("mtext", {}, words);
export const row = (...parts) => el("mrow", {}, ...parts);
export const frac = (above, below) => el("mfrac", {}, above, below);
export const sub = (base, index) => el("msub", {}, base, index);
export const sup = (base, power) => el("msup", {}, base, power);
export const subsup = (base, index, power) => el("msubsup", {}, base, index, power);
export const sqrt = (...parts) => el("msqrt", {}, ...parts);
export const sum = (from, to) => el("munderover", {}, mo("∑"), from, to);
export const paren = (...parts) => row(mo("("), ...parts, mo(")"));

/** Lines under one another, each an array of parts: for what is too long for one. */
export const lines = (...rows) => el("mtable", { columnalign: "left", displaystyle: "true" },
  rows.map((parts) => el("mtr", {}, el("mtd", {}, ...parts))));

/** A number as people write it, with a true minus. */
export function number(value, places = 3) {
  const size = Math.abs(value);
  let shown = value.toFixed(places);
  if (Number.isInteger(value)) shown = String(value);
  else if (size !== 0 && (size >= 1e5 || size < 10 ** -places)) shown = value.toExponential(1);
  return shown.replace("-", "−");
}
