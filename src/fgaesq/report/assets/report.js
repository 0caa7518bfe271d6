// Stands in one script with gestures.js.
(() => {
  const viewer = document.querySelector(".viewer");
  if (!viewer || !viewer.showModal) return;
  const stage = viewer.querySelector(".stage");
  const layers = viewer.querySelector(".layers");
  const title = viewer.querySelector(".viewer-title");
  const LARGEST_ZOOM = 16;
  const MAPS = ["difference", "effect"];

  // The open series: one layer per image, of which `shown` is visible; `other` is flipped to.
  let frames = [];
  let shown = 0;
  let other = 0;
  let opener = null;
  let view = { zoom: 1, x: 0, y: 0 };

  const button = (action) => viewer.querySelector(`[data-do="${action}"]`);
  const described = (index) => {
    const { name, rank, score, why } = frames[index].dataset;
    return `${rank}. ${name}, score ${score}${why ? `, ${why}` : ""}`;
  };

  function open(frame) {
    opener = frame.querySelector(".enlarge");
    frames = [...frame.closest(".cards").querySelectorAll(".frame")].filter((f) => f.querySelector("img"));
    shown = frames.indexOf(frame);
    other = shown === 0 ? Math.min(1, frames.length - 1) : 0;
    layers.replaceChildren(...frames.map(layerOf));
    for (const action of ["previous", "flip", "next"]) button(action).disabled = frames.length < 2;
    for (const map of MAPS) button(map).hidden = !layers.querySelector(`.map.${map}`);
    const chosen = frame.closest(".series").querySelector(".switch input:checked");
    showMap(chosen ? chosen.value : "");
    viewer.showModal();
    button(frames.length < 2 ? "close" : "flip").focus();
    fit();
    show();
  }

  function layerOf(frame) {
    const layer = document.createElement("div");
    layer.className = "layer";
    layer.append(frame.querySelector("img").cloneNode());
    for (const map of frame.querySelectorAll(".map")) layer.append(map.cloneNode(true));
    return layer;
  }

  // Each image as large as the stage allows, in its middle; the zoom moves all of them together.
  function layOut() {
    for (const layer of layers.children) {
      const image = layer.querySelector("img");
      const width = Number(image.getAttribute("width"));
      const height = Number(image.getAttribute("height"));
      const scale = Math.min(stage.clientWidth / width, stage.clientHeight / height);
      layer.style.width = `${width * scale}px`;
      layer.style.height = `${height * scale}px`;
      layer.style.left = `${(stage.clientWidth - width * scale) / 2}px`;
      layer.style.top = `${(stage.clientHeight - height * scale) / 2}px`;
    }
  }

  function show() {
    [...layers.children].forEach((layer, index) => layer.classList.toggle("shown", index === shown));
    title.textContent = described(shown) + (frames.length > 1 ? ` · flips to ${described(other)}` : "");
  }

  function flip() {
    [shown, other] = [other, shown];
    show();
  }

  // Steps to the next image, past the one that is flipped to.
  function step(by) {
    const count = frames.length;
    if (count < 2) return;
    let next = (shown + by + count) % count;
    if (next === other && count > 2) next = (next + by + count) % count;
    if (next === other) flip();
    else {
      shown = next;
      show();
    }
  }

  function place() {
    const room = 1 - view.zoom;
    view.x = Math.min(0, Math.max(stage.clientWidth * room, view.x));
    view.y = Math.min(0, Math.max(stage.clientHeight * room, view.y));
    layers.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    stage.classList.toggle("zoomed", view.zoom > 1);
  }

  function fit() {
    view = { zoom: 1, x: 0, y: 0 };
    layOut();
    place();
  }

  function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
    const larger = Math.min(LARGEST_ZOOM, Math.max(1, view.zoom * factor));
    const ratio = larger / view.zoom;
    view = { zoom: larger, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
    place();
  }

  // At most one map lies over the image; any other name shows the photo alone.
  function showMap(name) {
    for (const map of MAPS) {
      viewer.classList.toggle(`show-${map}`, map === name);
      button(map).setAttribute("aria-pressed", String(map === name));
    }
  }

  function toggleMap(map) {
    if (!button(map).hidden) showMap(viewer.classList.contains(`show-${map}`) ? "" : map);
  }

  const actions = {
    close: () => viewer.close(),
    previous: () => step(-1),
    next: () => step(1),
    flip: () => frames.length > 1 && flip(),
    difference: () => toggleMap("difference"),
    effect: () => toggleMap("effect"),
    in: () => zoom(1.5),
    out: () => zoom(1 / 1.5),
    fit,
  };
  const keys = {
    ArrowLeft: "previous", ArrowRight: "next", " ": "flip", m: "difference", s: "effect", "+": "in", "=": "in", "-": "out", 0: "fit",
  };

  viewer.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-do]");
    if (pressed) actions[pressed.dataset.do]();
  });
  viewer.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.closest("button")) return; // the button's own key
    event.preventDefault();
    actions[action]();
  });
  viewer.addEventListener("close", () => {
    layers.replaceChildren();
    if (opener) opener.focus();
  });
  window.addEventListener("resize", () => {
    if (!viewer.open) return;
    layOut();
    place();
  });

  gestures(stage, {
    zoom,
    pan: (dx, dy) => {
      view.x += dx;
      view.y += dy;
      place();
    },
    tap: () => actions.flip(),
  });

  for (const frame of document.querySelectorAll(".frame")) {
    if (!frame.querySelector("img")) continue;
    const enlarge = document.createElement("button");
    enlarge.type = "button";
    enlarge.className = "enlarge";
    enlarge.setAttribute("aria-label", `Enlarge ${frame.dataset.name}, rank ${frame.dataset.rank}`);
    enlarge.addEventListener("click", () => open(frame));
    frame.append(enlarge);
  }
  document.documentElement.dataset.viewer = "ready";
})();
