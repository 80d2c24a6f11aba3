// Before the first paint, so that nothing flashes: the theme that was chosen here, else the one of the system.
(function () {
  var chosen = localStorage.getItem("keygate-theme");
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
