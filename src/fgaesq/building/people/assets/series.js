// One series: its images are looked at, dropped or brought back, split off; then the next one comes.
import { createCompare } from "/assets/compare.js";
import { ask, bind, data, parsed, post, renewed, say, settings } from "/assets/common.js";
import { choose, chooserReasons, sawVersion, watch } from "/assets/check.js";

const NARROWEST_REM = 13;
const CAPTION_REM = 1.9;
const BORDERS_PX = 4;
const list = document.getElementById("tiles");
const comparing = document.getElementById("comparing");
const captions = [0, 1].map((side) => document.getElementById(`caption-${side}`));
const button = (action) => document.querySelector(`.actions [data-do="${action}"], .tools [data-do="${action}"]`);
const digits = [...document.querySelectorAll('.actions [data-do^="reason-"]')].map((one) => one.dataset.reason);

let state = data.state;
let cursor = 0; // place in state.members
let shown = null; // while two are compared: the id that the one under the cursor is compared with
let active = 1; // the pane that keys are about while two are compared
let layout = settings("layout") || "side";
let marked = new Set();

const imageOf = (id) => state.images.find((image) => image.id === id);
const here = () => imageOf(state.members[cursor]);
const chosen = () => {
  if (marked.size) return state.members.filter((id) => marked.has(id));
  return [shown !== null && active === 0 && state.members.includes(shown) ? shown : here().id];
};
const path = (id) => `/series/${id}${data.query}`;

const compare = createCompare(document.getElementById("compare"), {
  onview: ({ percent }) => { document.getElementById("compare").dataset.percent = `${percent} %`; },
  onswipe: (by) => move(by),
  ontap: ({ pane, x, y }) => {
    if (layout === "side") setActive(pane);
    if (compare.view.fitted) compare.zoomTo(100, x, y);
    else compare.fit();
  },
});

// Shows a state that the server gave; keeps cursor and marks where it is the same series.
function show(next) {
  const same = next.id === state.id;
  const id = same && state.members.length ? state.members[cursor] : null;
  const focused = list.contains(document.activeElement) || document.activeElement === document.body;
  state = next;
  sawVersion(state.version);
  marked = new Set(same ? [...marked].filter((one) => state.members.includes(one)) : []);
  cursor = Math.max(0, state.members.indexOf(id));
  const old = new Map([...list.children].map((item) => [item.dataset.image, item]));
  list.replaceChildren(...parsed(state.tiles).map((item) => renewed(item, old.get(item.dataset.image))));
  document.title = `${state.title} · fgaesq`;
  document.getElementById("title").textContent = state.title;
  document.getElementById("facts").textContent = state.facts;
  document.getElementById("state").textContent = state.word;
  document.getElementById("state").className = `state ${state.state}`;
  document.getElementById("counts").replaceChildren(...parsed(state.progress));
  document.getElementById("suggestion").replaceChildren(...parsed(state.suggestion));
  document.getElementById("back").href = `/${data.query}#group-${state.id}`;
  list.classList.toggle("whole-out", state.state === "dropped" || state.state === "few");
  if (!same) endCompare();
  arrange();
  tell(focused);
  if (shown !== null) showPair();
  preload();
}

// Makes the images as large as they can be with all of them in sight, but not too small to judge.
function arrange() {
  const count = state.members.length;
  if (!count || list.hidden) return;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const ratios = state.members.map((id) => imageOf(id)).map(({ width, height }) => width / height);
  const ratio = ratios.sort((a, b) => a - b)[Math.floor(count / 2)] || 1.5;
  const [width, height] = [list.clientWidth - rem, list.clientHeight - rem];
  const gap = 0.5 * rem;
  const caption = CAPTION_REM * rem + BORDERS_PX;
  let best = { columns: 1, size: 0, row: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const row = (height + gap) / Math.ceil(count / columns) - gap;
    const size = Math.min((width + gap) / columns - gap, (row - caption) * ratio);
    if (size > best.size) best = { columns, size, row };
  }
  const least = Math.min(NARROWEST_REM * rem, width / 2 - gap);
  if (best.size < least) {
    const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
    const size = (width + gap) / columns - gap;
    best = { columns, size, row: size / Math.max(ratio, 0.7) + caption };
  }
  const widest = (width + gap) / best.columns - gap;
  const row = Math.min(best.row, (widest - BORDERS_PX) / Math.max(ratios[0], 0.5) + caption);
  const column = Math.max(least, Math.min(widest, (row - caption) * ratios[count - 1] + BORDERS_PX));
  list.style.setProperty("--columns", best.columns);
  list.style.setProperty("--row", `${Math.floor(row)}px`);
  list.style.setProperty("--column", `${Math.floor(column)}px`);
  for (const image of list.querySelectorAll(".own")) image.sizes = `${Math.ceil(column)}px`;
}

