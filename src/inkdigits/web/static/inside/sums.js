// Where a unit's value comes from: for each kind of layer the parts, the formula, and the sum.

import { el } from "../dom.js";
import { frac, lines, math, mi, mn, mo, paren, row, sqrt, sub, sum, sup, text } from "../mathml.js";
import { grouped, number } from "../numbers.js";
import { panel, scrolling } from "../pieces.js";
import { full, grid, short, signed } from "./numbers.js";
import { placed } from "./words.js";

const MOST_CELLS = 49; // of a grid of numbers
const TOP = 6; // products that are told one by one
const value = (found) => mn(number(found, 4));
const added = (found) => [mo(found < 0 ? "−" : "+"), mn(number(Math.abs(found), 4))];

/**
 * What a unit computes: { sum, formula, parts }, where `sum` is what the browser finds (null where it
 * cannot know), `formula` is
 * MathML, and `parts` are elements that show what goes into it. `channel` is one before it.
 */
export const computed = (network, at, unit, channel) =>
  (KINDS[network.layers[at].kind] ?? passed)(network, at, unit, channel);

function convolution(network, at, unit, channel) {
  const shares = network.shares(at, unit);
  const bias = network.learned(at, "bias")?.[unit[0]];
  const total = shares.reduce((all, share) => all + share, 0);
  const [under, kernel] = [network.under(at, unit, channel), network.kernel(at, unit[0], channel)];
  const products = under.map((one, k) => one * kernel[k]);
  const side = network.layers[at].settings.kernel;
  const parts = [el("div", { class: "product" },
    panel("window", cells(under, side, "Window")),
    panel("× kernel", cells(kernel, side, "Kernel")),
    panel(`= products, sum ${number(shares[channel], 4)}`, cells(products, side, "Products")))];
  const biased = bias !== undefined;
  const found = total + (bias ?? 0);
  const formula = math(lines(
    [mi("y"), mo("="), ...weighted(shares.length), ...(biased ? [mo("+"), mi("b")] : [])],
    [mo("="), ...(biased ? [value(total), ...added(bias), mo("=")] : []), value(found)]));
  return { sum: found, shares, formula, parts };
}

/** The sum of products over a window in each of `count` maps. */
function weighted(count) {
  const deep = count > 1;
  const maps = deep ? [sum(row(mi("k"), mo("="), mn("1")), mn(String(count)))] : [];
  return [...maps, sum(index(false), row()), sub(mi("w"), index(deep)), mo("·"), sub(mi("x"), index(deep))];
}

const index = (deep) => row(...(deep ? [mi("k"), mo(",")] : []), mi("i"), mo(","), mi("j"));

function linear(network, at, unit) {
  const products = network.products(at, unit);
  const bias = network.learned(at, "bias")?.[unit[0]] ?? 0;
  const total = products.reduce((all, one) => all + one, 0);
  const count = products.length;
  const formula = math(lines(
    [mi("y"), mo("="), sum(row(mi("i"), mo("="), mn("1")), mn(String(count))),
      sub(mi("w"), mi("i")), mo("·"), sub(mi("x"), mi("i")), mo("+"), mi("b")],
    [mo("="), value(total), ...added(bias), mo("="), value(total + bias)]));
  return { sum: total + bias, products, formula, parts: [greatest(network, at, unit, products)] };
}

/** The products that matter most, as a table. */
function greatest(network, at, unit, products) {
  const weights = network.weightsOf(at, unit[0]);
  const inputs = network.values(at - 1);
  const order = Array.from(products.keys()).sort((a, b) => Math.abs(products[b]) - Math.abs(products[a]));
  const top = order.slice(0, TOP);
  const rest = order.slice(TOP).reduce((all, k) => all + products[k], 0);
  const maps = network.mapsBefore(at);
  const from = (k) => (maps === null
    ? placed(network, at - 1, [k, 0, 0]) : placed(network, maps, network.origin(at - 1, k)));
  const cell = (content, name = "number") => el("td", { class: name }, content);
  const rows = top.map((k) => el("tr", {}, el("th", { scope: "row" }, from(k)), cell(short(inputs[k])),
    cell(short(weights[k])), cell(signed(products[k], 3))));
  const others = order.length - top.length;
  if (others > 0) {
    const more = `${grouped(others)} others`;
    rows.push(el("tr", {}, el("th", { scope: "row" }, more), cell(""), cell(""), cell(signed(rest, 3))));
  }
  return scrolling("Largest products", "scroll",
    el("table", { class: "greatest" },
      el("thead", {}, el("tr", {}, ["input", "value", "weight", "product"].map((name, k) =>
        el("th", { scope: "col", class: k ? "number" : null }, name)))),
      el("tbody", {}, rows)));
}

