// An overview of very many cards: a grid of fixed boxes. Only the runs of cards near the window are
// in the page.
//
//   const grid = createGrid({ query });      // of the lists `.groups[data-ids]` in the page
//   grid.start()                     // the card named by the address (`#group-ID`), or the first
//   grid.along(±1); grid.across(±1); grid.moveTo(id)
//   grid.renew(id); grid.renewAll()  // fetches a card, or all that are in the page, anew
//   grid.ids, grid.id, grid.card     // all ids in order; the current one, and its card
//
// A card is `<li class="group" data-group="ID">` with a link; `/cards?ids=1,2` gives those of any;
// `query` (`?name=value`) goes with it.
// `--card-height` and `--card-gap` of the root are the size of the boxes, in rem.
import { ask, parsed, renewed } from "/assets/common.js";

export function createGrid({ query = "" } = {}) {
  const runs = [...document.querySelectorAll(".groups")].map((list) => ({
    list,
    ids: list.dataset.ids.split(",").filter(Boolean).map(Number),
    filling: null,
    stop: null,
  }));
  const ids = runs.flatMap((run) => run.ids);
  let current = { run: 0, at: 0 };

  const cards = (some, how) => ask(`/cards?ids=${some.join(",")}${query.replace("?", "&")}`, how);

  const columns = (run) => getComputedStyle(run.list).gridTemplateColumns.split(" ").length;
  const cardOf = ({ run, at }) => runs[run] && runs[run].list.children[at];
  const idOf = ({ run, at }) => runs[run] && runs[run].ids[at];

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
    run.filling ||= cards(run.ids, { priority: "high", signal: run.stop.signal })
      .then((answer) => answer.text())
      .then((html) => {
        const made = parsed(html);
        if (made.length < run.ids.length) throw new Error("groups that are gone: an old page");
        run.list.replaceChildren(...made);
      })
      .catch((error) => {
        if (error.name !== "AbortError") location.reload();
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

  async function goTo(place, focus = true) {
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
    if (at >= 0 && at < runs[run].ids.length) goTo({ run, at });
  }

  // Up and down stay in the column, also from one run of groups to the next.
  function across(by) {
    const { run, at } = current;
    const wide = columns(runs[run]);
    const count = runs[run].ids.length;
    const next = at + by * wide;
    if (next >= 0 && next < count) goTo({ run, at: next });
    else if (by > 0 && Math.floor(at / wide) < Math.floor((count - 1) / wide)) goTo({ run, at: count - 1 });
    else if (runs[run + by]) {
      const other = runs[run + by].ids.length;
      const last = Math.floor((other - 1) / wide) * wide;
      const column = at % wide;
      goTo({ run: run + by, at: Math.min(other - 1, by > 0 ? column : last + column) });
    }
  }

  function find(id) {
    for (const [run, { ids: inside }] of runs.entries()) {
      const at = inside.indexOf(id);
      if (at >= 0) return { run, at };
    }
    return null;
  }

  // Fetches a card anew; returns it, or null if it is not in the page now.
  async function renew(id) {
    const place = find(id);
    if (!place || !cardOf(place)) return null;
    const [card] = parsed(await (await cards([id])).text());
    const old = cardOf(place);
    if (!card || !old) return null;
    put(card, old);
    return card;
  }

  function put(card, old) {
    const focused = old.contains(document.activeElement);
    const { tabIndex } = old.querySelector("a");
    old.replaceWith(renewed(card, old));
    card.querySelector("a").tabIndex = tabIndex;
    if (focused) card.querySelector("a").focus({ preventScroll: true });
  }

  function renewAll() {
    return Promise.all(runs.filter(({ list }) => list.children.length).map(async (run) => {
      const fresh = parsed(await (await cards(run.ids)).text());
      if (fresh.length !== run.list.children.length) return; // scrolled past, or gone
      fresh.forEach((card, at) => put(card, run.list.children[at]));
    }));
  }

  reserve();
  window.addEventListener("resize", reserve);
  for (const run of runs) near.observe(run.list);
  document.addEventListener("focusin", ({ target }) => {
    const card = target.closest(".group");
    const place = card && find(Number(card.dataset.group));
    if (place && (place.run !== current.run || place.at !== current.at)) goTo(place, false);
  });

  return {
    ids,
    along,
    across,
    renew,
    renewAll,
    get id() { return idOf(current); },
    get card() { return cardOf(current); },
    moveTo(id) {
      const place = find(id);
      return place ? goTo(place) : Promise.resolve();
    },
    start() {
      const wanted = /^#group-(\d+)$/.exec(location.hash);
      const place = wanted && find(Number(wanted[1]));
      return ids.length ? goTo(place || current, Boolean(place)) : Promise.resolve();
    },
  };
}
