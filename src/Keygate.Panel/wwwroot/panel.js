// All that the screens need of scripts besides htmx; without it everything works but the theme switch and live parts.
(function () {
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-switch]")) return;
    var root = document.documentElement;
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    localStorage.setItem("keygate-theme", next);
  });

  // Ctrl-K, or the platform's own key for it, goes to the search from anywhere.
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      var find = document.querySelector("[data-find]");
      if (find) { event.preventDefault(); find.focus(); find.select(); }
    }
  });

  // A second click on a button must not send a form twice while the first is under way.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") {
      form.dataset.sent = "yes";
      var button = form.querySelector("button:not([type=button])");
      if (button) button.classList.add("sending");
    }
  });

  // Coming back with the browser's arrow shows the page as it was left, where a form may have been sent.
  addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });

  // What only a script can do shows itself only where there are scripts.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { print(); });
  });

  // The menu is folded on a narrow screen and always open on a wide one.
  var fold = document.querySelector(".menu-fold");
  if (fold) {
    var wide = matchMedia("(min-width: 62rem)");
    var set = function () { fold.open = wide.matches; };
    set();
    wide.addEventListener("change", set);
  }
})();
