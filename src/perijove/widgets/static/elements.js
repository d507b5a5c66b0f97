// What the pages are made of. Text is set as text, never HTML. Each page's module begins with this.

const LOOKS = {
  SCHEDULED: ['waiting', '◷'],
  PENDING: ['waiting', '…'],
  RUNNING: ['busy', '▸'],
  COMPLETED: ['good', '✓'],
  FAILED: ['bad', '✕'],
  CRASHED: ['bad', '!'],
  CANCELLED: ['calm', '–'],
  CANCELLING: ['calm', '…'],
  PAUSED: ['waiting', '‖']
};

function element(tag, className = '', children = []) {
  const made = document.createElement(tag);
  if (className) {
    made.className = className;
  }
  made.append(...children);
  return made;
}

function button(words, act) {
  const made = element('button', 'perijove-button', [words]);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

function option(value, words) {
  const made = element('option', '', [words]);
  made.value = String(value);
  return made;
}

function setState(badge, type, words) {
  const [tone, sign] = LOOKS[type] ?? ['waiting', '?'];
  badge.dataset.tone = tone;
  badge.textContent = `${sign} ${words ?? ''}`;
}

function time(text) {
  return new Date(text).toLocaleTimeString();
}

function duration(start, end) {
  const seconds = Math.max(0, (end ? Date.parse(end) : Date.now()) - Date.parse(start)) / 1000;
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 60) {
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What hears a view's kernel: the view appears at the first word. A saved page has no kernel, and shows the picture that
 * was kept. */
function appearing(root, hear) {
  root.hidden = true;
  return message => {
    root.hidden = false;
    hear(message);
  };
}
