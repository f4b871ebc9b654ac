// The reader's own digit: the 28×28 that every figure uses, kept in the browser between pages.

import { fromBase64, send, toBase64 } from "./api.js";
import { Bars } from "./bars.js";
import { button, el, fill } from "./dom.js";
import { Pad } from "./pad.js";
import { Pixels } from "./paint.js";
import { samples } from "./samples.js";

const PLACE = "digit";
const listeners = new Set();
const SEVEN = 7; // among the samples: what is shown before anything was drawn

/** The digit: { pixels: Float32Array(784) from 0 paper to 1 ink, drawn: whether by the reader }. */
export async function digit() {
  const stored = localStorage.getItem(PLACE);
  if (stored) {
    const bytes = fromBase64(stored);
    if (bytes.length === 784) return { pixels: Float32Array.from(bytes, (v) => v / 255), drawn: true };
  }
  return { pixels: (await samples()).pixels(SEVEN), drawn: false };
}

/** Keep bytes (784, 0 paper to 255 ink) as the reader's digit, and tell every figure. */
export async function keepDigit(bytes) {
  localStorage.setItem(PLACE, toBase64(bytes));
  const now = await digit();
  listeners.forEach((listener) => listener(now));
}

/** Call `listener` with the digit: now, and whenever it changes. */
export async function onDigit(listener) {
  listeners.add(listener);
  listener(await digit());
}

/** The digit as its 784 bytes. */
export const asBytes = (pixels) => Uint8Array.from(pixels, (value) => Math.round(255 * value));

/** What shows the digit, and lets the reader draw another. */
export function digitPicker() {
  const shown = new Pixels({ label: "The digit that the figures use", size: 56 });
  const words = el("span", { class: "soft small" });
  onDigit(({ pixels, drawn }) => {
    shown.show(pixels);
    words.textContent = drawn ? "Your digit, as the network sees it." : "A sample; draw your own.";
  });
  return el("div", { class: "mine" }, shown.element,
    el("div", {}, words, el("div", {}, button("Draw a digit", drawAnother))));
}

/** Ask the reader to draw a digit. */
export function drawAnother() {
  const said = el("p", { role: "status" }, "One digit, as large as you like.");
  const bars = new Bars();
  const use = button("Use it", () => dialog.close("use"), { class: "main", disabled: true });
  let found = null;
  let turn = 0;
  const pad = new Pad({ width: 280, height: 280, thickness: 18, label: "Draw one digit", onchange: read });
  pad.canvas.style.maxWidth = "280px";

  async function read() {
    const mine = ++turn;
    if (pad.empty) found = null;
    else {
      try {
        const answer = await send("/api/read-digit?pictures=true", await pad.blob());
        if (mine !== turn) return;
        found = answer.refusal?.startsWith("blank") ? null : answer;
        said.textContent = answer.refusal ?? `Read as ${answer.value}.`;
        bars.show(answer.probabilities);
      } catch (error) {
        said.textContent = error.message;
      }
    }
    use.disabled = found === null;
  }

  const dialog = el("dialog", { "aria-label": "Draw a digit" }, pad.element, said, bars.element,
    el("div", { class: "row", style: { marginTop: "1rem" } }, use, button("Cancel", () => dialog.close())));
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "use" && found) keepDigit(fromBase64(found.seen));
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** Put a picker where `element` is. */
export const mountPicker = (element) => fill(element, digitPicker());
