// The overview: every series as a strip of its images.
import { bind, data, post, say, sayNext, settings } from "/assets/common.js";
import { choose, chooserReasons, sawVersion, watch } from "/assets/check.js";
import { createGrid } from "/assets/grid.js";

const grid = createGrid({ query: data.query });
const marked = new Set(JSON.parse(settings("marked") || "[]"));
const mergeButton = document.getElementById("merge");

function showMarks() {
  for (const card of document.querySelectorAll(".group")) {
    card.classList.toggle("marked", marked.has(Number(card.dataset.group)));
  }
  mergeButton.disabled = marked.size < 2;
  mergeButton.textContent = marked.size ? `Merge ${marked.size} marked` : "Merge marked";
  settings("marked", JSON.stringify([...marked]));
}

function mark() {
  const { id } = grid;
  if (!marked.delete(id)) marked.add(id);
  showMarks();
  say(marked.has(id) ? `Series ${id} marked` : `Series ${id} no longer marked`);
}

function nextTodo() {
  const at = grid.ids.indexOf(grid.id);
  const open = new Set(data.open);
  const here = [...grid.ids.slice(at + 1), ...grid.ids.slice(0, at + 1)].find((id) => open.has(id));
  const next = here ?? data.open[0];
  if (next === undefined) say("Every series is checked");
  else location.assign(`/series/${next}${here === undefined ? "" : data.query}`);
}

async function renew(id) {
  const card = await grid.renew(id);
  if (!card) return;
  data.open = data.open.filter((one) => one !== id).concat(card.classList.contains("open") ? [id] : []);
  showMarks();
}

async function decide(path, content) {
  const { id, card } = grid;
  if (!card) return;
  const done = await post(path, { series: id, stamp: card.dataset.stamp, ...content });
  if (done) sawVersion(done.version);
  renew(id);
}

function drop() {
  const reasons = chooserReasons();
  choose(`Why drop series ${grid.id}?`, reasons, (reason, detail) => decide("/api/drop", { reason, detail }));
}

async function merge() {
  const ids = [...marked].sort((a, b) => a - b);
  if (ids.length < 2) {
    say("Mark at least two series to merge (space)", true);
    return;
  }
  const stamps = await Promise.all(ids.map(stampOf));
  marked.clear();
  if (stamps.includes(null)) {
    say("A marked series is gone; mark them again", true);
    showMarks();
    return;
  }
  settings("marked", "[]");
  reloadAfter("/api/merge", { series: ids, stamps });
}

async function stampOf(id) {
  const shown = document.querySelector(`.group[data-group="${id}"]`);
  if (shown) return shown.dataset.stamp;
  const answer = await fetch(`/series/${id}/state`);
  return answer.ok ? (await answer.json()).stamp : null;
}

async function reloadAfter(path, content) {
  const done = await post(path, content);
  if (!done || done.nothing) return;
  sayNext(done.said);
  reload(done.series || grid.id);
}

function reload(id) {
  if (id) history.replaceState(null, "", `#group-${id}`);
  location.reload();
}

const actions = {
  left: () => grid.along(-1),
  right: () => grid.along(1),
  up: () => grid.across(-1),
  down: () => grid.across(1),
  open: () => location.assign(`/series/${grid.id}${data.query}`),
  todo: nextTodo,
  keep: () => decide("/api/keep", {}),
  drop,
  mark,
  merge,
  undo: () => reloadAfter("/api/undo", {}),
  redo: () => reloadAfter("/api/redo", {}),
};

for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => location.assign(select.value));
}
new MutationObserver(showMarks).observe(document.getElementById("main"), { childList: true, subtree: true });
grid.start();
showMarks();
const { undo, redo, todo } = actions;
bind(grid.ids.length ? actions : { undo, redo, todo });
watch(async () => {
  const { ids } = grid;
  const answer = await (await fetch(`/ids${data.query}`)).json();
  data.open = answer.open;
  if (ids.join() !== answer.ids.join()) say("Others have changed which series are here; reload to see them");
  else grid.renewAll();
});
