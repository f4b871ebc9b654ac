// One unit: the part of the digit that it sees, its window in the layer before, and its sum.

import { announce, el, fill } from "../dom.js";
import { argmax } from "../learn.js";
import { grouped, number } from "../numbers.js";
import { panel, scrolling } from "../pieces.js";
import { Plane } from "./plane.js";
import { computed } from "./sums.js";
import { joined, Tiles } from "./tiles.js";
import { placed } from "./words.js";

const SAME = 1e-4; // of the sum: what float32 forgets on its way
const SIZE = 132; // CSS pixels of a picture
const PAIRED = new Set(["relu", "batch-norm", "max-pool", "normalise", "dropout", "spatial-dropout"]);

/** new Unit(), then .show(network, at, unit). */
export class Unit {
  constructor() {
    this.title = el("h3", {});
    const part = "Input, with the receptive field of this value";
    this.picture = new Plane({ label: part, size: SIZE, kind: "ink" });
    this.before = new Plane({ label: "Previous layer, with the window", size: SIZE });
    this.after = new Plane({ label: "This layer's map", size: SIZE });
    this.weights = new Plane({ label: "Weights of this unit", size: SIZE });
    this.products = new Plane({ label: "Products", size: SIZE });
    this.panels = [this.picture, this.before, this.after, this.weights, this.products]
      .map((plane) => panel("", plane.element));
    this.channels = new Tiles({ cell: 13, gap: 3,
      label: "Contribution of each input map: choose one with the arrow keys",
      onpoint: ([channel], how) => how !== "pointermove" && this.choose(channel),
      onhold: ([channel]) => this.choose(channel) });
    this.shares = el("div", { class: "shares" }, el("span", { class: "small soft" }), this.channels.element);
    this.parts = el("div", { class: "parts" });
    this.formula = scrolling("Formula with the values inserted", "formula");
    this.says = el("p", { class: "says" });
    this.element = el("div", { class: "unit", role: "group", "aria-label": "Selected value" },
      this.title, el("div", { class: "pictures" }, this.panels), this.shares, this.parts, this.formula,
      this.says);
    this.channel = null;
  }

  /** Choose which map before is shown in numbers. */
  choose(channel) {
    this.channel = channel;
    this.show(this.network, this.at, this.unit);
  }

  show(network, at, unit) {
    if (network !== this.network || at !== this.at) this.channel = null;
    Object.assign(this, { network, at, unit });
    const value = network.value(at, unit);
    this.title.textContent = `${placed(network, at, unit)}: ${number(value, 4)}`;
    this.showField();
    if (at < 0) {
      this.panels.slice(1).forEach((one) => { one.hidden = true; });
      this.shares.hidden = true;
      fill(this.parts);
      fill(this.formula);
      this.says.textContent = "A pixel: 0 is paper, 1 is ink.";
      return;
    }
    const channel = this.source();
    const found = computed(network, at, unit, channel);
    this.showBefore(found, channel);
    this.showShares(found.shares, channel);
    fill(this.parts, found.parts);
    fill(this.formula, found.formula);
    this.compare(found.sum, value);
  }

  /** Which map before is looked at: the chosen one, or the one that adds most. */
  source() {
    const { network, at, unit } = this;
    if (!network.layers[at].kind.endsWith("conv")) return unit[0];
    if (this.channel !== null) return this.channel;
    const shares = network.shares(at, unit).map(Math.abs);
    return argmax(shares);
  }

  showField() {
    const { network, at, unit } = this;
    const field = network.field(at, unit);
    const all = field.height === 28 && field.width === 28;
    this.picture.show({ values: network.values(-1), rows: 28, columns: 28, most: 1,
      frame: at < 0 ? null : field, mark: at < 0 ? unit.slice(1) : null });
    const size = field.height * field.width === 1 ? "one pixel" : `${field.height}×${field.width} pixels`;
    name(this.panels[0], at < 0 ? "input" : `receptive field: ${all ? "all pixels" : size}`);
    this.panels[0].hidden = network.layers[at]?.kind === "linear"; // which has three pictures of its own
  }

