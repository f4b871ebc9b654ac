// What a layer has learned: kernels, or the weights of its units, all of them.

import { el } from "../dom.js";
import { scrolling } from "../pieces.js";
import { joined, Tiles } from "./tiles.js";

const FEW = 12; // units

/** new Filters(), then .show(network, at): a fold; while it is shut nothing is painted. */
export class Filters {
  constructor() {
    this.summary = el("summary", { onclick: () => { this.wanted = !this.element.open; } });
    this.words = el("p", { class: "small soft" });
    this.tiles = new Tiles({ label: "Weights of this layer", gap: 8 });
    this.element = el("details", { class: "filters" }, this.summary, this.words,
      scrolling("Weights", "scroll", this.tiles.element));
    this.element.addEventListener("toggle", () => this.network && this.paint());
  }

  show(network, at) {
    const kind = network.layers[at]?.kind;
    this.element.hidden = !["conv", "fixed-conv", "linear"].includes(kind);
    Object.assign(this, { network, at });
    if (this.element.hidden) return;
    this.summary.textContent = kind === "linear" ? "Weights of each unit" : "Kernels";
    // Few and large ones are open until the reader says otherwise, many small ones are not.
    const large = kind === "linear" ? network.dims(at).C <= FEW : network.dims(at - 1).C === 1;
    this.element.open = this.wanted ?? large;
    this.paint();
  }

  paint() {
    const { network, at } = this;
    if (this.element.hidden || !this.element.open) return;
    const { kind, settings } = network.layers[at];
    const weights = network.learned(at, "weight");
    const { C } = network.dims(at);
    const before = network.dims(at - 1).C;
    if (kind === "linear") this.paintUnits(weights, C);
    else if (before === 1) {
      this.words.textContent = "Each kernel on its own colour scale: blue weights are positive, "
        + "orange ones negative.";
      const { kernel } = settings;
      this.tiles.show({ values: weights, count: C, rows: kernel, columns: kernel,
        most: each(weights, kernel ** 2), cell: Math.round(60 / kernel) });
    } else {
      const { kernel } = settings;
      this.words.textContent = `${C} rows, one for each output map, of ${before} kernels, one for each input map. `
        + "Pale columns are input maps that this layer hardly uses.";
      this.tiles.show({ ...wall(weights, C, before, kernel), count: 1, across: 1, most: strong(weights),
        cell: C * before > 4000 ? 1 : 2 });
    }
  }

  paintUnits(weights, units) {
    const { network, at } = this;
    const maps = network.mapsBefore(at);
    const size = weights.length / units;
    const { C, H, W } = maps === null ? { C: size, H: 1, W: 1 } : network.dims(maps);
    const tiles = Array.from({ length: units }, (_, unit) =>
      joined(network.asMaps(at, weights.subarray(unit * size, (unit + 1) * size)), C, H, W));
    const { rows, columns } = tiles[0];
    const values = new Float32Array(units * rows * columns);
    tiles.forEach((tile, unit) => values.set(tile.values, unit * rows * columns));
    let shows = "with a small map for each input map";
    if (maps === null) shows = "with a square for each input";
    else if (C === 1) shows = "with a weight at each pixel";
    this.words.textContent = `One picture for each unit, ${shows}: blue weights are positive, orange ones negative.`;
    this.tiles.show({ values, count: units, rows, columns, most: each(values, rows * columns),
      cell: units <= 12 ? Math.max(1, Math.round(100 / columns)) : Math.max(1, Math.round(56 / columns)) });
  }
}

/** All kernels as one picture: a row an output, a column an input, a line between them. */
function wall(weights, outputs, inputs, kernel) {
  const step = kernel + 1;
  const [rows, columns] = [outputs * step - 1, inputs * step - 1];
  const values = new Float32Array(rows * columns).fill(NaN);
  for (let at = 0; at < weights.length; at += 1) {
    const [block, inside] = [Math.floor(at / kernel ** 2), at % kernel ** 2];
    const row = Math.floor(block / inputs) * step + Math.floor(inside / kernel);
    values[row * columns + (block % inputs) * step + (inside % kernel)] = weights[at];
  }
  return { values, rows, columns };
}

/** The greatest distance from 0 in each tile. */
function each(values, size) {
  const found = new Float32Array(values.length / size).fill(1e-9);
  values.forEach((value, at) => {
    const tile = Math.floor(at / size);
    if (Math.abs(value) > found[tile]) found[tile] = Math.abs(value);
  });
  return found;
}

/** A value that few weights pass, so that one giant does not bleach the others. */
function strong(values) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  return Math.max(1e-9, sizes[Math.floor(0.995 * (sizes.length - 1))]);
}
