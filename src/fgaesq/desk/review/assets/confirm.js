// What will be written, line by line; then the writing, which can be undone.
import { bind, parsed, post, sayNext, settings } from "/assets/common.js";

const write = document.getElementById("apply");
const unapply = document.getElementById("unapply");

async function change(path) {
  const done = await post(path);
  if (!done) return;
  write.disabled = true;
  document.getElementById("plan-words").textContent = `${done.said}.`;
  document.getElementById("lines").replaceChildren(...parsed(done.lines));
  document.getElementById("failures").replaceChildren(...parsed(done.failures));
  document.getElementById("trouble").hidden = done.failed === 0;
  document.getElementById("main").focus();
}

async function step(path) {
  const done = await post(path);
  if (!done || done.nothing) return;
  sayNext(done.said);
  location.reload();
}

write.addEventListener("click", () => change("/api/apply"));
if (unapply) unapply.addEventListener("click", () => change("/api/unapply"));
bind({
  undo: () => step("/api/undo"),
  redo: () => step("/api/redo"),
  back: () => {
    const show = settings("shown");
    location.assign(show && show !== "all" ? `/?show=${show}` : "/");
  },
});
