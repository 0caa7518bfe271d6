// The overview: a grid of fixed boxes. Only the runs of groups near the window are in the page.
import { ask, bind, data, parsed, post, renewed, say, sayNext, settings } from "/assets/common.js";

const runs = [...document.querySelectorAll(".groups")].map((list) => ({
  list,
  ids: list.dataset.ids.split(",").filter(Boolean).map(Number),
  filling: null,
  stop: null,
}));
let current = { run: 0, at: 0 };

const columns = (run) => getComputedStyle(run.list).gridTemplateColumns.split(" ").length;
const cardOf = ({ run, at }) => runs[run] && runs[run].list.children[at];
const idOf = ({ run, at }) => runs[run].ids[at];

function reserve() {
  const style = getComputedStyle(document.documentElement);
  const rem = parseFloat(style.fontSize);
  const row = parseFloat(style.getPropertyValue("--card-height")) * rem;
  const gap = parseFloat(style.getPropertyValue("--card-gap")) * rem;
  for (const run of runs) {
    const rows = Math.ceil(run.ids.length / columns(run));
    run.list.style.minHeight = `${rows * (row + gap) - gap}px`;
  }
}

function fill(run) {
  if (run.list.children.length) return Promise.resolve();
  run.stop ||= new AbortController();
  run.filling ||= ask(`/cards?ids=${run.ids.join(",")}`, { priority: "high", signal: run.stop.signal })
    .then((answer) => answer.text())
    .then((html) => run.list.replaceChildren(...parsed(html)))
    .catch((error) => {
      if (error.name !== "AbortError") location.reload(); // groups that are gone: an old page
    })
    .finally(() => { run.filling = run.stop = null; });
  return run.filling;
}

// What has been scrolled past is not waited for, so that what is seen comes first.
function empty(run) {
  if (run.list.contains(document.activeElement)) return;
  if (run.stop) run.stop.abort();
  run.list.replaceChildren();
}

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const run = runs.find(({ list }) => list === target);
    if (isIntersecting) fill(run);
    else empty(run);
  }
}, { rootMargin: "2000px" });

async function moveTo(place, focus = true) {
  while (!cardOf(place)) await fill(runs[place.run]);
  const old = cardOf(current);
  if (old) old.querySelector("a").tabIndex = -1;
  current = place;
  const link = cardOf(place).querySelector("a");
  link.tabIndex = 0;
  if (focus) {
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
}

function along(by) {
  let { run, at } = current;
  at += by;
  if (at < 0 && run > 0) at = runs[(run -= 1)].ids.length - 1;
  else if (at >= runs[run].ids.length && run + 1 < runs.length) [run, at] = [run + 1, 0];
  if (at >= 0 && at < runs[run].ids.length) moveTo({ run, at });
}

// Up and down stay in the column, also from one run of groups to the next.
function across(by) {
  const { run, at } = current;
  const wide = columns(runs[run]);
  const count = runs[run].ids.length;
  const next = at + by * wide;
  if (next >= 0 && next < count) moveTo({ run, at: next });
  else if (by > 0 && Math.floor(at / wide) < Math.floor((count - 1) / wide)) moveTo({ run, at: count - 1 });
  else if (runs[run + by]) {
    const other = runs[run + by].ids.length;
    const last = Math.floor((other - 1) / wide) * wide;
    const column = at % wide;
    moveTo({ run: run + by, at: Math.min(other - 1, by > 0 ? column : last + column) });
  }
}

function find(id) {
  for (const [run, { ids }] of runs.entries()) {
    const at = ids.indexOf(id);
    if (at >= 0) return { run, at };
  }
  return null;
}

function nextUndecided() {
  const start = runs.slice(0, current.run).reduce((sum, { ids }) => sum + ids.length, current.at);
  const all = runs.flatMap(({ ids }) => ids);
  const open = new Set(data.open);
  const order = [...all.slice(start + 1), ...all.slice(0, start)];
  const next = order.find((id) => open.has(id));
  if (next === undefined) say("No photo is undecided");
  else moveTo(find(next));
}

async function renew(place) {
  const old = cardOf(place);
  const id = idOf(place);
  const [card] = parsed(await (await ask(`/cards?ids=${id}`)).text());
  const focused = old.contains(document.activeElement);
  old.replaceWith(renewed(card, old));
  const open = card.classList.contains("open-question");
  data.open = data.open.filter((one) => one !== id).concat(open ? [id] : []);
  card.querySelector("a").tabIndex = 0;
  if (focused) card.querySelector("a").focus({ preventScroll: true });
}

async function mark(path, content) {
  const place = current;
  const card = cardOf(place);
  if (card && (await post(path, { photos: [Number(card.dataset.photo)], ...content }))) renew(place);
}

async function reloadAfter(path, content) {
  const done = await post(path, content);
  if (!done || done.nothing) return;
  sayNext(done.said);
  history.replaceState(null, "", `#group-${done.group || idOf(current)}`);
  location.reload();
}

function toggleLabel(name) {
  const flag = cardOf(current) && cardOf(current).querySelector(".label");
  mark("/api/mark", { label: flag && flag.classList.contains(name.toLowerCase()) ? "" : name });
}

function merge() {
  const all = runs.flatMap(({ ids }) => ids);
  const at = all.indexOf(idOf(current));
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
    if (state.left !== left) await renewAll();
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

async function renewAll() {
  for (const run of runs.filter(({ list }) => list.children.length)) {
    const html = await (await ask(`/cards?ids=${run.ids.join(",")}`)).text();
    for (const card of parsed(html)) {
      const old = run.list.querySelector(`[data-group="${card.dataset.group}"]`);
      if (!old) continue;
      const link = card.querySelector("a");
      link.tabIndex = old.querySelector("a").tabIndex;
      const focused = old.contains(document.activeElement);
      old.replaceWith(renewed(card, old));
      if (focused) link.focus({ preventScroll: true });
    }
  }
}

const actions = {
  previous: () => along(-1),
  next: () => along(1),
  above: () => across(-1),
  below: () => across(1),
  undecided: nextUndecided,
  open: () => location.assign(`/group/${idOf(current)}`),
  keep: () => mark("/api/mark", { verb: "keep" }),
  reject: () => mark("/api/mark", { verb: "reject" }),
  undecide: () => mark("/api/mark", { verb: "undecided" }),
  clear: () => mark("/api/clear", {}),
  merge,
  undo: () => reloadAfter("/api/undo", {}),
  redo: () => reloadAfter("/api/redo", {}),
};
for (let stars = 0; stars <= 5; stars += 1) actions[`stars-${stars}`] = () => mark("/api/mark", { stars });
for (const name of ["Red", "Yellow", "Green", "Blue"]) actions[`label-${name}`] = () => toggleLabel(name);

settings("shown", data.shown);
reserve();
window.addEventListener("resize", reserve);
for (const run of runs) near.observe(run.list);
document.addEventListener("focusin", ({ target }) => {
  const card = target.closest(".group");
  const place = card && find(Number(card.dataset.group));
  if (place && (place.run !== current.run || place.at !== current.at)) moveTo(place, false);
});
followSlider();
if (data.waiting) followRanking();
if (runs.length) {
  const wanted = /^#group-(\d+)$/.exec(location.hash);
  const place = wanted && find(Number(wanted[1]));
  moveTo(place || current, Boolean(place));
  bind(actions);
} else {
  bind({ undo: actions.undo, redo: actions.redo });
}
