// The overview: cards of all groups, marked by keys.
import { bind, data, post, say, sayNext, settings } from "/assets/common.js";
import { createGrid } from "/assets/grid.js";

const grid = createGrid();

function nextUndecided() {
  const at = grid.ids.indexOf(grid.id);
  const open = new Set(data.open);
  const next = [...grid.ids.slice(at + 1), ...grid.ids.slice(0, at)].find((id) => open.has(id));
  if (next === undefined) say("No photo is undecided");
  else grid.moveTo(next);
}

async function renew(id) {
  const card = await grid.renew(id);
  if (!card) return;
  const open = card.classList.contains("open-question");
  data.open = data.open.filter((one) => one !== id).concat(open ? [id] : []);
}

async function mark(path, content) {
  const { id, card } = grid;
  if (card && (await post(path, { photos: [Number(card.dataset.photo)], ...content }))) renew(id);
}

async function reloadAfter(path, content) {
  const done = await post(path, content);
  if (!done || done.nothing) return;
  sayNext(done.said);
  history.replaceState(null, "", `#group-${done.group || grid.id}`);
  location.reload();
}

function toggleLabel(name) {
  const flag = grid.card && grid.card.querySelector(".label");
  mark("/api/mark", { label: flag && flag.classList.contains(name.toLowerCase()) ? "" : name });
}

function merge() {
  const all = grid.ids;
  const at = all.indexOf(grid.id);
  if (data.shown !== "all") say("Series are joined in the order of time; choose that view first", true);
  else if (at <= 0) say("There is no series before this one", true);
  else reloadAfter("/api/merge", { groups: [all[at - 1], all[at]] });
}

const actions = {
  previous: () => grid.along(-1),
  next: () => grid.along(1),
  above: () => grid.across(-1),
  below: () => grid.across(1),
  undecided: nextUndecided,
  open: () => location.assign(`/group/${grid.id}`),
  keep: () => mark("/api/mark", { verb: "keep" }),
  reject: () => mark("/api/mark", { verb: "reject" }),
  undecide: () => mark("/api/mark", { verb: "undecided" }),
  clear: () => mark("/api/clear", {}),
  merge,
  confirm: () => location.assign("/confirm"),
  undo: () => reloadAfter("/api/undo", {}),
  redo: () => reloadAfter("/api/redo", {}),
};
for (let stars = 0; stars <= 5; stars += 1) actions[`stars-${stars}`] = () => mark("/api/mark", { stars });
for (const name of ["Red", "Yellow", "Green", "Blue"]) actions[`label-${name}`] = () => toggleLabel(name);

settings("shown", data.shown);
const size = document.getElementById("size");
if (size) size.addEventListener("change", () => reloadAfter("/api/regroup", { size: Number(size.value) }));
grid.start();
bind(grid.ids.length ? actions : { undo: actions.undo, redo: actions.redo });
