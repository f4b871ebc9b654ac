// Charts by Plotly, which is fetched from this server when the first chart is drawn.

import { colour, el, fill, find, themed } from "./dom.js";

let library = null;

function plotly() {
  library ??= new Promise((resolve, reject) => {
    // The policy forbids Plotly style elements of its own. So it writes its rules into our sheet, and
    // takes those of its maps, which nobody draws here, for written.
    find('link[href="/static/style.css"]').id = "plotly.js-style-global";
    document.head.append(el("meta", { id: MAPS }));
    const script = el("script", { src: "/static/plotly.min.js" });
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      library = null; // the next chart tries again
      reject(new Error("The charts could not be loaded: is `inkdigits serve` still running?"));
    });
    document.head.append(script);
  });
  return library;
}

/**
 * A chart in `element`: new Chart(element, label), then .show(traces, layout). Colours of traces are
 * names of the theme: { line: { color: "train" } }. `label` tells those who cannot see it.
 */
export class Chart {
  constructor(element, label) {
    this.element = element;
    element.classList.add("chart");
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", label);
    this.drawn = Promise.resolve();
    themed(element, () => this.traces && this.show(this.traces, this.layout));
  }

  /** Draw; what is drawn already is changed in place. Of what is shown in haste, the last is drawn. */
  show(traces, layout = {}) {
    Object.assign(this, { traces, layout });
    if (!this.waiting) {
      this.waiting = true;
      this.drawn = this.drawn.then(() => this.draw());
    }
    return this.drawn;
  }

  async draw() {
    try {
      const { react } = await plotly();
      this.waiting = false;
      this.note?.remove();
      await react(this.element, painted(this.traces), merged(style(), painted(this.layout)), OPTIONS);
    } catch ({ message }) {
      this.waiting = false;
      this.note ??= el("p", { class: "note" });
      this.element.append(fill(this.note, message));
    }
  }
}

const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
const OPTIONS = { displayModeBar: false, responsive: true };
const NAMES = new Set(["ink", "soft", "paper", "card", "line", "edge", "accent", "good", "bad",
  "plus", "minus", "train", "validation"]);

/** Several colours in turn, for lines that have no meaning of their own. */
export const CYCLE = ["train", "validation", "good", "#8e5bb5", "#b08a2e", "#5f6b7a"];

function style() {
  const axis = { gridcolor: "line", zerolinecolor: "line", linecolor: "line", automargin: true };
  return painted({
    font: { family: "inherit", size: 13, color: "ink" },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 50, r: 16, t: 30, b: 44 },
    xaxis: axis,
    yaxis: axis,
    legend: { orientation: "h", y: -0.22, x: 0 },
    hoverlabel: { bgcolor: "card", bordercolor: "line", font: { color: "ink" } },
  });
}

function painted(value) {
  if (Array.isArray(value)) return value.map(painted);
  if (ArrayBuffer.isView(value)) return Array.from(value);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key,
      /color/i.test(key) && NAMES.has(inner) ? colour(inner) : painted(inner)]));
  }
  return value;
}

function merged(first, second) {
  const found = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const both = value && typeof value === "object" && !Array.isArray(value) && found[key];
    found[key] = both ? merged(found[key], value) : value;
  }
  return found;
}
