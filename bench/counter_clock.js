// What a clerk waits for, by the page's own clock: a tag was read until its line stands there with a price, F9 until the
// finished sale does; and the frame after, when it is on the screen.
(() => {
  const began = {}, took = { scan: [], finish: [] };
  window.benchTook = took;
  const drawn = (what) => requestAnimationFrame(() => setTimeout(() => {
    took[what].push(performance.now() - began[what]); delete began[what];
  }));
  document.addEventListener("scan", ({ detail: { tag } }) => { began.scan = performance.now(); began.tag = tag; }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "F9") began.finish = performance.now(); }, true);
  new MutationObserver(() => {
    if (began.scan && began.tag) {
      const line = [...document.querySelectorAll("#lines > .line:not([data-pending])")]
        .find((each) => each.querySelector(".tagno")?.textContent === began.tag);
      if (line && /\d/.test(line.querySelector(".line__sum")?.textContent ?? "")) { delete began.tag; drawn("scan"); }
    }
    if (began.finish && !began.seen && document.getElementById("done")) { began.seen = true; drawn("finish"); }
    if (!document.getElementById("done")) delete began.seen;
  }).observe(document, { subtree: true, childList: true });
})();
