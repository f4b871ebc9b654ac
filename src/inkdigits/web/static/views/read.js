// The page Read: what is drawn or dropped is read while the pen moves.

import { fromBase64, send } from "../api.js";
import { about, likely } from "../bars.js";
import { el, fill, find } from "../dom.js";
import { keepDigit } from "../mine.js";
import { Pad } from "../pad.js";
import { Boxes } from "../read/boxes.js";
import { Detail } from "../read/detail.js";
import { listen, sourceButtons } from "../read/sources.js";

// How far the page is, for whoever waits for it: changes drawn, changes read, anything under way.
const state = document.documentElement.dataset;
Object.assign(state, { drawn: "0", read: "0" });

const reader = find(".reader");
const drawing = find(".drawing");
const wide = Math.max(300, Math.min(760, drawing.clientWidth));

const pad = new Pad({ width: wide, height: wide > 560 ? 420 : Math.round(0.95 * wide), thickness: 14,
  label: "Draw digits here", onchange: changed, onlift: rest });
const boxes = new Boxes(pad.width, pad.height);
const hint = el("div", { class: "hint" }, "Draw here, or drop a picture.");
const surface = el("div", { class: "surface" });
pad.canvas.replaceWith(surface);
surface.append(pad.canvas, boxes.element, hint);

const said = el("p", { class: "said" });
const why = el("p", { class: "why", role: "status" });
const tiles = el("div", { class: "read-digits" });
fill(find(".answer"), said, why, tiles);
const detail = new Detail(find("#detail"), { keeps: reader.dataset.own !== "" });
fill(drawing, pad.element, sourceButtons(readFile, complain));
listen(drawing, readFile, complain);

let file = null; // what was dropped, as long as nothing is drawn on it
let shown = null; // the last reading
let chosen = 0;
let sent = "0"; // the last change that is being read
let again = false;
let underWay = 0;
work(0);

function changed() {
  state.drawn = String(Number(state.drawn) + 1);
  hint.hidden = !pad.empty;
  if (pad.strokes.length || pad.empty) file = null;
  read();
}

// The answer comes first, and its steps when the pen rests. While it moves there is one reading at a
// time; when it is lifted, the answer need not wait for one that is late already.
async function read(steps = file !== null) {
  if (underWay >= (pad.drawing ? 1 : 2)) { again = true; return; }
  work(1);
  again = false;
  const { drawn } = state;
  sent = drawn;
  try {
    const found = pad.empty ? null : await send(`/api/read?pictures=${steps}`, file ?? (await pad.blob()));
    if (Number(drawn) > Number(state.read) || (steps && drawn === state.read)) show(found);
  } catch (error) {
    complain(error.message);
  }
  state.read = String(Math.max(Number(drawn), Number(state.read)));
  if (again) read();
  else if (!steps) rest();
  work(-1);
}

/** The pen was lifted, or an answer came: go on with what is missing. */
function rest() {
  if (pad.drawing || pad.empty) return;
  if (state.read === state.drawn) read(true);
  else if (sent !== state.drawn) read();
}

function work(more) {
  underWay += more;
  state.busy = String(underWay > 0);
}

function show(found) {
  shown = found;
  const digits = found?.digits ?? [];
  chosen = Math.max(0, Math.min(chosen, digits.length - 1));
  said.textContent = found?.text ?? "";
  fill(why, sentence(found));
  fill(tiles, digits.length > 1 ? digits.map(tile) : null);
  place();
}

function place() {
  const digits = shown?.digits ?? [];
  boxes.show(shown, chosen);
  detail.show(digits[chosen], shown?.steps, shown);
  [...tiles.children].forEach((button, at) => button.setAttribute("aria-pressed", at === chosen));
  const { seen, refusal } = digits[chosen] ?? {};
  if (seen && !refusal) keepDigit(fromBase64(seen));
}

function tile(digit, at) {
  const share = digit.refusal ? "refused" : about(digit.confidence);
  return el("button", { type: "button", class: digit.refusal ? "refused" : null,
    onclick: () => { chosen = at; place(); } },
  el("b", {}, digit.refusal ? "?" : String(digit.value)), el("span", {}, share));
}

function sentence(found) {
  if (!found) return "";
  const refused = found.digits.filter((digit) => digit.refusal);
  const reasons = [...new Set(refused.map((digit) => digit.refusal))].join("; ");
  if (!found.text) return `No digit here: ${reasons || "blank, there is no ink"}.`;
  const read = found.digits.filter((digit) => !digit.refusal);
  const sure = read.length === 1 ? "Right" : `All ${read.length} right`;
  const words = read.length ? `${sure} with a probability of ${likely(found.confidence)}.` : "";
  return refused.length ? `${words} Refused: ${reasons}.` : words;
}

async function readFile(dropped) {
  work(1);
  try {
    const laid = await picture(dropped);
    file = dropped;
    pad.lay(laid);
  } catch (error) {
    complain(error.message);
  }
  work(-1);
}

/** What to lay under the strokes. What no browser shows may still be read: of a TIFF, the grey. */
async function picture(dropped) {
  try {
    return await createImageBitmap(dropped);
  } catch {
    const { steps } = await send("/api/read?pictures=true", dropped);
    return createImageBitmap(new Blob([fromBase64(steps.grey)], { type: "image/png" }));
  }
}

function complain(message) {
  shown = null;
  said.textContent = "";
  fill(why, el("span", { class: "bad" }, message));
  fill(tiles);
  boxes.show(null);
  detail.show(null);
}
