// The status page asks for itself again and again, but not while nobody looks; coming back to it, at once.
const REFRESHES = document.getElementById("status-refreshes");
if (REFRESHES) REFRESHES.hidden = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "status-checks" && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const checks = document.getElementById("status-checks");
  if (!document.hidden && checks) htmx.trigger(checks, "seen");
});
