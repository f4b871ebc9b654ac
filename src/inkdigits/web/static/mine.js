// The reader's own digit: the 28×28 that every figure uses, kept in the browser between pages.

import { fromBase64, send, shades, toBase64 } from "./api.js";
import { Bars } from "./bars.js";
import { button, el, fill } from "./dom.js";
import { Pad } from "./pad.js";
import { Pixels } from "./paint.js";
import { samples } from "./samples.js";
import { inTurn } from "./turns.js";

const PLACE = "digit";
const SEVEN = 7; // among the samples: what is shown before anything was drawn
const ASKED = "Draw one digit, of any size.";
const listeners = new Set();
let kept = null; // where the browser keeps nothing: for this page alone
let turn = 0; // digits that were kept so far

/** The digit: { pixels: Float32Array(784) from 0 paper to 1 ink, drawn: whether by the reader }. */
export async function digit() {
  const pixels = stored();
  return pixels ? { pixels, drawn: true } : { pixels: (await samples()).pixels(SEVEN), drawn: false };
}

/** What is kept, or null; browsers may refuse to keep anything, and what is kept may be spoilt. */
function stored() {
  try {
    const pixels = shades(kept ?? localStorage.getItem(PLACE) ?? "");
    return pixels.length === 784 ? pixels : null;
  } catch {
    return null;
  }
}

/** Keep bytes (784, 0 paper to 255 ink) as the reader's digit, and tell every figure. */
export function keepDigit(bytes) {
  const text = toBase64(bytes);
  try {
    localStorage.setItem(PLACE, text);
  } catch {
    kept = text;
  }
  turn += 1;
  listeners.forEach((listener) => listener({ pixels: shades(text), drawn: true }));
}

/** Call `listener` with the digit: now, and whenever it changes. */
export async function onDigit(listener) {
  listeners.add(listener);
  const mine = turn;
  const now = await digit();
  if (mine === turn) listener(now); // else it was told of a newer one
}

/** The digit as its 784 bytes. */
export const asBytes = (pixels) => Uint8Array.from(pixels, (value) => Math.round(255 * value));

/** Put into `element` what shows the digit, and lets the reader draw another. */
export function mountPicker(element) {
  const shown = new Pixels({ label: "The digit used in the figures", size: 56 });
  const words = el("span", { class: "soft small" });
  onDigit(({ pixels, drawn }) => {
    shown.show(pixels);
    words.textContent = drawn ? "Your digit, as 28×28 network input." : "A sample digit; draw your own.";
  }).catch(({ message }) => { words.textContent = message; });
  fill(element, el("div", { class: "mine" }, shown.element,
    el("div", {}, words, el("div", {}, button("Draw a digit", drawAnother)))));
}

const outcome = ({ reason, value }) => (reason ? `Rejected: ${reason}.` : `Read as ${value}.`);

/** Ask the reader to draw a digit. */
export function drawAnother() {
  const status = el("p", { role: "status" }, ASKED);
  const bars = new Bars("Probability of each symbol");
  const use = button("Use it", () => dialog.close("use"), { class: "main", disabled: true });
  let found = null;
  const read = inTurn(async () => {
    try {
      const answer = pad.empty ? null : await send("/api/read-digit?steps=true", await pad.blob());
      found = answer?.rejection === "blank" ? null : answer;
      status.textContent = answer ? outcome(answer) : ASKED;
      bars.showCandidates(answer?.candidates ?? []);
    } catch (error) {
      found = null;
      status.textContent = error.message;
    }
    use.disabled = found === null;
  });
  const pad = new Pad({ width: 280, height: 280, thickness: 18, label: "Draw one digit", onchange: read });
  const dialog = el("dialog", { class: "drawing-dialog", "aria-label": "Draw a digit" },
    el("h2", {}, "Draw a digit"), pad.element, status, bars.element, el("div", { class: "row actions" }, use, button("Cancel", () => dialog.close())));
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "use" && found) keepDigit(fromBase64(found.network_input));
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