  showBefore(found, channel) {
    const { network, at, unit } = this;
    const { kind } = network.layers[at];
    const [before, after, weights, products] = this.panels.slice(1);
    const linear = kind === "linear";
    const shaped = kind !== "other" && network.dims(at - 1).H > 1;
    before.hidden = !(linear || shaped);
    [weights.hidden, products.hidden] = [!linear, !linear];
    after.hidden = !(PAIRED.has(kind) && shaped);
    if (linear) this.showWeights(found.products);
    else if (shaped) this.showMap(found, channel);
    if (after.hidden) return;
    const { H, W } = network.dims(at);
    const most = Math.max(network.most(at - 1), network.most(at));
    this.after.show({ values: network.map(at, unit[0]), rows: H, columns: W,
      most: kind === "normalise" ? network.most(at) : this.scale ?? most,
      frame: box(unit) });
    name(after, "after");
  }

  showMap(found, channel) {
    const { network, at, unit } = this;
    const { kind } = network.layers[at];
    const { H, W } = network.dims(at - 1);
    const from = found.origin ?? [channel, unit[1], unit[2]];
    const whole = kind === "global-max-pool";
    const map = network.map(at - 1, from[0]);
    const moved = kind === "normalise" || kind === "batch-norm";
    this.scale = moved ? undefined : Math.max(1e-9, ...Array.from(map, Math.abs));
    const marked = whole ? [Math.floor(found.marked / W), found.marked % W] : null;
    this.before.show({ values: map, rows: H, columns: W, most: this.scale ?? network.most(at - 1),
      frame: whole ? null : found.origin ? box(from) : network.window(at, unit), mark: marked });
    const many = network.dims(at - 1).C > 1;
    const which = many ? `input map ${from[0] + 1}` : at ? "previous layer" : "input";
    name(this.panels[1], this.pairs() ? "before" : which);
  }

  pairs = () => !this.panels[2].hidden;

  showWeights(products) {
    const { network, at, unit } = this;
    const maps = network.mapsBefore(at);
    const { C, H, W } = maps === null ? { C: products.length, H: 1, W: 1 } : network.dims(maps);
    const shown = (plane, values) => {
      const one = joined(network.asMaps(at, values), C, H, W);
      plane.show({ ...one, most: values.reduce((most, next) => Math.max(most, Math.abs(next)), 1e-9) });
    };
    shown(this.before, network.values(at - 1));
    shown(this.weights, network.weightsOf(at, unit[0]));
    shown(this.products, products);
    name(this.panels[1], `${grouped(products.length)} values`);
    name(this.panels[3], "× weights");
    name(this.panels[4], "= products");
  }

  showShares(shares, channel) {
    this.shares.hidden = !shares || shares.length < 2;
    if (this.shares.hidden) return;
    const most = Math.max(1e-9, ...shares.map(Math.abs));
    this.channels.show({ values: shares, count: shares.length, rows: 1, columns: 1, most });
    this.channels.mark([channel, 0, 0]);
    const largest = this.channel === null ? " (the largest)" : "";
    this.shares.firstChild.textContent = `Contributions of the ${shares.length} input maps. `
      + `Map ${channel + 1} contributes ${number(shares[channel], 4)}${largest}; in detail:`;
  }

  compare(sum, value) {
    if (sum === null) {
      this.says.classList.remove("same");
      this.says.textContent = `In the network ${number(value, 4)}.`;
      return;
    }
    const same = Math.abs(sum - value) <= SAME * Math.max(1, Math.abs(value));
    Object.assign(this.says.dataset, { sum, value });
    this.says.classList.toggle("same", same);
    fill(this.says, `Computed here: ${number(sum, 4)}; by PyTorch: ${number(value, 4)}. `,
      el("strong", { class: same ? "good" : "bad" }, same ? "✓ equal" : "✗ not equal"));
  }

  /** Tell those who listen. */
  say() {
    announce(`${this.title.textContent}. ${this.at < 0 ? "" : this.panels[0].firstChild.textContent}`);
  }
}

const box = ([, top, left]) => ({ top, left, height: 1, width: 1 });
const name = (part, words) => { part.firstChild.textContent = words; };
