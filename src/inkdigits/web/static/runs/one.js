// One run: its recipe, learning curves, metrics and misclassified digits, and the next steps.

import { get } from "../api.js";
import { announce, button, el, fill } from "../dom.js";
import { scrolling } from "../pieces.js";
import { confusion } from "./confusion.js";
import { Curves } from "./curves.js";
import { Gallery } from "./digits.js";
import { reliability, rotation } from "./trust.js";
import { ago, ask, command, count, duration, interval, many, sentence, share, state } from "./words.js";

const EVERY = 1000; // milliseconds between two looks at a run that learns
const AGAIN = 5000; // after a look that failed

/** Show the run called `name` in `place`, and go on showing it while it learns. */
export async function mountOne(place, name) {
  const one = new One(place, name, await get(ask(name)));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) one.look(); });
}

class One {
  constructor(place, name, run) {
    Object.assign(this, { name, shown: "", curves: new Curves() });
    document.title = `${name} · inkdigits`;
    this.head = el("div", {});
    this.progress = el("div", { class: "progress" });
    this.figures = el("div", {});
    this.foot = el("div", {});
    fill(place, this.head, this.progress,
      el("section", {}, el("h2", {}, "Learning curves"), this.curves.element), this.figures, this.foot);
    this.show(run);
  }

  /** Ask again, and come back in a while if the run learns and somebody looks. */
  async look() {
    clearTimeout(this.later);
    const mine = (this.turn = (this.turn ?? 0) + 1);
    try {
      const run = await get(ask(this.name));
      if (mine === this.turn) this.show(run);
    } catch (error) {
      if (mine !== this.turn) return;
      fill(this.progress, el("p", { class: "note", role: "status" }, sentence(error.message)));
      this.come(AGAIN);
    }
  }

  come(milliseconds) {
    clearTimeout(this.later);
    if (!document.hidden) this.later = setTimeout(() => this.look(), milliseconds);
  }

  show(run) {
    const before = this.run;
    this.run = run;
    fill(this.head, ...head(run));
    fill(this.progress, ...progress(run));
    if (before?.steps.done !== run.steps.done || before?.epochs !== run.epochs || before?.live !== run.live) {
      this.curves.show(run);
    }
    const shown = JSON.stringify([run.figures, run.elsewhere, run.epochs, run.best, run.live, run.toml]);
    if (shown !== this.shown) {
      this.shown = shown;
      fill(this.figures, ...figures(run));
      fill(this.foot, ...foot(run));
    }
    if (before?.live && run.finished) announce(`Training of ${run.name} has finished.`);
    else if (before && before.epochs < run.epochs) announce(`Epoch ${run.epochs} completed.`);
    if (run.live) this.come(EVERY);
  }
}

