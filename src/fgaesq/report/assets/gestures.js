// What fingers, mouse and wheel do on an element, as plain calls.
//
//   gestures(element, { pan(dx, dy), zoom(factor, x, y), tap(x, y, event), swipe(by), swipes() })
//
// Lengths are CSS pixels, places are relative to the element. `pan` comes with every move of one
// pointer, `zoom` with the wheel and with two fingers. While `swipes()` is true, one finger does
// not pan: a quick sideways move ends as `swipe(1)` (to the left: next) or `swipe(-1)`.
const TAP_PX = 6;
const SWIPE_PX = 40;

export function gestures(element, act) {
  const fingers = new Map();
  let start = null;
  let travelled = 0;
  let alone = true; // no second finger since the first came down

  const place = (event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { x, y } = place(event);
    const step = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    act.zoom(Math.exp(-step * 0.002), x, y);
  }, { passive: false });

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (fingers.size === 0) {
      start = place(event);
      travelled = 0;
      alone = true;
    } else {
      alone = false;
    }
    fingers.set(event.pointerId, place(event));
    element.setPointerCapture(event.pointerId);
  });

  element.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    fingers.set(event.pointerId, now);
    const rest = [...fingers].find(([id]) => id !== event.pointerId);
    if (rest) {
      const still = rest[1];
      const distance = (p) => Math.max(1, Math.hypot(p.x - still.x, p.y - still.y));
      act.zoom(distance(now) / distance(before), (now.x + still.x) / 2, (now.y + still.y) / 2);
      act.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (!(event.pointerType === "touch" && act.swipes && act.swipes())) {
      act.pan(now.x - before.x, now.y - before.y);
    }
  });

  element.addEventListener("pointerup", (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size > 0 || !alone) return;
    const end = place(event);
    if (travelled < TAP_PX) {
      act.tap(end.x, end.y, event);
      return;
    }
    const across = end.x - start.x;
    const sideways = Math.abs(across) > Math.max(SWIPE_PX, 2 * Math.abs(end.y - start.y));
    if (event.pointerType === "touch" && sideways && act.swipes && act.swipes()) {
      act.swipe(across < 0 ? 1 : -1);
    }
  });
  element.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
}
