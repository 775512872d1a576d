// Swaps the main part for a fresh one every few seconds. The page is whole without it.
(function () {
  "use strict";
  const main = document.getElementById("live");
  const stale = document.getElementById("stale");
  const clock = document.getElementById("clock");
  let local = Number(clock.dataset.localMilliseconds);
  let speed = Number(clock.dataset.speed);
  let told = performance.now();

  function two(value) {
    return String(value).padStart(2, "0");
  }

  // Civil time of the utility as the server told it, carried on at its speed. The figures come from a text that already
  // has the utility's offset added, so the UTC getters show local time wherever this screen stands.
  function tick() {
    const now = new Date(local + (performance.now() - told) * speed);
    clock.querySelector("time").textContent =
      two(now.getUTCHours()) + ":" + two(now.getUTCMinutes()) + ":" + two(now.getUTCSeconds());
    clock.querySelector("span").textContent =
      two(now.getUTCDate()) + "/" + two(now.getUTCMonth() + 1) + "/" + now.getUTCFullYear();
  }

  function adopt(page) {
    const next = page.getElementById("live");
    const time = page.getElementById("clock");
    if (!next || !time) throw new Error("not a page of meterd");
    local = Number(time.dataset.localMilliseconds);
    speed = Number(time.dataset.speed);
    told = performance.now();
    if (next.innerHTML === main.innerHTML) return;
    const scrolled = Array.from(main.querySelectorAll(".scroll"), (box) => [box.scrollLeft, box.scrollTop]);
    const opened = Array.from(main.querySelectorAll("details"), (part) => part.open);
    const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    main.replaceChildren(...next.childNodes);
    main.querySelectorAll(".scroll").forEach((box, position) => {
      if (scrolled[position]) [box.scrollLeft, box.scrollTop] = scrolled[position];
    });
    main.querySelectorAll("details").forEach((part, position) => {
      part.open = Boolean(opened[position]);
    });
    if (focused) {
      const link = Array.from(main.querySelectorAll("a")).find((one) => one.getAttribute("href") === focused);
      if (link) link.focus({ preventScroll: true });
    }
  }

  async function refresh() {
    // Nobody looks, or somebody is marking text: leave the page as it is.
    if (document.hidden || String(getSelection())) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (!answer.ok) throw new Error("status " + answer.status);
      adopt(new DOMParser().parseFromString(await answer.text(), "text/html"));
      stale.hidden = true;
      document.body.classList.remove("is-stale");
    } catch {
      stale.hidden = false;
      document.body.classList.add("is-stale");
    }
  }

  tick();
  setInterval(tick, 1000);
  const seconds = Number(main.dataset.refreshSeconds);
  if (seconds > 0) {
    const again = () => refresh().finally(() => setTimeout(again, seconds * 1000));
    setTimeout(again, seconds * 1000);
  }
})();
