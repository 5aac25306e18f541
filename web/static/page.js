/* The little script of every caller page: leave at once, and times in the reader's own zone. Works with the server dead. */
(function () {
  'use strict';
  function leave() {
    window.hearthlineLeft = true; // no "tab closed" beacon then
    document.documentElement.hidden = true;
    document.body.textContent = '';
    document.title = ' ';
    try {
      navigator.sendBeacon('/api/caller/exit');
    } catch {
      /* leaving matters more */
    }
    location.replace('about:blank');
  }
  addEventListener('click', function (e) {
    var t = e.target instanceof Element ? e.target.closest('[data-leave]') : null;
    if (t) {
      e.preventDefault();
      leave();
    }
  });
  var shifts = [];
  addEventListener('keydown', function (e) {
    if (e.key !== 'Shift') return void (shifts = []);
    if (e.repeat) return;
    var now = Date.now();
    shifts = shifts
      .filter(function (t) {
        return now - t < 2000;
      })
      .concat(now);
    if (shifts.length >= 3) leave();
  });
  addEventListener('pageshow', function (e) {
    if (e.persisted) location.reload(); // nothing comes back out of the browser's memory
  });
  document.querySelectorAll('time[data-local]').forEach(function (t) {
    var at = new Date(t.dateTime);
    var sameDay = at.toDateString() === new Date().toDateString();
    t.textContent = at.toLocaleString(
      [],
      sameDay ? { hour: 'numeric', minute: '2-digit' } : { weekday: 'long', hour: 'numeric', minute: '2-digit' },
    );
  });
})();
