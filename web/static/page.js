/*
 * The little script of every caller page: leave at once, one entry in the browser's history, and times in the reader's
 * own zone. Works with the server dead, and before and without our other scripts.
 */
(function () {
  'use strict';
  var shiftOff = 'hearthline.shiftOff'; // the one thing kept in the tab: a yes or no
  var tabs = 'BroadcastChannel' in window ? new BroadcastChannel('hearthline.leave') : null;
  function leave(told) {
    window.hearthlineLeft = true; // no "tab closed" beacon then
    document.documentElement.hidden = true;
    document.body.textContent = '';
    document.title = ' ';
    if (!told) {
      if (tabs) tabs.postMessage('leave'); // pages opened beside this one go too
      try {
        navigator.sendBeacon('/api/caller/exit');
      } catch {
        /* leaving matters more */
      }
    }
    location.replace('about:blank');
  }
  if (tabs)
    tabs.onmessage = function () {
      leave(true);
    };

  function plain(e, a) {
    return e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey && !a.target && !a.download;
  }
  // first of all listeners, so that nothing on the page can come between a person and the way out
  addEventListener(
    'click',
    function (e) {
      var a = e.target instanceof Element ? e.target.closest('a[href]') : null;
      if (!a) return;
      if (a.hasAttribute('data-leave')) {
        e.preventDefault();
        leave();
      } else if (a.origin === location.origin && !a.getAttribute('href').startsWith('#') && plain(e, a)) {
        e.preventDefault();
        location.replace(a.href); // Back leads out of here, never to an earlier page of ours
      }
    },
    true,
  );

  /** A form that leads on: its answer takes the place of this page. Refused, its page comes back with what is wrong. */
  addEventListener('submit', function (e) {
    var form = e.target;
    var then = form.getAttribute('data-then');
    if (!then || e.defaultPrevented) return;
    e.preventDefault();
    if (form.hasAttribute('aria-busy')) return;
    form.setAttribute('aria-busy', 'true');
    fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: 'text/html' },
      redirect: 'manual',
    })
      .then(function (r) {
        if (r.type === 'opaqueredirect') return void location.replace(then);
        return r.text().then(function (html) {
          var page = new DOMParser().parseFromString(html, 'text/html').querySelector('main');
          if (!page) throw new Error('no page');
          form.closest('main').replaceWith(page);
          var wrong = page.querySelector('[aria-invalid=true], input[aria-describedby$="-e"], [role=alert]');
          if (!wrong) return;
          if (wrong.getAttribute('role')) wrong.tabIndex = -1;
          wrong.focus();
        });
      })
      .catch(function () {
        form.submit(); // the browser's own way says what is wrong
      });
  });

  var shifts = [];
  function stored() {
    try {
      return sessionStorage.getItem(shiftOff) !== null;
    } catch {
      return false;
    }
  }
  addEventListener('keydown', function (e) {
    if (e.key !== 'Shift') return void (shifts = []);
    if (e.repeat || stored()) return;
    var now = Date.now();
    shifts = shifts
      .filter(function (t) {
        return now - t < 2000;
      })
      .concat(now);
    if (shifts.length >= 3) leave();
  });
  addEventListener('change', function (e) {
    if (!e.target.hasAttribute('data-shift-exit')) return;
    try {
      if (e.target.checked) sessionStorage.removeItem(shiftOff);
      else sessionStorage.setItem(shiftOff, '1');
    } catch {
      /* no storage here: it stays on */
    }
  });
  function show(within) {
    var box = within.querySelector && within.querySelector('[data-shift-exit]');
    if (box) box.checked = !stored();
  }
  show(document);
  // a foot that came later: the page of a talk has one only between talks
  addEventListener(
    'toggle',
    function (e) {
      show(e.target);
    },
    true,
  );

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
