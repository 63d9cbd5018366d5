/* A classic script in <head>: a module would run after the first paint and flash the other theme. */
(function () {
  'use strict';
  var root = document.documentElement;
  /** @param {string} name */
  var stored = function (name) {
    try { return localStorage.getItem(name); } catch (error) { return null; }
  };
  var light = matchMedia('(prefers-color-scheme: light)').matches;
  root.dataset.theme = stored('gs-theme') || (light ? 'light' : 'dark');
  root.dataset.direction = stored('gs-direction') || '';
})();