function batchNorm(network, at, unit) {
  const [weight, bias, mean, variance] = ["weight", "bias", "mean", "variance"]
    .map((part) => network.learned(at, part)[unit[0]]);
  const { epsilon } = network.layers[at].settings;
  const before = network.value(at - 1, unit);
  const found = ((before - mean) / Math.sqrt(variance + epsilon)) * weight + bias;
  const formula = math(lines(
    [mi("y"), mo("="), mi("γ"), mo("·"),
      frac(row(mi("x"), mo("−"), mi("μ")), sqrt(row(sup(mi("σ"), mn("2")), mo("+"), mi("ε")))),
      mo("+"), mi("β")],
    [mo("="), value(weight), mo("·"), frac(row(value(before), ...added(-mean)),
      sqrt(row(value(variance), mo("+"), mn(String(Number(epsilon.toPrecision(2))))))), ...added(bias)],
    [mo("="), value(found)]));
  return { sum: found, formula, parts: [] };
}

function relu(network, at, unit) {
  const before = network.value(at - 1, unit);
  const found = Math.max(0, before);
  const most = (of) => [text("max"), paren(mn("0"), mo(","), of)];
  const formula = math(mi("y"), mo("="), ...most(mi("x")), mo("="), ...most(value(before)), mo("="),
    value(found));
  return { sum: found, formula, parts: [] };
}

function pooled(network, at, unit) {
  const under = network.under(at, unit, unit[0]);
  const found = Math.max(...under);
  const marked = under.indexOf(found);
  const side = network.layers[at].settings.kernel;
  return { sum: found, marked,
    parts: [panel("window: its maximum is kept", cells(under, side, "Window", marked))],
    formula: math(lines([mi("y"), mo("="), text("max"), paren(...Array.from(under).flatMap((one, k) =>
      [...(k ? [mo(",")] : []), mn(number(one, 2))]))], [mo("="), value(found)])) };
}

function greatestOfAll(network, at, unit) {
  const map = network.map(at - 1, unit[0]);
  const found = map.reduce((most, one) => Math.max(most, one), -Infinity);
  const formula = math(mi("y"), mo("="), el("munder", {}, text("max"), row(mi("i"), mo(","), mi("j"))),
    sub(mi("x"), index(false)), mo("="), value(found));
  return { sum: found, marked: map.indexOf(found), formula, parts: [] };
}

function normalised(network, at, unit) {
  const { mean, std } = network.layers[at].settings;
  const before = network.value(at - 1, unit);
  const found = (before - mean) / std;
  const formula = math(mi("y"), mo("="), frac(row(mi("x"), mo("−"), mi("μ")), mi("σ")), mo("="),
    frac(row(value(before), mo("−"), value(mean)), value(std)), mo("="), value(found));
  return { sum: found, formula, parts: [] };
}

function softmax(network, at, unit) {
  const inputs = Float64Array.from(network.values(at - 1));
  const all = inputs.reduce((total, one) => total + Math.exp(one), 0);
  const found = Math.exp(inputs[unit[0]]) / all;
  return { sum: found, parts: [], formula: math(mi("y"), mo("="), frac(sup(mi("e"), mi("x")),
    row(sum(mi("k"), row()), sup(mi("e"), sub(mi("x"), mi("k"))))), mo("="),
  frac(mn(full(Math.exp(inputs[unit[0]]))), mn(full(all))), mo("="), value(found)) };
}

function passed(network, at, unit) {
  const flat = ["flatten", "row"].includes(network.layers[at].kind);
  const before = flat ? network.origin(at, unit[0]) : unit;
  const found = network.value(at - 1, before);
  const formula = math(mi("y"), mo("="), mi("x"), mo("="), value(found));
  return { sum: found, origin: flat ? before : null, formula, parts: [] };
}

/** A step of which only the values are known: there is no sum to compare. */
const unexplained = (network, at, unit) => ({ sum: null, parts: [],
  formula: math(mi("y"), mo("="), mi("f"), paren(mi("x")), mo("="), value(network.value(at, unit))) });

const KINDS = { conv: convolution, "fixed-conv": convolution, linear, "batch-norm": batchNorm, relu,
  other: unexplained, "max-pool": pooled, "global-max-pool": greatestOfAll, normalise: normalised, softmax };

/** Numbers as a grid, or, where they are too many to read, nothing but how many. */
function cells(values, columns, label, marked = -1) {
  if (values.length > MOST_CELLS) return el("span", {}, `${values.length} values`);
  return grid(values, columns, { label, marked });
}
