// The way through a network: every layer as a small picture of all its values. One is chosen.

import { el, fill, themed } from "../dom.js";
import { sheetOf } from "../paint.js";
import { extent } from "./words.js";

const WIDTH = 58; // CSS pixels of a layer's picture
const HEIGHT = 124;

/** new Strip(onchoose), then .show(network, chosen). */
export class Strip {
  constructor(onchoose) {
    this.onchoose = onchoose;
    this.list = el("ol", { class: "strip" });
    this.element = el("div", { class: "scroll way", tabindex: "0", role: "group",
      "aria-label": "Layers, from the input to the prediction" }, this.list);
    themed(this.element, () => this.network && this.paint());
  }

  show(network, chosen) {
    const names = ({ layers }) => layers.map(({ name }) => name).join();
    const same = this.network && names(this.network) === names(network);
    this.network = network;
    if (!same) this.build();
    this.paint();
    this.choose(chosen);
  }

  build() {
    this.items = [-1, ...this.network.layers.keys()].map((at) => {
      const picture = el("canvas", { "aria-hidden": "true" });
      const name = at < 0 ? "input" : short(this.network.layers[at].name);
      const button = el("button", { type: "button", class: "layer", "aria-pressed": "false",
        "aria-label": at < 0 ? "Input" : `Layer ${at + 1}: ${this.network.layers[at].name}`,
        onclick: () => this.onchoose(at) },
      el("span", { class: "name" }, name), el("span", {}, picture),
      el("span", { class: "size" }, size(this.network, at).map((line) => el("span", {}, line))));
      const begins = at >= 0 && ["conv", "fixed-conv", "linear"].includes(this.network.layers[at].kind);
      return { at, picture, button, item: el("li", { class: begins ? "begins" : null }, button) };
    });
    fill(this.list, this.items.map(({ item }) => item));
  }

  choose(chosen) {
    for (const { at, button, item } of this.items) {
      button.setAttribute("aria-pressed", String(at === chosen));
      if (at !== chosen) continue;
      const { offsetLeft, offsetWidth } = item;
      const { scrollLeft, clientWidth } = this.element;
      if (offsetLeft < scrollLeft || offsetLeft + offsetWidth > scrollLeft + clientWidth) {
        this.element.scrollLeft = offsetLeft - clientWidth / 2;
      }
    }
  }

  paint() {
    for (const { at, picture, button } of this.items) {
      thumbnail(picture, this.network, at);
      button.title = extent(this.network, at);
    }
  }
}

const short = (name) => name.split(",")[0].replace("fixed conv", "cosines");

function size(network, at) {
  const { C, H, W } = network.dims(at);
  if (!network.hasMaps(at)) return [String(C), "values"];
  return [C === 1 ? "1 map" : `${C} maps`, `${H}×${W}`];
}

/** All maps of a layer on one small canvas. */
function thumbnail(canvas, network, at) {
  const { C, H, W } = network.dims(at);
  const few = !network.hasMaps(at) && C <= 12;
  let across = C === 784 ? 28 : Math.max(1, Math.round(Math.sqrt((C * H) / W / 2)));
  if (few) across = 1;
  const gap = C * H * W > 784 && H > 1 ? 1 : 0;
  const wide = few ? 11 : (WIDTH - gap * (across - 1)) / across;
  const down = Math.ceil(C / across);
  const tall = Math.min((wide * H) / W, (HEIGHT - gap * (down - 1)) / down);
  const [width, height] = [across * (wide + gap) - gap, down * (tall + gap) - gap];
  const sharp = Math.max(2, devicePixelRatio || 1);
  Object.assign(canvas, { width: Math.ceil(width * sharp), height: Math.ceil(height * sharp) });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.scale(sharp, sharp);
  context.imageSmoothingEnabled = wide < W;
  const sheet = sheetOf({ values: network.values(at), count: C, rows: H, columns: W,
    most: at < 0 ? 1 : clear(network.values(at)) }, at < 0 ? "ink" : "signed");
  for (let map = 0; map < C; map += 1) {
    const [left, top] = [(map % across) * (wide + gap), Math.floor(map / across) * (tall + gap)];
    context.drawImage(sheet, 0, map * H, W, H, left, top, wide, tall);
  }
}

/** A value that few pass: colours here tell the maps apart, and are read off below. */
function clear(values) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  return Math.max(1e-9, sizes[Math.floor(0.98 * (sizes.length - 1))]);
}
