// Two images, one question. What is answered is kept here until the server has it for good.
import { bind, data, say } from "/assets/common.js";
import { createCompare } from "/assets/compare.js";

const by = (id) => document.getElementById(id);
const UNSENT = "fgaesq-unsent";
const WAITS_S = [0.5, 1, 2, 4, 8];
let state = data.state;
let chosen = new Set(); // words of the reasons
let sending = false;
let active = 0;
let layout = "side";
let seen = 0; // ms for which the pair was in view
let since = null; // when it came into view; null while it is hidden or its pictures are not there
let resting = { at: Date.now(), votes: 0 };
const ahead = [new Image(), new Image()];

const compare = createCompare(by("compare"), {
  onview: ({ percent, fitted }) => {
    by("percent").textContent = fitted ? "100 %" : "Whole";
    by("compare").dataset.percent = `${percent} %`;
  },
  onswipe: () => { if (layout === "over") turn(1 - active); },
  ontap: ({ x, y, pane }) => {
    if (layout === "side") turn(pane);
    zoom({ x, y });
  },
});
const pictures = () => compare.panes.map((pane) => pane.querySelector(".whole"));

// 100 %, and of small images, which are shown larger than that anyway, twice as large.
function zoom({ x, y }) {
  const { fitted, percent } = compare.view;
  if (fitted) compare.zoomTo(Math.max(100, 2 * percent), x, y);
  else compare.fit();
}

function turn(side) {
  active = side;
  compare.setActive(side);
}

function setLayout(name) {
  layout = name;
  compare.setLayout(name);
  by("layout").setAttribute("aria-pressed", String(name === "over"));
  by("other").disabled = name !== "over";
}

function show() {
  const [pair, next] = state.pairs;
  by("work").hidden = !pair;
  by("through").hidden = Boolean(pair);
  by("message").textContent = state.message;
  by("progress").textContent = state.words;
  by("share").style.width = `${(100 * state.done) / Math.max(1, state.done + state.left)}%`;
  by("undo").disabled = !state.undo;
  chosen = new Set();
  seen = 0;
  since = null;
  if (!pair) return;
  const area = ({ width, height }) => width * height;
  const [one, other] = pair.images;
  compare.setScene(area(one) >= area(other) ? one : other);
  compare.fit();
  turn(0);
  pair.images.forEach((image, side) => compare.show(side, { ...image, alt: `Image ${side + 1}` }));
  for (const picture of pictures()) {
    picture.onload = look;
    picture.onerror = () => fetchAgain(picture);
  }
  by("reasons").replaceChildren(...pair.reasons.map(chip));
  if (next) next.images.forEach((image, side) => { ahead[side].src = image.fit; });
  look();
}

function chip(word, place) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.dataset.do = `reason-${place + 1}`;
  button.setAttribute("aria-pressed", "false");
  const key = document.createElement("kbd");
  key.textContent = place + 1;
  button.append(key, word);
  return button;
}

function toggleReason(place) {
  const word = state.pairs.length && state.pairs[0].reasons[place];
  if (!word) return;
  if (!chosen.delete(word)) chosen.add(word);
  by("reasons").children[place].setAttribute("aria-pressed", String(chosen.has(word)));
}

// Counts only the time in which both pictures are there and the page is in view.
function look() {
  const asked = document.visibilityState === "visible" && state.pairs.length > 0;
  const there = asked && pictures().every((one) => one && one.complete && one.naturalWidth);
  if (there && since === null) since = performance.now();
  else if (!there && since !== null) {
    seen += performance.now() - since;
    since = null;
  }
  document.documentElement.dataset.seen = there ? state.pairs[0].key : "";
}

const seconds = () => (seen + (since === null ? 0 : performance.now() - since)) / 1000;

const wait = (s) => new Promise((done) => { setTimeout(done, s * 1000); });

// Asks until the server has answered, and reads the answer, as long as it is wanted.
async function answered(request, read, trouble, wanted = () => true) {
  for (let tries = 0; wanted(); tries += 1) {
    try {
      const answer = await request();
      if (answer.status < 500) return { ok: answer.ok, content: await read(answer) };
    } catch {
      // the server is away, or went away while it answered
    }
    if (wanted()) say(trouble, true);
    await wait(WAITS_S[Math.min(tries, WAITS_S.length - 1)]);
  }
  return null;
}