function head(run) {
  const { environment: { hardware, data }, published } = run;
  const facts = [`recipe ${run.recipe}`, `${count(run.parameters)} trainable parameters`];
  if (data?.train) facts.push(`trained on ${count(data.train.count)} digits (${data.train.name})`);
  if (run.seconds) facts.push(`training time ${duration(run.seconds)}${hardware ? ` on ${hardware}` : ""}`);
  facts.push(`updated ${ago(run.written)}`);
  return [
    el("p", { class: "soft small" }, el("a", { href: "/runs" }, "All runs")),
    el("h1", {}, run.name, " ", state(run)),
    run.about ? el("p", { class: "lead" }, run.about) : null,
    el("p", { class: "soft" }, facts.join(" · ")),
    published ? el("p", { class: "note" }, el("strong", {}, "As published: "), capital(published.note),
      ` Reported for system ${published.system}: ${published.figure} ${published.metric} accuracy.`) : null,
    run.digits === "synthetic" ? el("p", { class: "note" }, el("strong", {}, "Synthetic data. "),
      "This network was trained on synthetic digits, not on MNIST.") : null,
  ];
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function progress({ live, finished, steps, epochs, planned, history }) {
  if (!live || finished) return [];
  const done = steps.planned ? steps.done / steps.planned : epochs / planned;
  const label = `Epoch ${Math.min(epochs + 1, planned)} of ${planned}`;
  const latest = steps.losses.at(-1);
  const last = history.at(-1);
  return [
    el("progress", { max: 1, value: Math.min(1, done), "aria-label": "Training progress" }),
    el("p", { class: "number" }, el("strong", {}, label),
      steps.planned ? `, step ${count(steps.done)} of ${count(steps.planned)}` : "",
      latest === undefined || latest === null ? "" : `, loss ${latest.toFixed(4)}`,
      last ? `, validation accuracy ${share(last.validation_accuracy)}` : ""),
  ];
}

function figures(run) {
  const found = run.figures;
  const cards = found ? scored(found, run) : promised(run);
  cards.push(...run.elsewhere.map((other) => card(share(other.accuracy.value), `Accuracy on ${other.on}`,
    `95% CI ${interval(other.accuracy)}; not the data set that the run was trained on.`)));
  return [
    cards.length ? el("section", {}, el("h2", {}, "Metrics"),
      el("div", { class: "figures" }, cards)) : null,
    ...(found ? [misclassified(run), classes(found), trust(found)] : []),
  ];
}

const card = (number, title, words) => el("div", { class: "card" },
  el("b", { class: "number" }, number), el("strong", {}, title), el("span", { class: "soft small" }, words));

function promised(run) {
  const best = run.history.find(({ epoch }) => epoch === run.best);
  if (!best) return [];
  return [card(share(best.validation_accuracy), "Validation accuracy",
    `Of epoch ${best.epoch}, whose weights are saved. Not yet evaluated on the test digits.`)];
}

function scored(found, run) {
  const { accuracy, accuracy_without_bad_labels: clean, element_wise_accuracy: element, exported } = found;
  const at = (degrees) => found.rotation.find((turn) => turn.degrees === degrees)?.accuracy;
  return [
    card(share(accuracy.value), "Test accuracy", `95% CI ${interval(accuracy)}; `
      + `${count(accuracy.right)} of ${count(accuracy.count)} digits are classified correctly (${found.on}).`),
    exported && exported.accuracy.right !== accuracy.right ? card(share(exported.accuracy.value),
      "Test accuracy as exported", "The exported model frames each picture before the network sees it.") : null,
    clean ? card(share(clean.value), `Without ${accuracy.count - clean.count} known label errors`,
      `95% CI ${interval(clean)}; the digits left out are mislabelled or illegible.`) : null,
    card(found.loss?.toFixed(4) ?? "–", "Loss",
      `Mean cross-entropy; uniform guessing has ${Math.log(found.classes.length).toFixed(4)}.`),
    card(share(found.expected_calibration_error), "Expected calibration error",
      "Mean gap between confidence and accuracy, as trained."),
    exported?.reliability ? card(share(exported.expected_calibration_error), "Calibrated",
      `The same at temperature ${exported.temperature.toFixed(3)}, as exported.`) : null,
    card(share(Math.min(at(-15), at(15))), "Accuracy rotated by 15°",
      `The lower of −15° (${share(at(-15))}) and +15° (${share(at(15))}).`),
    element !== null ? card(share(element), "Element-wise “accuracy”",
      `${run.published?.metric === "element-wise" ? "As this system's author measured it"
        : "As the author of system A measured it"}: `
      + `${found.classes.length} decisions per digit. Outputs of all zeros would score `
      + `${share(1 - 1 / found.classes.length, 0)}.`) : null,
    found.published_loss !== null ? card(found.published_loss.toFixed(4), "Loss as published",
      `With softmax applied twice. It cannot fall below ${run.floor?.toFixed(4) ?? "its lower bound"}.`) : null,
  ].filter(Boolean);
}

function misclassified(run) {
  const { accuracy, confusion: matrix, hardest_pairs: pairs } = run.figures;
  const symbols = run.figures.classes.map(({ symbol }) => symbol);
  const wrong = accuracy.count - accuracy.right;
  const gallery = new Gallery(run.name);
  const everything = () => gallery.show({ wrong: true }, "All misclassified digits, most confident first");
  const all = button(`All ${count(wrong)} misclassified`, () => { grid.unmark(); everything(); });
  const grid = confusion(matrix, symbols, (truth, read) => {
    gallery.show({ true: truth, read }, truth === read
      ? `True ${symbols[truth]}, predicted correctly, least confident first`
      : `True ${symbols[truth]}, predicted ${symbols[read]}, most confident first`);
    // On a phone the digits are below the matrix, out of sight.
    if (matchMedia("(max-width: 60rem)").matches) gallery.title.scrollIntoView({ block: "start" });
  });
  everything();
  const never = symbols.filter((_, read) => matrix.every((row) => row[read] === 0));
  return el("section", {}, el("h2", {}, "Misclassified digits"),
    el("p", {}, `${count(wrong)} of ${many(accuracy.count, "digit")} are misclassified. `
      + "Click a cell to see its digits."),
    never.length ? el("p", { class: "note" }, `The network never predicts ${never.join(" or ")}.`) : null,
    el("div", { class: "misclassified" },
      el("div", {}, el("div", { class: "axes" }, el("span", { class: "soft small across" }, "predicted"),
        el("span", { class: "soft small down" }, "true"),
        scrolling("Confusion matrix, scrollable", "scroll", grid.element)),
      el("div", { class: "row" }, all),
      pairs.length ? el("p", { class: "soft small" }, "Most confused pairs: ", pairs.map(([a, b, forth, back]) =>
        `${symbols[a]}→${symbols[b]} ${forth}× and ${symbols[b]}→${symbols[a]} ${back}×`).join("; "), ".") : null),
      gallery.element));
}

function classes({ classes: rows }) {
  const cells = ({ symbol, count: amount, precision, recall, f1 }) => el("tr", {},
    el("th", { scope: "row" }, symbol),
    [count(amount), share(precision), share(recall), share(f1)].map((text) =>
      el("td", { class: "number" }, text)));
  const heads = ["Support", "Precision", "Recall", "F1"].map((title) =>
    el("th", { scope: "col", class: "number" }, title));
  return el("details", {}, el("summary", {}, "Precision and recall by class"),
    scrolling("Precision and recall", "scroll", el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Class"), heads)),
      el("tbody", {}, rows.map(cells)))),
    el("p", { class: "soft small" }, "Support: digits of this class. Precision: the share of predictions of this class that are correct. "
      + "Recall: the share of this class that is found. F1: the harmonic mean of precision and recall."));
}

