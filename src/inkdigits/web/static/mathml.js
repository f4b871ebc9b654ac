// Formulas with numbers in them, as MathML: math(mi("y"), mo("="), frac(mn(1), mn(2))).

import { el } from "./dom.js";
import { number } from "./numbers.js";

// Each as the element of MathML that it makes: identifier, number, operator, words, a row of parts ...
export const math = (...parts) => el("math", { display: "block" }, ...parts);
export const mi = (name) => el("mi", {}, name);
export const mn = (value) => el("mn", {}, typeof value === "number" ? number(value) : value);
export const mo = (sign) => el("mo", {}, sign);
export const text = (words) => el("mtext", {}, words);
export const row = (...parts) => el("mrow", {}, ...parts);
export const frac = (above, below) => el("mfrac", {}, above, below);
export const sub = (base, index) => el("msub", {}, base, index);
export const sup = (base, power) => el("msup", {}, base, power);
export const sqrt = (...parts) => el("msqrt", {}, ...parts);
export const sum = (from, to) => el("munderover", {}, mo("∑"), from, to);
export const over = (base, sign) => el("mover", {}, mi(base), mo(sign));
export const paren = (...parts) => row(mo("("), ...parts, mo(")"));

/** A bracket that stays as tall as a line. */
export const fence = (sign) => el("mo", { stretchy: "false" }, sign);

/** Nothing, so wide: space("1em"). */
export const space = (width) => el("mspace", { width });

/** A fraction whose parts are no smaller for standing in one. */
export const tall = (above, below) => el("mfrac", { displaystyle: "true" }, above, below);

/** Lines under one another, each an array of parts: for what is too long for one. */
export const lines = (...rows) => el("mtable", { columnalign: "left", displaystyle: "true" },
  rows.map((parts) => el("mtr", {}, el("mtd", {}, ...parts))));