// Sends a change; one that comes twice counts once on the server.
const deliver = ({ path, body }) => answered(
  () => fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Fgaesq": "1" },
    body: JSON.stringify(body),
  }),
  (answer) => answer.json(),
  "Not sent yet: the server does not answer. Your answer is kept and sent again.",
);

// A browser asks for a picture once. If the server was away then, the pair would wait for ever.
async function fetchAgain(picture) {
  await wait(WAITS_S[0]);
  const got = await answered(
    () => fetch(picture.src),
    (answer) => answer.blob(),
    "A picture is not there yet: the server does not answer. It is asked for again.",
    () => picture.isConnected,
  );
  if (!got || !picture.isConnected) return;
  if (got.ok) picture.src = picture.getAttribute("src");
  else say("A picture cannot be shown: skip the pair, or call the series bad", true);
}

async function send(change) {
  sending = true;
  document.body.classList.add("sending");
  localStorage.setItem(UNSENT, JSON.stringify(change));
  let { ok, content } = await deliver(change);
  localStorage.removeItem(UNSENT);
  if (!ok) {
    say(content.error.message, true);
    try {
      content = await (await fetch("/api/state")).json();
    } catch {
      content = state;
    }
  } else if (content.said) say(content.said);
  sending = false;
  document.body.classList.remove("sending");
  if (content.pairs) state = content;
  show();
}

function answer(path, more = {}) {
  const [pair] = state.pairs;
  if (!pair || sending) return Promise.resolve();
  return send({ path, body: { key: pair.key, ...more } });
}

async function judge(better) {
  if (sending || !state.pairs.length) return;
  if (since === null) {
    say("Wait until both images are there");
    return;
  }
  const reasons = better === "tie" ? [] : [...chosen];
  resting.votes += 1;
  await answer("/api/vote", { better, seconds: seconds(), reasons });
  remind();
}

function undo() {
  if (sending || !state.undo) {
    say("There is nothing to take back");
    return;
  }
  resting.votes = Math.max(0, resting.votes - 1);
  send({ path: "/api/undo", body: { key: state.undo } });
}

function remind() {
  const minutes = (Date.now() - resting.at) / 60000;
  const { minutes: most, votes } = state.rest;
  const tired = (most && minutes >= most) || (votes && resting.votes >= votes);
  if (!tired || !state.pairs.length) return;
  by("pause-words").textContent =
    `${resting.votes} answers in ${Math.max(1, Math.round(minutes))} minutes. Eyes judge better after `
    + "a rest of five minutes; nothing is lost while you are away.";
  by("pause").showModal();
  resting = { at: Date.now(), votes: 0 };
}

function closes(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) dialog.close();
  });
}

function callBad(reason) {
  by("bad").close();
  answer("/api/bad", { reason });
}

by("bad").addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-bad]");
  if (pressed) callBad(pressed.dataset.bad);
});
by("bad").addEventListener("keydown", (event) => {
  const pressed = by("bad").querySelectorAll("[data-bad]")[Number(event.key) - 1];
  if (!pressed) return;
  event.preventDefault();
  callBad(pressed.dataset.bad);
});
closes(by("bad"));
closes(by("pause"));
by("pause").addEventListener("close", () => { resting = { at: Date.now(), votes: 0 }; });
document.addEventListener("visibilitychange", look);

const pan = (x, y) => () => compare.panBy(x * 120, y * 120);
const actions = {
  left: () => judge("left"),
  right: () => judge("right"),
  tie: () => judge("tie"),
  skip: () => answer("/api/skip"),
  bad: () => { if (state.pairs.length && !sending) by("bad").showModal(); },
  undo,
  zoom: () => zoom({ x: 0.5, y: 0.5 }),
  in: () => compare.zoomBy(1.5),
  out: () => compare.zoomBy(1 / 1.5),
  "pan-left": pan(-1, 0),
  "pan-right": pan(1, 0),
  "pan-up": pan(0, -1),
  "pan-down": pan(0, 1),
  layout: () => setLayout(layout === "side" ? "over" : "side"),
  other: () => { if (layout === "over") turn(1 - active); },
};
for (let place = 0; place < 9; place += 1) actions[`reason-${place + 1}`] = () => toggleReason(place);

setLayout("side");
show();
bind(actions);
const unsent = localStorage.getItem(UNSENT);
if (unsent) send(JSON.parse(unsent));