// Brings cursor, marks and buttons in line.
function tell(focus = false) {
  [...list.children].forEach((item, place) => {
    const current = place === cursor;
    item.tabIndex = current ? 0 : -1;
    item.classList.toggle("current", current);
    item.setAttribute("aria-selected", String(marked.has(Number(item.dataset.image))));
    if (current && focus && shown === null) item.focus({ preventScroll: true });
    if (current) item.scrollIntoView({ block: "nearest" });
  });
  const ids = state.members.length ? chosen() : [];
  const images = ids.map(imageOf);
  const number = marked.size > 1 ? `${marked.size} images` : "image";
  document.getElementById("target").textContent = `Drop ${number}:`;
  for (const reason of digits) {
    button(`reason-${reason}`).setAttribute("aria-pressed", String(images.some((one) => one.out && one.reason === reason)));
  }
  document.getElementById("back-in").disabled = !images.some(({ out }) => out);
  document.getElementById("mark").setAttribute("aria-pressed", String(Boolean(ids.length) && marked.has(here().id)));
  button("split").disabled = ids.length >= state.members.length;
  button("merge").disabled = button("next").disabled = state.next === null;
  button("previous").disabled = state.previous === null;
  button("compare").disabled = state.members.length < 2;
  button("compare").setAttribute("aria-pressed", String(shown !== null));
  button("beside").setAttribute("aria-pressed", String(list.classList.contains("beside")));
  document.body.classList.toggle("is-comparing", shown !== null);
}

function move(by) {
  if (!state.members.length) return;
  const count = state.members.length;
  cursor = shown === null ? Math.min(count - 1, Math.max(0, cursor + by)) : (cursor + by + count) % count;
  if (shown !== null && shown === here().id) cursor = (cursor + by + count) % count;
  tell(true);
  if (shown !== null) showPair();
}

function across(by) {
  const wide = Number(list.style.getPropertyValue("--columns")) || 1;
  const next = cursor + by * wide;
  const last = state.members.length - 1;
  if (next >= 0 && next <= last) move(by * wide);
  else if (by > 0 && Math.floor(cursor / wide) < Math.floor(last / wide)) move(last - cursor);
}

function toggleCompare() {
  if (shown !== null) {
    endCompare();
    tell(true);
    return;
  }
  if (state.members.length < 2) return;
  const { other } = here();
  const kept = state.members.filter((id) => !imageOf(id).out && id !== here().id);
  const before = state.members[cursor - 1] ?? state.members[cursor + 1];
  shown = other && imageOf(other) ? other : kept[0] ?? before;
  comparing.hidden = false;
  list.hidden = true;
  setActive(1);
  compare.fit();
  setLayout(layout);
  showPair();
  tell();
}

function endCompare() {
  shown = null;
  comparing.hidden = true;
  list.hidden = false;
  compare.show(0, null);
  compare.show(1, null);
  arrange();
}

function showPair() {
  const pair = [imageOf(shown), here()];
  const largest = pair.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
  compare.setScene({ width: largest.width, height: largest.height });
  pair.forEach((image, side) => {
    compare.show(side, {
      fit: `/image/${image.id}/view`, full: `/image/${image.id}/full`, width: image.width, height: image.height, alt: image.name, box: null,
    });
    const item = list.querySelector(`[data-image="${image.id}"] .why`);
    const why = item ? item.textContent : "";
    captions[side].textContent = `${image.name}${why ? ` – ${why}` : ""}`;
    captions[side].classList.toggle("out", image.out);
  });
}

function setLayout(name) {
  layout = settings("layout", name);
  compare.setLayout(name);
  document.body.dataset.layout = name;
  button("layout").setAttribute("aria-pressed", String(name === "side"));
}

function setActive(side) {
  active = side;
  compare.setActive(side);
  captions.forEach((caption, at) => caption.classList.toggle("active", at === side));
  tell();
}

async function load(id, push = true) {
  try {
    const next = await (await ask(`/series/${id}/state${data.query}`)).json();
    if (push && id !== state.id) history.pushState(null, "", path(id));
    show(next);
    return true;
  } catch {
    say(`Series ${id} is not here any more; another person may have split or merged it`, true);
    return false;
  }
}

function go(id) {
  if (id === null || id === undefined) say("There is no other series in this direction");
  else load(id);
}

// Sends a change of this series. What another person did meanwhile is shown, and nothing is changed.
async function change(action, content = {}) {
  const done = await post(action, { series: state.id, stamp: state.stamp, ...content });
  if (done) sawVersion(done.version);
  else await load(state.id, false);
  return done;
}

async function decide(action, content) {
  const done = await change(action, content);
  if (!done) return;
  if (done.series && done.series !== state.id) {
    history.replaceState(null, "", path(done.series));
    await load(done.series, false);
  } else await load(state.id, false);
}

