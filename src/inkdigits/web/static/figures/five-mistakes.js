// Five mistakes, each with the runs that made it and those that did not, as `python -m benchmarks guide` measured them.

import { get } from "../api.js";
import { Chart } from "../chart.js";
import { choice, el, fill, slider } from "../dom.js";
import { legend } from "../legend.js";
import { frac, lines, math, mi, mn, mo, row, sub, sup, text } from "../mathml.js";
import { grouped, number, percent } from "../numbers.js";
import { panel, scrolling } from "../pieces.js";

const FLOOR = Math.log(1 + 9 / Math.E); // of the loss, where softmax is taken twice over ten classes

export async function mount({ figure, formula }) {
  const measured = await get("/static/mistakes.json");
  const tell = (...parts) => fill(formula, math(...parts));
  const mistakes = [twice, decisions, onTest, alias, unstepped];
  const place = el("div", { class: "part" });
  const tabs = mistakes.map(({ title }, k) => el("button", { type: "button", onclick: () => open(k) },
    `${k + 1}. ${title}`));

  function open(k) {
    tabs.forEach((tab, at) => tab.setAttribute("aria-pressed", String(at === k)));
    const { fault, remedy, runs, make } = mistakes[k];
    fill(place,
      el("div", { class: "codes" }, code("wrong", fault), code("right", remedy)),
      ...make(measured.runs, tell),
      commands(measured, runs));
  }

  fill(figure, el("div", { class: "row", role: "group", "aria-label": "Mistakes" }, tabs), place);
  open(0);
}

const scrolled = (text, label) => el("pre", { tabindex: 0, "aria-label": label }, el("code", {}, text));
const code = (title, text) => panel(title, scrolled(text, title));
const sentence = () => el("p", { class: "says", role: "status" });
const of = (history, name) => history.map((epoch) => epoch[name]);
const interval = ({ value, low, high }) => `${percent(value, 2)} [${percent(low, 2)}, ${percent(high, 2)}]`;

function commands({ machine, seed, command, runs }, keys) {
  const { hardware, inkdigits, torch, python } = machine;
  return el("details", {}, el("summary", {}, "How these figures were made"),
    scrolled(keys.map((key) => runs[key].command).join("\n"), "Commands that train these runs"),
    el("p", { class: "small soft" }, "All at once: ", el("code", {}, command),
      ". Seed ", String(seed),
      `, ${hardware}; inkdigits ${inkdigits}, PyTorch ${torch}, Python ${python}.`));
}

/** A chart by epoch: lines are [values, colour, dash, first epoch]. */
function byEpoch(label, { title, height = 250, ...axis }) {
  const drawing = el("div", { class: "low" });
  const chart = new Chart(drawing, label);
  const show = (all, more = {}) => chart.show(
    all.map(([y, color, dash = "solid", mode = "lines+markers", x = y.map((_, k) => k + 1)]) => ({
      x, y, mode, line: { color, dash, width: 2.5 }, marker: { color, size: mode === "markers" ? 15 : 5,
        symbol: mode === "markers" ? "star" : "circle" },
      hovertemplate: "epoch %{x}: %{y}<extra></extra>" })),
    { height, showlegend: false, margin: { t: 10 }, xaxis: { title: { text: "epoch" }, fixedrange: true,
      dtick: 1, ...more.xaxis },
      yaxis: { title: { text: title }, fixedrange: true, ...axis, ...more.yaxis } });
  return { drawing, show };
}

const constant = (value, history, color = "ink") => [history.map(() => value), color, "dot", "lines"];

/** Which digits a network never reads. */
function lost({ recall }) {
  const gone = recall.flatMap((share, digit) => (share === 0 ? [digit] : []));
  if (!gone.length) return "predicts every digit";
  return `never predicts a ${gone.join(gone.length > 2 ? ", a " : " or a ")}`;
}

const twice = {
  title: "softmax twice",
  fault: "outputs = softmax(network(images))\nloss = cross_entropy(outputs, labels)",
  remedy: "logits = network(images)\nloss = cross_entropy(logits, labels)",
  runs: ["published", "published-logits"],
  make(runs, tell) {
    const [faulty, mended] = [runs.published, runs["published-logits"]];
    const { drawing, show } = byEpoch("Training loss by epoch, with the second softmax and without",
      { title: "training loss", rangemode: "tozero" });
    const says = sentence();
    show([[of(faulty.history, "train_loss"), "validation"], [of(mended.history, "train_loss"), "train"],
      constant(FLOOR, faulty.history)]);
    const sure = (share) => {
      const [other, powers] = [(1 - share) / 9, (value) => Math.exp(value)];
      const again = powers(share) / (powers(share) + 9 * powers(other));
      const once = share > 0 ? number(-Math.log(share), 2) : "∞";
      says.textContent = `With ${percent(share, 0)} for the true digit, the loss is ${once} after one softmax, and `
        + `${number(-Math.log(again), 4)} after two.`;
      const e = (power) => sup(mi("e"), mn(number(power, 2)));
      tell(mo("−"), mi("log"), frac(e(share), row(e(share), mo("+"), mn(9), mo("·"), e(other))), mo("="),
        mn(number(-Math.log(again), 4)));
    };
    sure(1);
    const [with2, with1] = [faulty, mended].map((run) =>
      `${lost(run)} and classifies ${percent(run.accuracy.value, 2)}`);
    const measured = `As published, the network ${with2} of the test digits correctly; `
      + `without the second softmax it ${with1}.`;
    return [el("h3", {}, "The loss has a lower bound"),
      legend(["line", "validation", "softmax twice, as published"], ["line", "train", "once"],
        ["dotted", "ink", `lower bound ${number(FLOOR, 4)}`]),
      drawing, el("p", { class: "says" }, measured),
      el("div", { class: "controls" }, slider({ label: "Probability of the true digit", min: 0, max: 1, step: 0.01,
        value: 1,
        show: (value) => percent(value, 0), oninput: sure })), says];
  },
};