const trust = (found) => el("section", {}, el("h2", {}, "Calibration and robustness"),
  el("div", { class: "split" }, reliability(found), rotation(found.rotation)));

function foot(run) {
  const { name, options } = run;
  const inside = `/inside?${new URLSearchParams({ network: name })}`;
  const go = !run.learns ? null : run.finished
    ? command(`inkdigits train --resume ${name} --epochs ${run.epochs + 5}${options}`, "Train for five more epochs")
    : command(`inkdigits train --resume ${name}${options}`, "Resume training");
  return [
    el("section", {}, el("h2", {}, "Next steps"),
      run.best === null ? null : el("p", {}, el("a", { class: "button", href: inside },
        "Look inside the network")),
      run.best === null ? null : command(`inkdigits evaluate ${name}${options}`,
        run.figures ? "Evaluate on the test digits again, with a report" : "Evaluate on the test digits"),
      run.live ? null : go,
      run.best === null ? null : command(`inkdigits export ${name}${options}`, "Export as a recogniser")),
    el("details", {}, el("summary", {}, "Recipe"), el("pre", { tabindex: 0 }, el("code", {}, run.toml))),
    el("details", {}, el("summary", {}, "Environment"),
      scrolling("Environment", "scroll", el("table", { class: "facts" }, el("tbody", {},
        facts(run.environment).map(([key, value]) =>
          el("tr", {}, el("th", { scope: "row" }, key), el("td", {}, value))))))),
  ];
}

function facts(environment, before = "") {
  return Object.entries(environment).filter(([, value]) => value !== null).flatMap(([key, value]) => {
    const name = `${before}${key.replaceAll("_", " ")}`;
    return typeof value === "object" ? facts(value, `${name} `) : [[name, String(value)]];
  });
}
