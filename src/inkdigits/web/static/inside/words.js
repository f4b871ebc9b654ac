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
  if (settings.parameters) return `It has learned ${grouped(settings.parameters)} numbers.`;
  if (!weights) return "It has nothing to learn.";
  if (kind === "fixed-conv") return `Its ${grouped(weights)} weights were chosen, not learned.`;
  if (kind === "batch-norm") return `It has learned ${weights} factors and ${biases} shifts.`;
  const added = biases ? ` and ${biases} biases` : ", and no bias: the batch norm behind it has one";
  return `It has learned ${grouped(weights)} weights${added}.`;
}

/** What a layer does. */
export function does(network, at) {
  const { kind, settings } = network.layers[at];
  const before = network.dims(at - 1);
  const side = `${settings.kernel}×${settings.kernel}`;
  const deep = before.C === 1 ? side : `${before.C} times ${side}`;
  const says = {
    normalise: `Takes ${settings.mean} from every pixel and divides by ${settings.std}, the mean and the `
      + "spread of the training pixels: values then lie about 0.",
    conv: `Lays ${deep} weights on every place${stepped(settings)}, multiplies each by what is under it, `
      + "and adds it all up. Each map has weights of its own.",
    "fixed-conv": `Lays ${side} weights on every place${stepped(settings)}, as any convolution does. These `
      + "weights are cosines, each with its negative.",
    "batch-norm": "Shifts and stretches each map as a whole, so that its values lay about 0 with a spread "
      + "that the network chose.",
    relu: "Keeps what is above 0 and makes all else 0. "
      + `Here ${percent(silent(network, at), 0)} of the values are 0.`,
    "max-pool": `Keeps the greatest of each ${side} window: what was found, and hardly where.`,
    "global-max-pool": "Keeps the greatest value of each map: whether something was found, no matter where.",
    dropout: `Silences each value with a chance of ${percent(settings.part, 0)} while the network learns. `
      + "When it reads, everything passes.",
    "spatial-dropout": `Silences each map with a chance of ${percent(settings.part, 0)} while the network `
      + "learns. When it reads, everything passes.",
    flatten: "Puts all values into one row, map by map.",
    row: "Puts all values into one row, place by place.",
    linear: `Each unit multiplies all ${grouped(before.C)} values by weights of its own, `
      + "and adds it all up.",
    other: "A step of this network's own: what it gives is shown, and how it computes that is not known.",
    softmax: "Makes shares of the values: all above 0, and together 1.",
  };
  return says[kind];
}

const stepped = ({ stride }) => (stride > 1 ? `, ${stride} pixels apart` : "");

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
  ? `Digit ${symbols[at]}` : REJECTS[rejects[at - symbols.length]][0]);

/** What a reject stands for, at length and in short. */
export const REJECTS = { no_symbol: ["No digit", "none"], several_symbols: ["Several digits", "several"] };