const decisions = {
  title: "ten decisions per digit",
  fault: "right = outputs.round() == one_hot",
  remedy: "right = outputs.argmax(1) == labels",
  runs: ["published", "published-logits", "asked"],
  make(runs, tell) {
    const names = { published: "as published", asked: "at three times the rate",
      "published-logits": "without the second softmax" };
    const [table, says] = [scrolling("Correct outputs per digit", "scroll"), sentence()];
    const show = (key) => {
      const { decisions_right: right, accuracy, element_wise_accuracy: stored } = runs[key];
      const kinds = right.flatMap((count, ten) => (count ? [[ten, count]] : [])).reverse();
      const digits = accuracy.count;
      const share = stored ?? kinds.reduce((total, [ten, count]) => total + ten * count, 0) / (10 * digits);
      fill(table, el("table", {}, el("tr", {}, el("th", {}, "correct outputs"),
        el("th", { class: "number" }, "digits"), el("th", {}, "case")),
        kinds.map(([ten, count]) => el("tr", {}, el("td", {}, `${ten} of 10`),
          el("td", { class: "number" }, grouped(count)),
          el("td", {}, MEANING[ten] ?? "")))));
      says.textContent = `Element-wise accuracy ${percent(share, 2)}, top-1 accuracy `
        + `${percent(accuracy.value, 2)}. `
        + "A network whose outputs are all 0 would have 90.00% and 0.00%.";
      tell(frac(row(...kinds.flatMap(([ten, count], at) =>
        [...(at ? [mo("+")] : []), mn(ten), mo("·"), mn(grouped(count))])),
        row(mn(10), mo("·"), mn(grouped(digits)))), mo("="), mn(number(share, 4)));
    };
    show("published");
    return [el("h3", {}, "A wrong prediction counts as 80% right"),
      el("div", { class: "controls" }, choice({ label: "Network", value: "published",
        options: Object.entries(names), onchange: show })),
      table, says];
  },
};
const MEANING = { 10: "confident and right", 9: "no output above a half, or two",
  8: "confident and wrong: one output too many, one missing" };

const onTest = {
  title: "chosen on test",
  fault: "if test_accuracy > best:\n    best = test_accuracy",
  remedy: "if validation_accuracy > best:\n    best = validation_accuracy",
  runs: ["chosen-on-test", "chosen-on-validation"],
  make(runs, tell) {
    const [faulty, honest] = [runs["chosen-on-test"], runs["chosen-on-validation"]];
    const seen = of(faulty.history, "validation_accuracy"); // its validation digits are the test digits
    const { drawing, show } = byEpoch("Accuracy on the test digits by epoch, and the best so far",
      { title: "test accuracy", tickformat: ".2%" });
    const says = sentence();
    const look = (count) => {
      const best = seen.map((_, k) => Math.max(...seen.slice(0, Math.min(k + 1, count))));
      const at = seen.indexOf(best[count - 1]);
      show([[seen, "train"], [best.slice(0, count), "validation", "dash", "lines"],
        [[seen[at]], "validation", "solid", "markers", [at + 1]]]);
      const last = seen.slice(0, count).slice(-5);
      const mean = last.reduce((a, b) => a + b, 0) / last.length;
      says.textContent = `After ${count} ${count === 1 ? "look" : "looks"} epoch ${at + 1} is reported, with `
        + `${percent(seen[at], 2)}; the last ${last.length} have ${percent(mean, 2)} on average. `
        + `The honest run chose epoch ${honest.chosen} by validation digits, and was tested once: `
        + `${interval(honest.accuracy)}. With ${grouped(honest.accuracy.count)} digits and few looks `
        + "the bias is small, but always in your favour.";
      tell(mi("max"), mo("("), ...seen.slice(0, count).flatMap((value, k) =>
        [...(k ? [mo(",")] : []), mn(number(100 * value, 2))]),
        mo(")"), mo("="), mn(number(100 * seen[at], 2)));
    };
    look(seen.length);
    return [el("h3", {}, "The best of many looks"),
      legend(["line", "train", "test digits, every epoch"], ["dashed", "validation", "best so far"],
        ["star", "validation", "reported"]), drawing,
      el("div", { class: "controls" }, slider({ label: "Looks", min: 1, max: seen.length, value: seen.length,
        oninput: look })), says];
  },
};

