// Two images with one zoom: side by side, or one over the other to flip between.
//
//   const compare = createCompare(element, { onview, ontap, onswipe });
//   compare.setScene({ width, height });          // of the largest image, pixels
//   compare.show(0, image); compare.show(1, image);
//     image: { fit, full, width, height, alt, box, overlays, grid }
//       fit, full: addresses of the whole image, reduced and in all its pixels (fetched on zoom)
//       box: [top, left, bottom, right], where the common scene lies in the image, in fractions of
//         it; null if that is not known. The same point of the scene is shown in both images, also
//         where the camera moved or the crop differs.
//       overlays: { name: address } of pictures that can be laid over
//       grid: [top, left, bottom, right], where those lie in the image
//   compare.setLayout("side" | "over"); compare.setActive(0 | 1); compare.setOverlay(name | "")
//   compare.fit(); compare.zoomTo(percent, x, y); compare.zoomBy(factor); compare.panBy(dx, dy)
//   compare.view -> { x, y, percent, fitted }
//
// Places (x, y) are fractions of the scene. 100 percent is one pixel of the scene on one pixel of
// the screen. Callbacks: onview(view) after each change, ontap({ pane, x, y, at, event }) where
// `at` is the share of the pane's width, onswipe(1 | -1) while the whole image is seen.
import { gestures } from "/assets/gestures.js";

const LARGEST_PERCENT = 800;
const WHOLE = [0, 0, 1, 1];

