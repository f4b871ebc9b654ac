// What the pixels of a page were taken for, laid over it: each layer is shown where it is ticked.

import { el } from "../dom.js";

const NAMES = [["handwriting", "handwriting"], ["rules", "rules and boxes"], ["other", "print and other"]];

/** Ticks for the layers that there are: `.element`, `.offer(layers)`, `.shown`. */
export class Layers {
  /** `onchange()` is called when others are to be shown. */
  constructor(onchange) {
    this.ticked = new Set();
    this.found = {};
    this.element = el("fieldset", { class: "layers small soft", hidden: true },
      el("legend", {}, "Show pixel classes"));
    this.labels = NAMES.map(([name, words]) => {
      const tick = el("input", { type: "checkbox", onchange: () => {
        if (tick.checked) this.ticked.add(name);
        else this.ticked.delete(name);
        onchange();
      } });
      return { name, label: el("label", {}, tick, el("span", { class: `swatch ${name}` }), words) };
    });
    this.element.append(...this.labels.map(({ label }) => label));
  }

  /** Offer the layers of a page, each a data URL by its name; without any, nothing. */
  offer(layers = {}) {
    this.found = layers;
    this.labels.forEach(({ name, label }) => { label.hidden = !(name in layers); });
    this.element.hidden = !Object.keys(layers).length;
  }

  /** The layers that are to be shown, as addresses of pictures. */
  get shown() {
    return NAMES.filter(([name]) => this.ticked.has(name) && name in this.found)
      .map(([name]) => this.found[name]);
  }
}