async function settle(action, content) {
  const { todo } = state;
  if (!(await change(action, content))) return;
  if (todo === null) {
    await load(state.id, false);
    say("Every series is checked");
  } else await load(todo);
}

async function reasonOf(reason, detail = "") {
  const images = chosen();
  await decide("/api/out", { images, reason, detail });
  marked.clear();
  tell(true);
}

function out() {
  const images = chosen();
  if (images.every((id) => imageOf(id).out)) backIn();
  else choose(images.length > 1 ? `Why drop ${images.length} images?` : "Why drop the image?", digits, reasonOf);
}

async function backIn() {
  const images = chosen().filter((id) => imageOf(id).out);
  if (!images.length) return;
  await decide("/api/back", { images });
  marked.clear();
  tell(true);
}

function mark() {
  const { id } = here();
  if (!marked.delete(id)) marked.add(id);
  tell();
}

function split() {
  const images = chosen();
  if (images.length >= state.members.length) say("Leave at least one image in the series", true);
  else decide("/api/split", { images });
}

function merge(ids) {
  const series = [state.id, ...ids];
  return decideOn("/api/merge", { series, stamps: series.map((id) => state.stamps[id]) });
}

// Several series are changed, or none is named: the server says which one to look at then.
async function decideOn(action, content = {}) {
  const done = await post(action, content);
  if (done && done.nothing) return;
  if (done) sawVersion(done.version);
  const next = (done && done.series) || state.id;
  history.replaceState(null, "", path(next));
  if (!(await load(next, false))) location.assign(`/${data.query}`);
  else if (done) say(done.said);
}

function accept() {
  if (state.proposes === "split") decide("/api/accept");
  else if (state.proposes === "merge") merge(state.same);
  else say("Nothing is proposed for this series");
}

function back() {
  if (shown !== null) toggleCompare();
  else location.assign(document.getElementById("back").href);
}

function preload() {
  const next = state.todo ?? state.next;
  if (next === null) return;
  const wait = window.requestIdleCallback || setTimeout;
  wait(async () => {
    try {
      const { members } = await (await ask(`/series/${next}/state${data.query}`)).json();
      for (const id of members.slice(0, 12)) new Image().src = `/image/${id}/${members.length > 8 ? "thumb" : "view"}`;
    } catch { /* it is gone: there is nothing to fetch */ }
  });
}

const pan = (x, y) => () => shown !== null && compare.panBy(x * 120, y * 120);
const actions = {
  keep: () => settle("/api/keep"),
  drop: () => choose(`Why drop series ${state.id}?`, chooserReasons(), (reason, detail) => settle("/api/drop", { reason, detail })),
  left: () => move(-1),
  right: () => move(1),
  up: () => across(-1),
  down: () => across(1),
  out,
  "back-in": backIn,
  mark,
  split,
  merge: () => (state.next === null ? say("There is no next series", true) : merge([state.next])),
  accept,
  next: () => go(state.next),
  previous: () => go(state.previous),
  todo: () => (state.todo === null ? say("No other series is to be checked") : load(state.todo)),
  compare: toggleCompare,
  beside: () => { list.classList.toggle("beside"); tell(); },
  layout: () => shown !== null && setLayout(layout === "side" ? "over" : "side"),
  flip: () => shown !== null && setActive(1 - active),
  in: () => shown !== null && compare.zoomBy(1.5),
  "out-zoom": () => shown !== null && compare.zoomBy(1 / 1.5),
  "pan-left": pan(-1, 0),
  "pan-right": pan(1, 0),
  "pan-up": pan(0, -1),
  "pan-down": pan(0, 1),
  undo: () => decideOn("/api/undo"),
  redo: () => decideOn("/api/redo"),
  back,
};
for (const reason of digits) actions[`reason-${reason}`] = () => reasonOf(reason);

list.addEventListener("click", ({ target, ctrlKey, metaKey }) => {
  const item = target.closest(".tile");
  if (!item) return;
  cursor = [...list.children].indexOf(item);
  if (ctrlKey || metaKey) mark();
  tell(true);
});
list.addEventListener("dblclick", toggleCompare);
window.addEventListener("popstate", () => {
  const wanted = /^\/series\/(\d+)$/.exec(location.pathname);
  if (wanted) load(Number(wanted[1]), false);
});
new ResizeObserver(arrange).observe(list);
setLayout(layout);
show(state);
list.children[0]?.focus({ preventScroll: true });
bind(actions);
watch(async () => {
  try {
    const next = await (await ask(`/series/${state.id}/state${data.query}`)).json();
    if (next.id !== state.id) return; // the person went on meanwhile
    const changed = next.stamp !== state.stamp;
    if (changed || next.suggestion !== state.suggestion) show(next);
    else state = next;
    if (changed) say("Another person changed this series");
  } catch {
    say("Another person has split or merged this series", true);
  }
});