export function createCompare(element, { onview, ontap, onswipe } = {}) {
  const panes = [0, 1].map(makePane);
  let scene = { width: 3, height: 2 };
  let view = { x: 0.5, y: 0.5, scale: 0 }; // scale: CSS pixels per pixel of the scene; 0 is fitted
  let active = 0;
  let overlay = "";
  element.classList.add("compare");
  element.append(...panes.map((pane) => pane.element));

  function makePane(image, side) {
    const pane = document.createElement("div");
    pane.className = "pane";
    const frame = document.createElement("div");
    frame.className = "frame";
    pane.append(frame);
    gestures(pane, {
      pan: (dx, dy) => panBy(-dx, -dy),
      zoom: (factor, x, y) => zoomAt(factor, sceneAt(side, x, y)),
      swipes: () => isFitted(),
      swipe: (by) => onswipe && onswipe(by),
      tap: (x, y, event) =>
        ontap && ontap({ pane: side, ...sceneAt(side, x, y), at: x / pane.clientWidth, event }),
    });
    return { element: pane, frame, image: null, whole: null, full: null };
  }

  const room = () => {
    const { clientWidth, clientHeight } = panes[active].element;
    return { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) };
  };
  const fitScale = () => Math.min(room().width / scene.width, room().height / scene.height);
  const isFitted = () => view.scale <= fitScale() * 1.001;
  const hundred = () => 1 / window.devicePixelRatio;
  const scaleNow = () => Math.max(view.scale, fitScale());

  // Where the scene lies in an image; without a known place the image is centred in the scene.
  function boxOf(image) {
    if (image.box) return image.box;
    const ratio = (scene.width / scene.height) * (image.height / image.width);
    if (Math.abs(ratio - 1) < 0.01) return WHOLE;
    const [width, height] = ratio > 1 ? [ratio, 1] : [1, 1 / ratio];
    return [(1 - height) / 2, (1 - width) / 2, (1 + height) / 2, (1 + width) / 2];
  }

  // CSS pixels per pixel of an image, so that the scene is as large in both. What a steady hand
  // moves is under a hundredth: then pixels stay pixels, and 100 % is as sharp as the file.
  function imageScale(image, [, left, , right]) {
    const ratio = scene.width / ((right - left) * image.width);
    return scaleNow() * (Math.abs(ratio - 1) < 0.01 ? 1 : ratio);
  }

  const toScreenPixel = (length) => Math.round(length * window.devicePixelRatio) / window.devicePixelRatio;

  function sceneAt(side, x, y) {
    const { clientWidth, clientHeight } = panes[side].element;
    return {
      x: view.x + (x - clientWidth / 2) / (scaleNow() * scene.width),
      y: view.y + (y - clientHeight / 2) / (scaleNow() * scene.height),
    };
  }

  function place() {
    const largest = (LARGEST_PERCENT / 100) * hundred();
    view.scale = isFitted() ? 0 : Math.min(largest, view.scale);
    const inside = (at, shown) => (shown >= 1 ? 0.5 : Math.min(1 - shown / 2, Math.max(shown / 2, at)));
    view.x = inside(view.x, room().width / (scaleNow() * scene.width));
    view.y = inside(view.y, room().height / (scaleNow() * scene.height));
    panes.forEach(placePane);
    element.classList.toggle("zoomed", !isFitted());
    if (onview) onview(api.view);
  }

  function placePane(pane) {
    const { image, frame } = pane;
    if (!image) return;
    const [top, left, bottom, right] = boxOf(image);
    const scale = imageScale(image, [top, left, bottom, right]);
    const x = (left + view.x * (right - left)) * image.width * scale;
    const y = (top + view.y * (bottom - top)) * image.height * scale;
    const moveX = toScreenPixel(pane.element.clientWidth / 2 - x);
    const moveY = toScreenPixel(pane.element.clientHeight / 2 - y);
    frame.style.width = `${image.width}px`;
    frame.style.height = `${image.height}px`;
    frame.style.transform = `translate(${moveX}px, ${moveY}px) scale(${scale})`;
    frame.classList.toggle("pixels", scale * window.devicePixelRatio >= 3);
    const wanted = scale * window.devicePixelRatio * image.width;
    if (image.full && pane.whole.naturalWidth && wanted > pane.whole.naturalWidth * 1.05) fetchFull(pane);
  }

  function fetchFull(pane) {
    if (pane.full || pane.whole.naturalWidth >= pane.image.width) return;
    pane.full = document.createElement("img");
    pane.full.alt = "";
    pane.full.className = "full";
    pane.full.src = pane.image.full;
    pane.whole.after(pane.full);
  }

  function show(side, image) {
    const pane = panes[side];
    if (pane.image && image && pane.image.fit === image.fit) {
      pane.image = image;
      layOver(pane);
      place();
      return;
    }
    pane.image = image;
    pane.full = null;
    pane.frame.replaceChildren();
    pane.element.classList.toggle("empty", !image);
    if (image) {
      pane.whole = document.createElement("img");
      pane.whole.className = "whole";
      pane.whole.alt = image.alt;
      pane.whole.draggable = false;
      pane.whole.addEventListener("load", place);
      pane.whole.src = image.fit;
      pane.frame.append(pane.whole);
      layOver(pane);
    }
    place();
  }

  function layOver(pane) {
    for (const old of pane.frame.querySelectorAll(".overlay")) old.remove();
    pane.element.classList.toggle("mapped", Boolean(overlay));
    const source = pane.image && pane.image.overlays && pane.image.overlays[overlay];
    if (!source || !pane.image.grid) return;
    const [top, left, bottom, right] = pane.image.grid;
    const map = document.createElement("img");
    map.className = "overlay";
    map.alt = "";
    map.draggable = false;
    map.style.left = `${left * 100}%`;
    map.style.top = `${top * 100}%`;
    map.style.width = `${(right - left) * 100}%`;
    map.style.height = `${(bottom - top) * 100}%`;
    map.src = source;
    pane.frame.append(map);
  }

  function zoomAt(factor, at) {
    const before = scaleNow();
    const after = Math.min((LARGEST_PERCENT / 100) * hundred(), Math.max(fitScale(), before * factor));
    // The point under the pointer stays where it is.
    view = {
      x: at.x - (at.x - view.x) * (before / after),
      y: at.y - (at.y - view.y) * (before / after),
      scale: after,
    };
    place();
  }

  function panBy(dx, dy) {
    view.x += dx / (scaleNow() * scene.width);
    view.y += dy / (scaleNow() * scene.height);
    place();
  }

  function setLayout(name) {
    element.dataset.layout = name;
    place();
  }

  function setActive(side) {
    active = side;
    panes.forEach((pane, index) => pane.element.classList.toggle("active", index === side));
    place();
  }

  const api = {
    show,
    setLayout,
    setActive,
    panBy,
    setScene(size) {
      scene = size;
      place();
    },
    setOverlay(name) {
      overlay = name;
      panes.forEach(layOver);
    },
    fit() {
      view = { x: 0.5, y: 0.5, scale: 0 };
      place();
    },
    zoomTo(percent, x = view.x, y = view.y) {
      view = { x, y, scale: (percent / 100) * hundred() };
      place();
    },
    zoomBy: (factor) => zoomAt(factor, view),
    get view() {
      const percent = Math.round((scaleNow() / hundred()) * 100);
      return { x: view.x, y: view.y, percent, fitted: isFitted() };
    },
    panes: panes.map((pane) => pane.element),
  };
  setLayout("side");
  setActive(0);
  new ResizeObserver(place).observe(element);
  return api;
}
