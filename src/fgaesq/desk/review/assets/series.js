// One series: the champion stays, challengers are stepped through, marks are given.
import { createCompare } from "/assets/compare.js";
import { ask, bind, data, parsed, post, renewed, say, sayNext, settings } from "/assets/common.js";

const strip = document.getElementById("strip");
const verdict = document.getElementById("verdict");
const captions = [0, 1].map((side) => document.getElementById(`caption-${side}`));
const button = (action) => document.querySelector(`[data-do="${action}"]`);

let group = data.group;
let maps = { reference: null, spots: [], boxes: {}, grids: {}, legends: {}, effects: [] };
let spot = -1;
const usable = () => group.photos.filter((photo) => photo.usable);
const champion = usable().find(({ verb }) => verb === "keep") || usable()[0];
const shown = [champion, usable().find((photo) => photo !== champion)]; // champion, challenger
let active = shown[1] ? 1 : 0;
let layout = settings("layout") || "side";
let overlay = settings("overlay");
let zoomed = settings("zoomed") === "yes";

const compare = createCompare(document.getElementById("compare"), {
  onview: ({ percent, fitted }) => {
    document.getElementById("percent").textContent = fitted ? "100 %" : "Whole";
    document.getElementById("compare").dataset.percent = `${percent} %`;
  },
  onswipe: step,
  ontap: ({ pane, x, y, at, event }) => {
    const edge = at < 0.2 || at > 0.8;
    if (event.pointerType === "touch" && compare.view.fitted && edge) {
      step(at < 0.5 ? -1 : 1);
      return;
    }
    if (layout === "side" && shown[pane]) setActive(pane);
    toggleZoom({ x, y });
  },
});

function imageOf(photo) {
  if (!photo) return null;
  const overlays = { difference: `/group/${group.id}/difference.png` };
  if (maps.effects.includes(photo.id)) overlays.effect = `/group/${group.id}/effect/${photo.id}.png`;
  return {
    fit: `/photo/${photo.id}/fit`,
    full: `/photo/${photo.id}/full`,
    width: photo.width,
    height: photo.height,
    alt: photo.name,
    box: maps.boxes[photo.id] || null,
    overlays,
    grid: maps.grids[photo.id],
  };
}

function setScene() {
  const size = ({ width, height }) => width * height;
  const known = usable().filter(size);
  const largest = known.find(({ id }) => id === maps.reference)
    || known.reduce((a, b) => (size(b) > size(a) ? b : a), known[0]);
  if (largest) compare.setScene({ width: largest.width, height: largest.height });
}

function showBoth() {
  shown.forEach((photo, side) => compare.show(side, imageOf(photo)));
  tell();
}

