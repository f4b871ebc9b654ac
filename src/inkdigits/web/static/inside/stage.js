// The chosen layer: all its maps at their values, what it does and has learned, and one unit of it.

import { choice, el } from "../dom.js";
import { number } from "../numbers.js";
import { Filters } from "./filters.js";
import { Tiles } from "./tiles.js";
import { Unit } from "./unit.js";
import { does, extent, isOutput, learned, REJECTS } from "./words.js";

/** new Stage(), then .show(network, at). */
export class Stage {
  constructor() {
    this.places = new Map(); // where the reader pointed in each layer
    this.held = false;
    this.shares = "layer";
    this.title = el("h2", {});
    this.words = el("p", {});
    this.tiles = new Tiles({ label: "Maps of this layer: point at a value, or use the arrow keys",
      onpoint: (place, how) => this.follow(place, how), onhold: (place, how) => this.hold(place, how) });
    this.scale = el("div", { class: "scale" });
    this.hint = el("p", { class: "small soft hint" });
    this.names = el("p", { class: "small soft" });
    this.filters = new Filters();
    this.unit = new Unit();
    this.scaled = choice({ label: "Colour scale", value: this.shares,
      options: [["layer", "one for the layer"], ["map", "one for each map"]],
      onchange: (value) => { this.shares = value; this.paint(); } });
    this.element = el("div", { class: "stage" },
      el("div", { class: "maps" }, this.title, this.words,
        el("div", { class: "row" }, this.scale, this.scaled),
        el("div", { class: "flow" }, this.tiles.element), this.names, this.hint),
      this.unit.element, this.filters.element);
  }

  show(network, at) {
    if (at !== this.at) this.held = false;
    Object.assign(this, { network, at });
    const name = at < 0 ? "Input" : `Layer ${at + 1}: ${network.layers[at].name}`;
    this.title.textContent = name;
    this.words.textContent = at < 0
      ? "28×28 pixels: 0 is paper, 1 is ink."
      : `${does(network, at)} Output: ${extent(network, at)}. ${learned(network, at)}`;
    const { C } = network.dims(at);
    this.names.textContent = at >= 0 && isOutput(network, at)
      ? `From left to right: ${[...network.alphabet.symbols, ...network.alphabet.rejects.map((name) =>
        REJECTS[name][0].toLowerCase())].join(", ")}.` : "";
    this.names.hidden = !this.names.textContent;
    this.scaled.hidden = C === 1 || !network.hasMaps(at) || network.dims(at).H === 1;
    this.paint();
    this.filters.show(network, at);
    this.point(this.place());
  }

  paint() {
    const { network, at } = this;
    const { C, H, W } = network.dims(at);
    const whole = network.most(at);
    const apart = this.shares === "map" && !this.scaled.hidden;
    this.tiles.kind = at < 0 ? "ink" : "signed";
    this.tiles.show({ values: network.values(at), count: C, rows: H, columns: W,
      most: at < 0 ? 1 : apart ? greatest(network, at) : whole, cell: C === 1 ? 10 : null,
      across: C === 784 ? 28 : null }); // pixels in a row stand as they stood in the picture
    this.tiles.canvas.setAttribute("aria-label",
      `${extent(network, at)}: point at a value, or use the arrow keys`);
    const ends = at < 0 ? ["0 paper", "1 ink"] : apart ? ["− largest of the map", "0", "+ largest of the map"]
      : [number(-whole, 2), "0", number(whole, 2)];
    this.scale.replaceChildren(...legend(ends, at < 0));
  }

  /** Where the reader last pointed in this layer, or where it says most. */
  place() {
    const { network, at } = this;
    const { C, H, W } = network.dims(at);
    const kept = this.places.get(at);
    if (kept && kept[0] < C && kept[1] < H && kept[2] < W) return kept;
    const values = network.values(at);
    let best = 0;
    for (let k = 1; k < values.length; k += 1) if (values[k] > values[best]) best = k;
    return [Math.floor(best / H / W), Math.floor(best / W) % H, best % W];
  }

  follow(place, how) {
    if (this.held && how === "pointermove") return;
    if (how === "key") this.held = true;
    this.places.set(this.at, place);
    // One painting a frame, however fast the pointer is.
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.point(this.place());
      if (how === "key") this.unit.say();
    });
  }

  hold(place, how) {
    const same = this.held && String(place) === String(this.places.get(this.at));
    this.held = !same;
    this.places.set(this.at, place);
    this.follow(place, how);
  }

  point(place) {
    this.tiles.mark(place);
    this.unit.show(this.network, this.at, place);
    this.hint.textContent = this.held
      ? "Pinned. Click the same value to release it; the arrow keys move to others."
      : "Point at a value to see how it is computed, and click to pin it; or use the arrow keys.";
  }
}

function greatest(network, at) {
  return Float32Array.from({ length: network.dims(at).C }, (_, map) =>
    network.map(at, map).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9));
}

function legend(ends, ink) {
  return [el("span", { class: ink ? "ramp ink" : "ramp", "aria-hidden": "true" }),
    el("span", { class: "ends number" }, ends.map((end) => el("span", {}, end)))];
}
