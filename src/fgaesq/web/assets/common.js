// What all views share: keys, changes, announcements, help, theme.
export const data = JSON.parse(document.getElementById("data").textContent);

const said = document.getElementById("said");
const help = document.getElementById("help");
const THEMES = ["", "dark", "light"];
const THEME_WORDS = { "": "Colours as the system says", dark: "Dark", light: "Light" };
let fading = 0;

export function say(words, trouble = false) {
  said.textContent = words;
  said.classList.toggle("trouble", trouble);
  said.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => said.classList.remove("shown"), trouble ? 8000 : 3500);
}

// Says after the next page has come what was done on this one.
export function sayNext(words) {
  sessionStorage.setItem("said", words);
}

// Sends a change; returns what the server says of it, or null after telling the person why not.
export async function post(path, body = {}) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Fgaesq": "1" },
      body: JSON.stringify(body),
    });
    const content = await answer.json();
    if (!answer.ok) {
      say(content.error.message, true);
      return null;
    }
    if (content.counts) document.getElementById("counts").replaceChildren(...parsed(content.counts));
    say(content.said);
    return content;
  } catch {
    say("The page does not answer; is fgaesq still running?", true);
    return null;
  }
}

export async function ask(path, how = {}) {
  const answer = await fetch(path, how);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

// The elements of a piece of the server's HTML. Scripts in it would not run.
export function parsed(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.children];
}

// Puts new items in the place of old ones and keeps their pictures, which would flicker otherwise.
export function renewed(item, old) {
  const before = new Map([...(old ? old.querySelectorAll("img") : [])].map((one) => [one.getAttribute("src"), one]));
  for (const picture of item.querySelectorAll("img")) {
    const kept = before.get(picture.getAttribute("src"));
    if (kept && kept.className === picture.className) picture.replaceWith(kept);
  }
  return item;
}

export function settings(name, value) {
  if (value !== undefined) sessionStorage.setItem(name, value);
  return sessionStorage.getItem(name) || "";
}

function toggleHelp() {
  if (help.open) help.close();
  else help.showModal();
}

function nextTheme() {
  const root = document.documentElement;
  const theme = THEMES[(THEMES.indexOf(root.dataset.theme || "") + 1) % THEMES.length];
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.cookie = `fgaesq-theme=${theme}; path=/; max-age=31536000; samesite=strict`;
  say(THEME_WORDS[theme]);
}

// The names that a key may be bound by, the first that is bound counts. Signs need Shift on some
// keyboards, so that it is no part of their name.
function keyNames({ key, ctrlKey, metaKey, shiftKey }) {
  const control = ctrlKey || metaKey;
  const name = `${control ? "Ctrl+" : ""}${key.length === 1 ? key.toLowerCase() : key}`;
  if (!shiftKey) return [name];
  const shifted = name.replace(/(Ctrl\+)?(.+)/s, "$1Shift+$2");
  return control || key.length > 1 ? [shifted] : [shifted, name];
}

// Gives keys and buttons ([data-do]) their actions.
export function bind(actions) {
  const all = {
    help: toggleHelp,
    theme: nextTheme,
    ...actions,
  };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const names = keyNames(event);
    const bound = data.keys[names.find((name) => data.keys[name])];
    if (document.querySelector("dialog[open]") && bound !== "help") return;
    if (event.target.matches("input, select, textarea") && event.key !== "Escape") return;
    const pressed = { Enter: "button, a, summary", " ": "button, summary" }[event.key];
    if (pressed && event.target.closest(pressed)) return;
    const act = all[bound];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-do]");
    if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const act = all[pressed.dataset.do];
    if (!act) return;
    event.preventDefault();
    act();
  });
  // A press with the mouse leaves the focus where it was, so that the keys go on working there.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("button[data-do]")) event.preventDefault();
  });
  const words = sessionStorage.getItem("said");
  if (words) {
    sessionStorage.removeItem("said");
    setTimeout(() => say(words), 50); // a live region tells only what changes after it is there
  }
  document.documentElement.dataset.ready = "yes";
}