// Brings captions, verdict, strip and buttons in line with what is shown.
function tell() {
  shown.forEach((photo, side) => tellPhoto(captions[side], photo, side));
  const [first, second] = shown;
  const key = first && second && `${Math.min(first.id, second.id)}-${Math.max(first.id, second.id)}`;
  const pair = group.pairs[key];
  verdict.textContent = pair ? pair.words : group.words;
  verdict.classList.toggle("unclear", Boolean(pair && pair.close));
  for (const item of strip.children) {
    const id = Number(item.dataset.photo);
    item.classList.toggle("champion", Boolean(first) && id === first.id);
    item.classList.toggle("challenger", Boolean(second) && id === second.id);
    const isActive = Boolean(shown[active]) && id === shown[active].id;
    item.querySelector("button").setAttribute("aria-current", String(isActive));
    if (isActive) item.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  tellButtons();
}

function tellPhoto(caption, photo, side) {
  caption.hidden = !photo || (side === 1 && usable().length < 2);
  caption.classList.toggle("active", side === active);
  if (!photo) return;
  const score = photo.score === null ? "" : photo.score.toFixed(2);
  const parts = [
    ["name", photo.name],
    ["score", score],
    [`verb ${photo.verb}`, photo.said],
    ["stars", "★".repeat(photo.stars)],
  ].filter(([, words]) => words).map(([name, words]) => {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = words;
    return span;
  });
  caption.querySelector(".facts").replaceChildren(...parts);
  caption.querySelector(".why").textContent = photo.reasons.join(", ") || photo.why;
}

function tellButtons() {
  const photo = shown[active];
  const press = (action, on) => button(action).setAttribute("aria-pressed", String(on));
  for (const [action, verb] of [["keep", "keep"], ["reject", "reject"], ["undecide", "undecided"]]) {
    press(action, photo && photo.verb === verb);
  }
  for (let stars = 1; stars <= 5; stars += 1) press(`stars-${stars}`, photo && photo.stars >= stars);
  for (const name of ["Red", "Yellow", "Green", "Blue"]) press(`label-${name}`, photo && photo.label === name);
  press("layout", layout === "side");
  press("difference", overlay === "difference");
  press("effect", overlay === "effect");
  const alone = usable().length < 2;
  for (const action of ["prefer", "other", "layout", "split"]) button(action).disabled = alone;
  button("difference").disabled = !maps.legends.difference;
  button("effect").disabled = !maps.legends.effect;
  button("above").disabled = button("merge").disabled = data.previous === null;
  button("below").disabled = data.next === null;
  button("undecided").disabled = data.undecided === null;
}

function setActive(side) {
  if (!shown[side]) return;
  active = side;
  compare.setActive(side);
  tell();
}

function setLayout(name) {
  layout = settings("layout", name);
  compare.setLayout(shown[1] ? name : "over");
  document.body.dataset.layout = shown[1] ? name : "over";
  tell();
}

function setOverlay(name) {
  overlay = settings("overlay", name);
  compare.setOverlay(maps.legends[name] ? name : "");
  const legends = document.getElementById("legends");
  legends.replaceChildren(...(maps.legends[overlay] ? parsed(maps.legends[overlay]) : []));
  tellButtons();
}

function toggleOverlay(name) {
  if (maps.legends[name]) setOverlay(overlay === name ? "" : name);
  else say(name === "effect" ? "There is no score map of this series" : "There is no map of this series");
}

function toggleZoom(place) {
  zoomed = compare.view.fitted;
  settings("zoomed", zoomed ? "yes" : "no");
  if (!zoomed) compare.fit();
  else if (place) compare.zoomTo(100, place.x, place.y);
  else nextSpot(0);
}

function nextSpot(by = 1) {
  const { spots } = maps;
  if (spots.length) spot = by ? (spot + by) % spots.length : Math.max(spot, 0);
  const { x, y } = spots[spot] || { x: 0.5, y: 0.5 };
  zoomed = true;
  settings("zoomed", "yes");
  compare.zoomTo(100, x, y);
}

// The next photo but the champion; of a single photo, the next series.
function step(by) {
  const photos = usable();
  if (photos.length < 2) {
    go(by < 0 ? data.previous : data.next);
    return;
  }
  let at = photos.findIndex(({ id }) => id === shown[1].id);
  do at = (at + by + photos.length) % photos.length;
  while (photos[at].id === shown[0].id);
  challenge(photos[at]);
  preload(photos[(at + by + photos.length) % photos.length]);
}

function challenge(photo) {
  shown[1] = photo;
  compare.show(1, imageOf(photo));
  setActive(1);
  say(`${photo.name}, ${photo.words}. ${verdict.textContent}`);
}

function preload(photo) {
  new Image().src = `/photo/${photo.id}/fit`;
}

function go(id) {
  if (id === null) say("There is no other series in this direction");
  else location.assign(`/group/${id}`);
}

function back() {
  const show = settings("shown");
  location.assign(`/${show && show !== "all" ? `?show=${show}` : ""}#group-${group.id}`);
}

// Fetches what the server now says of the series; one that is gone leads back to the overview.
async function refresh() {
  try {
    group = await (await ask(`/group/${data.group.id}/state`)).json();
  } catch {
    back();
    return;
  }
  const old = new Map([...strip.children].map((item) => [item.dataset.photo, item]));
  const focused = document.activeElement.closest("[data-photo]");
  strip.replaceChildren(...parsed(group.strip).map((item) => renewed(item, old.get(item.dataset.photo))));
  if (focused) {
    const item = strip.querySelector(`[data-photo="${focused.dataset.photo}"] button`);
    if (item) item.focus({ preventScroll: true });
  }
  const byId = new Map(usable().map((photo) => [photo.id, photo]));
  shown[0] = byId.get(shown[0].id) || usable()[0];
  if (shown[1]) shown[1] = byId.get(shown[1].id) || usable().find(({ id }) => id !== shown[0].id);
  if (!shown[1]) active = 0;
  showBoth();
}

async function change(path, content) {
  const done = await post(path, content);
  if (done) await refresh();
  return done;
}

const mark = (content) => change("/api/mark", { photos: [shown[active].id], ...content });

async function prefer() {
  if (!shown[1]) return;
  const [worse, better] = shown;
  if (!(await change("/api/prefer", { better: better.id, worse: worse.id }))) return;
  const photos = usable();
  shown[0] = photos.find(({ id }) => id === better.id);
  const at = photos.findIndex(({ id }) => id === better.id);
  const rest = [...photos.slice(at + 1), ...photos.slice(0, at)];
  shown[1] = rest[0];
  setActive(1);
  showBoth();
}

async function settle() {
  const on = data.undecided ?? data.next;
  if (!group.protected) {
    const done = await post("/api/settle", { group: group.id, keeper: shown[0].id });
    if (!done) return;
    sayNext(done.said);
  }
  if (on === null) back();
  else location.assign(`/group/${on}`);
}

async function split() {
  if (usable().length < 2) return;
  const done = await post("/api/split", { photos: [shown[active].id] });
  if (done) reload(done.said);
}

async function merge() {
  if (data.previous === null) {
    say("There is no series before this one", true);
    return;
  }
  const done = await post("/api/merge", { groups: [data.previous, group.id] });
  if (!done) return;
  sayNext(done.said);
  location.assign(`/group/${done.group}`);
}

// Undo may bring back or take away series: the page comes anew if the photos are others.
async function undo(path) {
  const before = group.photos.map(({ id }) => id).join();
  const done = await post(path);
  if (!done || done.nothing) return;
  await refresh();
  if (group.photos.map(({ id }) => id).join() !== before) reload(done.said);
}

function reload(words) {
  sayNext(words);
  location.reload();
}

const pan = (x, y) => () => compare.panBy(x * 120, y * 120);
const actions = {
  previous: () => step(-1),
  next: () => step(1),
  above: () => go(data.previous),
  below: () => go(data.next),
  undecided: () => go(data.undecided),
  settle,
  prefer,
  other: () => setActive(1 - active),
  keep: () => mark({ verb: "keep" }),
  reject: () => mark({ verb: "reject" }),
  undecide: () => mark({ verb: "undecided" }),
  clear: () => change("/api/clear", { photos: [shown[active].id] }),
  zoom: () => toggleZoom(),
  spot: () => nextSpot(compare.view.fitted ? 0 : 1),
  in: () => compare.zoomBy(1.5),
  out: () => compare.zoomBy(1 / 1.5),
  "pan-left": pan(-1, 0),
  "pan-right": pan(1, 0),
  "pan-up": pan(0, -1),
  "pan-down": pan(0, 1),
  layout: () => setLayout(layout === "side" ? "over" : "side"),
  difference: () => toggleOverlay("difference"),
  effect: () => toggleOverlay("effect"),
  split,
  merge,
  confirm: () => location.assign("/confirm"),
  undo: () => undo("/api/undo"),
  redo: () => undo("/api/redo"),
  back,
};
for (let stars = 0; stars <= 5; stars += 1) actions[`stars-${stars}`] = () => mark({ stars });
for (const name of ["Red", "Yellow", "Green", "Blue"]) {
  actions[`label-${name}`] = () => mark({ label: shown[active].label === name ? "" : name });
}

strip.addEventListener("click", (event) => {
  const item = event.target.closest("[data-photo]");
  const photo = item && usable().find(({ id }) => id === Number(item.dataset.photo));
  if (!photo) return;
  if (photo.id === shown[0].id) setActive(0);
  else challenge(photo);
});

async function loadMaps() {
  if (usable().length < 2) return;
  try {
    maps = await (await ask(`/group/${group.id}/maps`)).json();
  } catch {
    say("The maps of this series could not be made", true);
    return;
  }
  setScene();
  showBoth();
  setOverlay(overlay);
  if (zoomed) nextSpot(0);
}

// A group that came out new is ranked before others while it is looked at.
async function followRanking() {
  while (!group.ranked) {
    let state;
    try {
      state = await (await ask(`/waiting?group=${group.id}`)).json();
      group = await (await ask(`/group/${group.id}/state`)).json();
    } catch {
      return; // the group or the desk has gone; the next action says so
    }
    if (group.ranked) reload(group.words);
    else if (state.trouble) say(state.said, true);
    if (state.trouble || !state.left) return;
    await new Promise((go) => { setTimeout(go, 500); });
  }
}

setScene();
compare.setActive(active);
showBoth();
setLayout(layout);
bind(actions);
followRanking();
loadMaps().then(() => { document.documentElement.dataset.maps = "yes"; });
