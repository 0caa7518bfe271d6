// The organiser's view: looks again every few seconds, changes who may judge, gives links.
import { ask, bind, parsed, post } from "/assets/common.js";

const LOOK_S = 10;
const by = (id) => document.getElementById(id);

async function look() {
  if (document.visibilityState !== "visible") return;
  const focused = document.activeElement.getAttribute("aria-label");
  try {
    by("tables").replaceChildren(...parsed(await (await ask("/admin/tables")).text()));
  } catch {
    return; // the next look says more
  }
  const again = focused && by("tables").querySelector(`[aria-label="${CSS.escape(focused)}"]`);
  if (again) again.focus({ preventScroll: true });
}

function showLink(done) {
  by("link").hidden = false;
  by("link-name").textContent = done.name;
  by("link-text").value = done.link;
  by("link-text").focus();
  by("link-text").select();
}

async function change(path, body) {
  const done = await post(path, body);
  if (!done) return;
  if (done.link) showLink(done);
  look();
}

by("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = by("name").value.trim();
  if (!name) return;
  by("name").value = "";
  change("/admin/add", { name });
});
by("tables").addEventListener("click", ({ target }) => {
  const { link, set, to, id } = (target.closest("button") || target).dataset;
  if (link) change("/admin/link", { annotator: Number(link) });
  else if (set) change("/admin/standing", { annotator: Number(id), [set]: to === "true" });
});
by("copy").addEventListener("click", () => {
  by("link-text").select();
  if (navigator.clipboard) navigator.clipboard.writeText(by("link-text").value);
  else document.execCommand("copy");
});
bind({ name: () => by("name").focus(), export: () => location.assign("/admin/votes.csv") });
setInterval(look, LOOK_S * 1000);
