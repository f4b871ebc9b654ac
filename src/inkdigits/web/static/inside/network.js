// A network with a digit in it: its layers, values and weights, and what a unit computes from what.

import { get, getBytes, parseTensors, sendForBytes } from "../api.js";
import { asBytes } from "../mine.js";

const INPUT = { C: 1, H: 28, W: 28 };
const WINDOWED = new Set(["conv", "fixed-conv", "max-pool"]);

/** The networks that can be looked into. */
export const listNetworks = () => get("/api/networks");

/** What a network makes of a digit (784 floats, 0 paper to 1 ink): a Network. */
export async function look(name, pixels, weights) {
  const path = `/api/networks/${encodeURIComponent(name)}`;
  const [learned, seen] = await Promise.all([
    weights ?? getBytes(`${path}/weights`).then((bytes) => parseTensors(bytes).tensors),
    sendForBytes(`${path}/look`, asBytes(pixels)).then(parseTensors),
  ]);
  return new Network(learned, seen);
}

/** Which pixels mattered for a class: { tensors, metadata }. */
export async function why(name, pixels, digit, cover) {
  const path = `/api/networks/${encodeURIComponent(name)}/why?digit=${digit}&cover=${cover}`;
  const { tensors, metadata } = parseTensors(await sendForBytes(path, asBytes(pixels)));
  return { tensors, details: parsed(metadata) };
}

const parsed = (metadata) => Object.fromEntries(
  Object.entries(metadata).map(([key, value]) => [key, JSON.parse(value)]));

/** Layers by number; -1 is the picture. A unit is [channel, row, column]. */
export class Network {
  constructor(weights, { tensors, metadata }) {
    this.weights = weights;
    this.tensors = tensors;
    Object.assign(this, parsed(metadata)); // layers, logits, probabilities, temperature ...
  }

  /** The values of a layer, channel by channel, row by row. */
  values = (at) => (at < 0 ? this.tensors.input : this.tensors[at]).values;

  /** How many channels, rows and columns a layer has; units without a place are channels of 1×1. */
  dims(at) {
    if (at < 0) return INPUT;
    const [C, H = 1, W = 1] = this.tensors[at].shape;
    return { C, H, W };
  }

  /** Whether a layer has maps, and not units without a place. */
  hasMaps = (at) => at < 0 || this.tensors[at].shape.length === 3;

  /** A learned tensor of a layer ("weight", "bias", "mean", "variance"), or undefined. */
  learned = (at, part) => this.weights[`${at}.${part}`]?.values;

  /** Where a unit's value stands. */
  index(at, [channel, row, column]) {
    const { H, W } = this.dims(at);
    return (channel * H + row) * W + column;
  }

  value = (at, unit) => this.values(at)[this.index(at, unit)];

  /** One map of a layer. */
  map(at, channel) {
    const { H, W } = this.dims(at);
    return this.values(at).subarray(channel * H * W, (channel + 1) * H * W);
  }

  /** The greatest distance from 0 in a layer. */
  most(at) {
    let most = 1e-9;
    for (const value of this.values(at)) most = Math.max(most, Math.abs(value));
    return most;
  }

  /** The window of a unit in the layer before: { top, left, height, width }, over the edge too. */
  window(at, [, row, column]) {
    const { kind, settings } = this.layers[at];
    const before = this.dims(at - 1);
    if (WINDOWED.has(kind)) {
      const { kernel, stride, padding } = settings;
      return { top: row * stride - padding, left: column * stride - padding, height: kernel, width: kernel };
    }
    if (["linear", "global-max-pool", "softmax", "other"].includes(kind)) return whole(before);
    return spot([0, row, column]);
  }

  /** The part of the picture that can change a unit: { top, left, height, width }. */
  field(at, unit) {
    let box = spot(unit);
    for (let here = at; here >= 0; here -= 1) {
      const { kind, settings } = this.layers[here];
      const before = this.dims(here - 1);
      if (["linear", "softmax", "other"].includes(kind)) return whole(INPUT);
      if (kind === "global-max-pool") box = whole(before);
      else if (WINDOWED.has(kind)) box = grown(box, settings, before);
      else if (kind === "flatten" || kind === "row") box = spot(this.origin(here, unit[0]));
    }
    return box;
  }

  /** Which unit of the maps before a flattened unit comes from. */
  origin(at, number) {
    const { C, H, W } = this.dims(at - 1);
    if (this.layers[at].kind === "row") {
      return [number % C, Math.floor(number / C / W), Math.floor(number / C) % W];
    }
    return [Math.floor(number / H / W), Math.floor(number / W) % H, number % W];
  }

  /** The layer whose maps a linear layer's inputs were, or null if they were units before, too. */
  mapsBefore(at) {
    const flat = ["flatten", "row"].includes(this.layers[at - 1]?.kind);
    const { H, W } = flat ? this.dims(at - 2) : { H: 1, W: 1 };
    return flat && H * W > 1 ? at - 2 : null;
  }

  /** Values that stand as a linear layer's inputs do, put in order of the maps they were. */
  asMaps(at, values) {
    if (this.layers[at - 1]?.kind !== "row") return values;
    const found = new Float32Array(values.length);
    values.forEach((value, number) => {
      found[this.index(at - 2, this.origin(at - 1, number))] = value;
    });
    return found;
  }

  /** What is under a unit's window in one channel before; 0 over the edge. */
  under(at, unit, channel) {
    const { top, left, height, width } = this.window(at, unit);
    const { H, W } = this.dims(at - 1);
    const map = this.map(at - 1, channel);
    return Float64Array.from({ length: height * width }, (_, k) => {
      const [row, column] = [top + Math.floor(k / width), left + (k % width)];
      return row >= 0 && column >= 0 && row < H && column < W ? map[row * W + column] : 0;
    });
  }

  /** The kernel of a convolution from one channel before to one of its maps. */
  kernel(at, map, channel) {
    const size = this.layers[at].settings.kernel ** 2;
    const from = (map * this.dims(at - 1).C + channel) * size;
    return this.learned(at, "weight").subarray(from, from + size);
  }

  /** What each channel before adds to a unit of a convolution. */
  shares(at, unit) {
    return Float64Array.from({ length: this.dims(at - 1).C }, (_, channel) => {
      const kernel = this.kernel(at, unit[0], channel);
      return this.under(at, unit, channel).reduce((sum, value, k) => sum + value * kernel[k], 0);
    });
  }

  /** What each input adds to a unit of a linear layer. */
  products(at, [unit]) {
    const inputs = this.values(at - 1);
    const weights = this.weightsOf(at, unit);
    return Float64Array.from(inputs, (value, k) => value * weights[k]);
  }

  /** The weights of a unit of a linear layer. */
  weightsOf(at, unit) {
    const count = this.values(at - 1).length;
    return this.learned(at, "weight").subarray(unit * count, (unit + 1) * count);
  }
}

const spot = ([, top, left]) => ({ top, left, height: 1, width: 1 });
const whole = ({ H, W }) => ({ top: 0, left: 0, height: H, width: W });

/** The part of the layer before that a part of a windowed layer sees, without what is over the edge. */
function grown({ top, left, height, width }, { kernel, stride, padding }, { H, W }) {
  const ahead = (from, length, size) => {
    const first = Math.max(0, from * stride - padding);
    const last = Math.min(size - 1, (from + length - 1) * stride - padding + kernel - 1);
    return [first, last - first + 1];
  };
  const [down, tall] = ahead(top, height, H);
  const [across, wide] = ahead(left, width, W);
  return { top: down, left: across, height: tall, width: wide };
}
