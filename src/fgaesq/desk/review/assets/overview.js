// The overview: cards of all groups, marked by keys.
import { ask, bind, data, parsed, post, say, sayNext, settings } from "/assets/common.js";
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

// The slider: its words follow at once, the series half a second after it came to rest, so that the
// arrow keys can pass over the sizes between.
function followSlider() {
  const size = document.getElementById("size");
  if (!size) return;
  const words = document.getElementById("size-words");
  const first = { value: size.value, words: words.textContent };
  let resting = 0;
  const tell = () => {
    const known = size.value === first.value;
    words.textContent = known ? first.words : data.sizes[Math.round(size.value * (data.sizes.length - 1))];
    size.setAttribute("aria-valuetext", words.textContent);
  };
  const regroup = async () => {
    if (size.value === first.value) return;
    const progress = document.getElementById("waiting"); // of thousands of photos it takes seconds
    progress.textContent = "Finding the series anew…";
    const done = await post("/api/regroup", { size: Number(size.value) });
    if (done) {
      sayNext(done.said);
      sessionStorage.setItem("sized", "yes");
      history.replaceState(null, "", location.pathname + location.search);
      location.reload();
    } else {
      progress.textContent = "";
      size.value = first.value;
      tell();
    }
  };
  const rest = () => {
    clearTimeout(resting);
    resting = setTimeout(regroup, 500);
  };
  size.addEventListener("input", () => { clearTimeout(resting); tell(); });
  size.addEventListener("change", rest);
  if (sessionStorage.getItem("sized")) {
    sessionStorage.removeItem("sized");
    size.focus();
  }
}

// Groups that came out new are ranked meanwhile: their cards are renewed as they get their scores.
async function followRanking() {
  const words = document.getElementById("waiting");
  let left = Infinity;
  for (;;) {
    let state;
    try {
      state = await (await ask("/waiting")).json();
    } catch {
      return; // the desk has gone; the next action says so
    }
    words.classList.toggle("trouble", state.trouble);
    if (words.textContent !== state.said) words.textContent = state.said;
    if (state.left !== left) await grid.renewAll();
    left = state.left;
    if (state.counts) {
      document.getElementById("counts").replaceChildren(...parsed(state.counts));
      data.open = state.open;
      if (!state.trouble) setTimeout(() => { words.textContent = ""; }, 6000);
      return;
    }
    await new Promise((go) => { setTimeout(go, 1000); });
  }
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
followSlider();
if (data.waiting) followRanking();
grid.start();
bind(grid.ids.length ? actions : { undo: actions.undo, redo: actions.redo });
