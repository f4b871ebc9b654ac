// Which digit is looked at: the reader's own, or one of those that no network has learned from.

import { get, shades } from "../api.js";
import { button, choice, el, fill } from "../dom.js";
import { digit, drawAnother, onDigit } from "../mine.js";
import { grouped } from "../numbers.js";
import { Pixels } from "../paint.js";

const OF = [["mine", "your own digit"], ["mnist", "MNIST test digits"], ["synthetic", "synthetic test digits"]];

/** Put the choice into `element`, where a digit may be said to be one of `symbols`; `onchange({ pixels, truth, query })` is told of every digit. */
export async function mountSource(element, { of = "mine", index = 0, symbols }, onchange) {
  const known = OF.some(([key]) => key === of);
  const state = { of: known ? of : "mine", index, truth: null, pixels: null, count: null };
  const shown = new Pixels({ label: "Input digit", size: 84 });
  const words = el("p", { class: "small soft", role: "status" });
  const note = el("p", { class: "note", hidden: true });
  const number = el("input", { type: "number", min: 0, step: 1, value: index,
    "aria-label": "Index of the test digit", onchange: () => go(Number(number.value)) });
  const steps = el("span", { class: "row steps" },
    button("←", () => go(state.index - 1), { "aria-label": "Previous digit" }), number,
    button("→", () => go(state.index + 1), { "aria-label": "Next digit" }));
  const draw = button("Draw a digit", drawAnother);
  const which = choice({ label: "Input", options: OF, value: state.of, onchange: (key) => {
    state.of = key;
    load();
  } });
  const digits = symbols.map((symbol, k) => [String(k), symbol]);
  const truths = choice({ label: "True label", value: "", options: [["", "unknown"], ...digits],
    onchange: (key) => {
      state.truth = key === "" ? null : Number(key);
      tell();
    } });
  fill(element, shown.element, el("div", { class: "choices" },
    el("div", { class: "row" }, which, steps, draw, truths), words, note));

  let turn = 0;
  const go = (wanted) => {
    if (!Number.isInteger(wanted)) return;
    const last = (state.count ?? 10_000) - 1;
    state.index = Math.min(last, Math.max(0, wanted));
    load();
  };

  async function load() {
    const mine = ++turn;
    const own = state.of === "mine";
    steps.hidden = own;
    draw.hidden = !own;
    try {
      const found = own ? { ...(await digit()), truth: null } : await testDigit(state);
      if (mine !== turn) return;
      Object.assign(state, found);
      note.hidden = true;
    } catch (error) {
      if (mine !== turn) return;
      fill(note, error.message);
      note.hidden = false;
      return;
    }
    words.textContent = own
      ? (state.drawn ? "Your digit, as 28×28 network input." : "A sample digit; draw your own.")
      : `Test digit ${state.index} of ${grouped(state.count)}, label ${symbols[state.truth]}.`;
    tell();
  }

  function tell() {
    number.value = state.index;
    truths.querySelector("select").value = state.truth === null ? "" : String(state.truth);
    shown.show(state.pixels);
    onchange({ pixels: state.pixels, truth: state.truth,
      query: state.of === "mine" ? null : `${state.of}:${state.index}` });
  }

  // The first call comes at once, and loads whatever is chosen.
  await onDigit(() => (state.of === "mine" || !state.pixels) && load());
}

async function testDigit({ of, index }) {
  const found = await get(`/api/test-digits/${index}?of=${of}`);
  return { pixels: shades(found.pixels), truth: found.label, count: found.count };
}
