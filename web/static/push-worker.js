/*
 * Shows a notice when somebody on call is needed, and opens the page. It carries no word but those it was registered with,
 * keeps nothing, and answers no request: no page of callers is ever in its scope.
 */
(function () {
  'use strict';
  var words = new URL(self.location.href).searchParams;
  function pageIn(data) {
    try {
      var id = data.json().page;
      return typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? id : '';
    } catch {
      return '';
    }
  }
  self.addEventListener('install', function () {
    self.skipWaiting();
  });
  self.addEventListener('push', function (event) {
    var page = event.data ? pageIn(event.data) : '';
    event.waitUntil(
      self.registration.showNotification(words.get('title') || '', {
        body: words.get('body') || '',
        tag: page || 'page',
        icon: '/staff-icon.svg',
        requireInteraction: true,
        vibrate: [400, 200, 400, 200, 400],
        data: page,
      }),
    );
  });
  self.addEventListener('notificationclick', function (event) {
    var page = event.notification.data;
    event.notification.close();
    event.waitUntil(
      self.clients.matchAll({ type: 'window' }).then(function (open) {
        if (!open[0]) return self.clients.openWindow('/staff/on-call' + (page ? '?heard=' + page : ''));
        open[0].postMessage({ heard: page });
        return open[0].focus();
      }),
    );
  });
})();
