// What both views share: choosing a reason, seeing what others do, images that cannot be read.
import { ask, data, parsed } from "/assets/common.js";

const EVERY_MS = 2500;
const chooser = document.getElementById("chooser");
const detail = document.getElementById("detail");
let version = data.version || data.state.version;

// Asks for a reason; calls back with it and the person's words, or not at all.
export function choose(title, reasons, chosen) {
  const buttons = [...chooser.querySelectorAll("[data-reason]")];
  for (const button of buttons) button.hidden = !reasons.includes(button.dataset.reason);
  document.getElementById("chooser-title").textContent = title;
  detail.value = "";
  chooser.onclick = ({ target }) => {
    const button = target.closest("[data-reason]");
    if (button) finish(button.dataset.reason);
    else if (target.closest("#chooser-close") || target === chooser) chooser.close();
  };
  chooser.onkeydown = (event) => {
    const writing = event.target === detail;
    if (writing && event.key === "Enter") finish("other");
    const button = buttons[Number(event.key) - 1];
    if (writing || !button || button.hidden) return;
    event.preventDefault();
    finish(button.dataset.reason);
  };
  function finish(reason) {
    chooser.close();
    chosen(reason, detail.value.trim());
  }
  chooser.showModal();
  document.getElementById("chooser-title").focus(); // not a button: Enter would press it
}

export function chooserReasons() {
  return [...chooser.querySelectorAll("[data-reason]")].map((button) => button.dataset.reason);
}

// Tells of a change that this page made itself.
export function sawVersion(now) {
  if (now) version = now;
}

// Calls back when another person or program has changed something.
export function watch(changed) {
  async function look() {
    try {
      const now = await (await ask("/version")).json();
      if (now.version !== version) {
        version = now.version;
        document.getElementById("counts").replaceChildren(...parsed(now.progress));
        await changed();
      }
    } catch { /* the server has ended; the next action says so */ }
    setTimeout(look, document.hidden ? 4 * EVERY_MS : EVERY_MS);
  }
  setTimeout(look, EVERY_MS);
}

document.addEventListener("error", ({ target }) => {
  const thumb = target instanceof HTMLImageElement && target.closest(".thumb");
  if (thumb) thumb.classList.add("unreadable");
}, true);
