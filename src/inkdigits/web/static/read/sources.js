// Pictures from elsewhere: dropped, pasted, chosen, taken with the camera.

import { button, el } from "../dom.js";

const MOST = 20_000_000; // bytes that the server takes
const KINDS = "image/png,image/jpeg,image/webp,image/bmp,image/gif,image/tiff";

/** Buttons to choose a picture or to take one; both call `onfile(file)`. */
export function sourceButtons(onfile, complain) {
  const chooser = input({}, onfile, complain);
  // A phone hands a picture over by itself; pages that are not private get no other camera.
  const shooter = input({ capture: "environment" }, onfile, complain);
  return el("div", { class: "row sources" },
    button("Choose a picture", () => chooser.click()),
    button("Camera", () => (navigator.mediaDevices ? shoot(onfile, complain) : shooter.click())),
    el("span", { class: "soft small" }, "or drag and drop, or paste"), chooser, shooter);
}

/** Let pictures be dropped on `element` and pasted anywhere. */
export function listen(element, onfile, complain) {
  const over = (event, is) => {
    event.preventDefault();
    element.classList.toggle("dropping", is);
  };
  element.addEventListener("dragover", (event) => over(event, true));
  element.addEventListener("dragleave", (event) => over(event, false));
  element.addEventListener("drop", (event) => {
    over(event, false);
    take(event.dataTransfer.files[0], onfile, complain);
  });
  // Beside the pad a drop would open the picture in place of the page.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => event.preventDefault());
  document.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.files[0];
    if (pasted) take(pasted, onfile, complain);
  });
}

function input(attributes, onfile, complain) {
  const made = el("input", { type: "file", accept: KINDS, hidden: true, ...attributes,
    onchange: () => {
      take(made.files[0], onfile, complain);
      made.value = "";
    } });
  return made;
}

function take(file, onfile, complain) {
  if (!file) return;
  if (file.size > MOST) complain(`${file.name} is larger than ${MOST / 1e6} MB: choose a smaller picture.`);
  else onfile(file);
}

async function shoot(onfile, complain) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    complain(`The camera cannot be used (${error.message || error.name}): choose a picture instead.`);
    return;
  }
  const video = el("video", { autoplay: true, playsinline: true, muted: true });
  video.srcObject = stream;
  const canvas = el("canvas");
  const taken = button("Take picture", () => {
    Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => onfile(blob), "image/jpeg", 0.92);
    dialog.close();
  }, { class: "main", disabled: true });
  video.addEventListener("loadeddata", () => { taken.disabled = false; });
  const dialog = el("dialog", { "aria-label": "Take a picture" }, video,
    el("div", { class: "row" }, taken, button("Cancel", () => dialog.close())));
  dialog.addEventListener("close", () => {
    stream.getTracks().forEach((track) => track.stop());
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