const alias = {
  title: "the aliased best",
  fault: "if loss < best_loss:\n    best = model.state_dict()",
  remedy: "if loss < best_loss:\n    best = deepcopy(model.state_dict())",
  runs: ["aliased", "copied"],
  make(runs, tell) {
    const [faulty, mended] = [runs.aliased, runs.copied];
    const losses = of(faulty.history, "validation_loss");
    const { drawing, show } = byEpoch("Loss of the saved weights by epoch, saved by reference and as a copy",
      { title: "validation loss" });
    const says = sentence();
    const at = (epoch) => {
      const best = losses.map((_, k) => Math.min(...losses.slice(0, k + 1)));
      const found = losses.indexOf(best[epoch - 1]);
      show([[losses.slice(0, epoch), "validation"], [best.slice(0, epoch), "train", "dash"],
        [[losses[epoch - 1]], "validation", "solid", "markers", [epoch]]], {
        xaxis: { range: [0.7, losses.length + 0.3] },
        yaxis: { range: [0.9 * Math.min(...losses), 1.05 * Math.max(...losses)] } });
      says.textContent = `After epoch ${epoch} the best was epoch ${found + 1}, with `
        + `${number(losses[found], 4)}; the alias holds epoch ${epoch}, with `
        + `${number(losses[epoch - 1], 4)}. `
        + `In the end the alias has a test accuracy of ${percent(faulty.accuracy.value, 2)}, `
        + `the copy ${percent(mended.accuracy.value, 2)}.`;
      tell(lines([sub(mi("copy"), mn(epoch)), mo("="), mi("min"),
        row(mo("("), sub(mi("L"), mn(1)), mo(","), mo("…"), mo(","),
        sub(mi("L"), mn(epoch)), mo(")")), mo("="), mn(number(losses[found], 4))],
      [sub(mi("alias"), mn(epoch)), mo("="), sub(mi("L"), mn(epoch)), mo("="),
        mn(number(losses[epoch - 1], 4))]));
    };
    at(losses.length);
    return [el("h3", {}, "What the variable best holds"),
      legend(["line", "validation", "saved by reference"], ["dashed", "train", "saved as a copy"],
        ["star", "validation", "now"]), drawing,
      el("div", { class: "controls" }, slider({ label: "Epoch", min: 1, max: losses.length,
        value: losses.length, oninput: at })), says];
  },
};

const unstepped = {
  title: "the scheduler that never steps",
  fault: "scheduler = LinearLR(optimiser)\nfor epoch in range(10): ...",
  remedy: "for epoch in range(10): ...\n    scheduler.step()",
  runs: ["published", "stepped", "asked", "published-logits", "stepped-logits", "asked-logits"],
  make(runs, tell) {
    const kinds = [["published", "never stepped", "validation", "solid"],
      ["stepped", "stepped", "train", "dash"],
      ["asked", "no scheduler", "good", "dot"]];
    const [rates, scores] = [byEpoch("Learning rate by epoch",
      { title: "rate", height: 200, rangemode: "tozero" }),
      byEpoch("Validation accuracy by epoch", { title: "validation accuracy", height: 230,
        tickformat: ".0%" })];
    const says = sentence();
    const show = (head) => {
      const chosen = kinds.map(([key, name, colour, dash]) =>
        ({ name, colour, dash, run: runs[key + head] }));
      rates.show(chosen.map(({ run, colour, dash }) => [of(run.history, "rate"), colour, dash, "lines"]));
      scores.show(chosen.map(({ run, colour, dash }) =>
        [of(run.history, "validation_accuracy"), colour, dash]));
      const parts = chosen.map(({ name, run }) => `${name} ${interval(run.accuracy)}, ${lost(run)}`);
      says.textContent = `Test accuracy: ${parts.join("; ")}.`;
      tell(lines(...chosen.map(({ name, run }) => [sub(mi("η"), mn(10)), mo("="),
        mn(number(run.history.at(-1).rate, 5)),
        mo(","), text(name)])));
    };
    show("");
    return [el("h3", {}, "One learning rate set, three used"),
      el("div", { class: "controls" }, choice({ label: "Network", value: "",
        options: [["", "softmax twice, as published"], ["-logits", "without the second softmax"]],
        onchange: show })),
      legend(...kinds.map(([, name, colour, dash]) =>
        [{ solid: "line", dash: "dashed", dot: "dotted" }[dash], colour, name])),
      rates.drawing, scores.drawing, says];
  },
};
