// The page Read: what is drawn or dropped is read while the pen moves.

import { fromBase64, send } from "../api.js";
import { button, el, fill, find } from "../dom.js";
import { keepDigit } from "../mine.js";
import { about, likely } from "../numbers.js";
import { Pad } from "../pad.js";
import { Boxes } from "../read/boxes.js";
import { Detail } from "../read/detail.js";
import { listen, sourceButtons } from "../read/sources.js";

// How far the page is, for whoever waits for it: changes drawn, changes read, anything under way.
const state = document.documentElement.dataset;
Object.assign(state, { drawn: "0", read: "0" });

const PLACE = "strokes";
const FOLDED = 6; // refused ones that each have a tile
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
let files = 0; // dropped so far: of two the later one counts
let shown = null; // the last reading
let chosen = 0;
let picked = false; // by the reader; else it is the first that was read
let unfolded = false; // whether many refused ones are shown
let sent = "0"; // the last change that is being read
let again = false;
let underWay = 0;
work(0);

function changed() {
  state.drawn = String(Number(state.drawn) + 1);
  remember();
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
    const found = pad.empty ? null : await send(`/api/read?steps=${steps}`, file ?? (await pad.blob()));
    if (Number(drawn) > Number(state.read) || (steps && drawn === state.read)) show(found);
  } catch (error) {
    if (Number(drawn) >= Number(state.read)) refuse(file, error.message);
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
  if (!digits.length) [picked, unfolded] = [false, false];
  if (!picked) chosen = digits.findIndex((digit) => !digit.refusal);
  chosen = Math.max(0, Math.min(chosen, digits.length - 1));
  said.textContent = found?.text ?? "";
  fill(why, sentence(found));
  fill(tiles, digits.length > 1 ? tiled(digits) : null);
  place();
}

function place() {
  const digits = shown?.digits ?? [];
  boxes.show(shown, chosen);
  detail.show(digits[chosen], shown?.steps, shown);
  for (const button of tiles.querySelectorAll("[data-at]")) {
    button.setAttribute("aria-pressed", Number(button.dataset.at) === chosen);
  }
  const { seen, refusal } = digits[chosen] ?? {};
  if (seen && !refusal) keepDigit(fromBase64(seen));
}

/** A tile for each digit; of many refused ones, one for all. */
function tiled(digits) {
  const refused = digits.filter((digit) => digit.refusal).length;
  if (refused <= FOLDED || unfolded) return digits.map(tile);
  const unfold = () => { unfolded = true; show(shown); };
  return [...digits.map((digit, at) => (digit.refusal ? null : tile(digit, at))),
    button(`Show ${refused} refused`, unfold)];
}

function tile(digit, at) {
  const share = digit.refusal ? "refused" : about(digit.confidence);
  return el("button", { type: "button", class: digit.refusal ? "refused" : null, "data-at": at,
    onclick: () => { [chosen, picked] = [at, true]; place(); } },
  el("b", {}, digit.refusal ? "?" : String(digit.value)), el("span", {}, share));
}

function sentence(found) {
  if (!found) return "";
  const refused = found.digits.filter((digit) => digit.refusal);
  const reasons = [...new Set(refused.map((digit) => digit.refusal))];
  if (!refused.length && !found.text) return "No digit here: blank, or nothing but lines.";
  if (!found.text) return `No digit here: ${reasons.join("; ").replace("no digit", "something else")}.`;
  const count = found.digits.length - refused.length;
  const right = { 1: "Right", 2: "Both right" }[count] ?? `All ${count} right`;
  const words = count ? `${right} with a probability of ${likely(found.confidence)}. ` : "";
  return refused.length ? `${words}${refused.length} refused: ${reasons.join("; ")}.` : words;
}

async function readFile(dropped) {
  const mine = ++files;
  work(1);
  complain("");
  fill(why, "Reading …");
  picked = unfolded = false;
  try {
    const laid = await picture(dropped);
    if (mine === files) {
      file = dropped;
      pad.lay(laid, true);
    }
  } catch (error) {
    if (mine === files) refuse(dropped, error.message);
  }
  work(-1);
}

/** What to lay under the strokes. What no browser shows may still be read: of a TIFF, the grey. */
async function picture(dropped) {
  try {
    return await createImageBitmap(dropped);
  } catch {
    const { steps } = await send("/api/read?steps=true", dropped);
    return createImageBitmap(new Blob([fromBase64(steps.grey)], { type: "image/png" }));
  }
}

/** Say what is wrong; a file that cannot be read does not stay in sight beside it. */
function refuse(dropped, message) {
  if (dropped) pad.clear();
  complain(dropped?.name ? `${dropped.name}: ${message}` : message);
}

/** The strokes outlive the page, for whoever comes back to it: as long as this tab. */
function remember() {
  const kept = { size: [pad.width, pad.height], strokes: pad.strokes };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(kept));
  } catch { /* a browser that keeps nothing */ }
}

function recall() {
  try {
    const { size, strokes } = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    if (strokes?.length && size.join() === [pad.width, pad.height].join()) pad.put(strokes);
  } catch { /* nothing, or nothing of ours */ }
}

function complain(message) {
  shown = null;
  said.textContent = "";
  fill(why, el("span", { class: "bad" }, message));
  fill(tiles);
  boxes.show(null);
  detail.show(null);
}

recall();
