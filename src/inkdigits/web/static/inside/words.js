// What each kind of layer does, in plain words, with the figures of the layer at hand.

import { grouped, number, percent } from "../numbers.js";

/** How large a layer's answer is: "32 maps of 24×24". */
export function extent(network, at) {
  const { C, H, W } = network.dims(at);
  if (!network.hasMaps(at)) return `${number(C)} values`;
  return `${C} ${C === 1 ? "map" : "maps"} of ${H}×${W}`;
}

/** How many numbers a layer has learned, in words; empty if none. */
export function learned(network, at) {
  const count = (part) => network.learned(at, part)?.length ?? 0;
  const [weights, biases] = [count("weight"), count("bias")];
  const { kind, settings } = network.layers[at];
  if (settings.parameters) return `Trained: ${grouped(settings.parameters)} parameters.`;
  if (!weights) return "It has no trainable parameters.";
  if (kind === "fixed-conv") return `Its ${grouped(weights)} weights are fixed, not trained.`;
  if (kind === "batch-norm") return `Trained: ${weights} scales and ${biases} shifts.`;
  const added = biases ? ` and ${biases} biases` : "; no biases, as batch normalisation follows";
  return `Trained: ${grouped(weights)} weights${added}.`;
}

/** What a layer does. */
export function does(network, at) {
  const { kind, settings } = network.layers[at];
  const before = network.dims(at - 1);
  const side = `${settings.kernel}×${settings.kernel}`;
  const deep = before.C === 1 ? side : `${before.C}×${side}`;
  const says = {
    normalise: `Subtracts ${settings.mean} from every pixel and divides by ${settings.std}: the mean and the `
      + "standard deviation of the training pixels.",
    conv: `Slides a kernel of ${deep} weights over the input${stepped(settings)}, and sums the products at `
      + "each place. Each output map has its own kernel.",
    "fixed-conv": `Slides fixed ${side} kernels over the input${stepped(settings)}. Their weights are cosines, `
      + "each with its negative.",
    "batch-norm": "Normalises each map by its running mean and variance, then applies a learned scale and "
      + "shift.",
    relu: "Keeps positive values and sets all others to 0. "
      + `Here ${percent(silent(network, at), 0)} of the values are 0.`,
    "max-pool": `Keeps the maximum of each ${side} window.`,
    "global-max-pool": "Keeps the maximum of each map: whether a feature occurs, not where.",
    dropout: `In training, sets each value to 0 with probability ${percent(settings.part, 0)}. `
      + "In inference, passes everything on.",
    "spatial-dropout": `In training, sets each map to 0 with probability ${percent(settings.part, 0)}. `
      + "In inference, passes everything on.",
    flatten: "Flattens the values into a vector, map by map.",
    row: "Flattens the values into a vector, place by place.",
    linear: `Each unit computes a weighted sum of all ${grouped(before.C)} inputs, with weights of its own.`,
    other: "A step of this network's own: its outputs are shown, but not how it computes them.",
    softmax: "Turns the values into probabilities: positive, with a sum of 1.",
  };
  return says[kind];
}

const stepped = ({ stride }) => (stride > 1 ? ` with a stride of ${stride}` : "");

function silent(network, at) {
  const values = network.values(at);
  return values.reduce((count, value) => count + (value === 0), 0) / values.length;
}

/** Where a unit is: "Map 5, row 3, column 7", counted from 1. */
export function placed(network, at, [channel, row, column]) {
  const { H, W } = network.dims(at);
  if (at < 0 || (network.dims(at).C === 1 && H > 1)) return `Row ${row + 1}, column ${column + 1}`;
  if (!network.hasMaps(at)) return isOutput(network, at) ? output(network, channel) : `Value ${channel + 1}`;
  return H * W > 1 ? `Map ${channel + 1}, row ${row + 1}, column ${column + 1}` : `Map ${channel + 1}`;
}

/** Whether a layer gives what the answer is made of. */
export const isOutput = (network, at) => network.dims(at).C === network.logits.length
  && at >= network.layers.length - (network.layers.at(-1).kind === "softmax" ? 2 : 1);

/** What an output stands for. */
export const output = ({ alphabet: { symbols, rejects } }, at) => (at < symbols.length
  ? `${/^\d$/.test(symbols[at]) ? "Digit" : "Symbol"} ${symbols[at]}` : REJECTS[rejects[at - symbols.length]][0]);

/** What a reject stands for, at length and in short. */
export const REJECTS = { no_symbol: ["No digit", "none"], several_symbols: ["Several digits", "several"] };
