// Runs as small pictures, to scale: a strip of states, a chart of durations; and instants in two timezones.

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** An instant as a clock in the timezone shows it: the viewer's where none is given, or one that the browser lacks. */
function moment(instant, zone = HERE) {
  const shown = {
    weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short'
  };
  try {
    return new Date(instant).toLocaleString(undefined, { ...shown, timeZone: zone });
  } catch {
    return new Date(instant).toLocaleString(undefined, shown);
  }
}

/** The same in the schedule's timezone, and in the viewer's where its clocks show something else. */
function inBothZones(instant, zone) {
  const [there, here] = [moment(instant, zone), moment(instant)];
  return there === here ? there : `${there} · here ${here}`;
}

function away(instant) {
  const gap = Date.parse(instant) - Date.now();
  const seconds = Math.abs(gap) / 1000;
  const [size, unit] = [[86400, 'd'], [3600, 'h'], [60, 'min']].find(([least]) => seconds >= least) ?? [1, 's'];
  const length = `${Math.floor(seconds / size)} ${unit}`;
  return gap > 0 ? `in ${length}` : `${length} ago`;
}

function tookOf(run) {
  return run.start_time ? duration(run.start_time, run.end_time) : '';
}

function wordsOf(run) {
  const began = run.start_time ?? run.expected_start_time;
  return [run.name, run.state_name, began && moment(began), tookOf(run)].filter(Boolean).join(', ');
}

/** The states of runs, the oldest first, a cell each. */
function stripOf(runs) {
  const cells = runs.map(run => {
    const [tone, sign] = LOOKS[run.state_type] ?? ['waiting', '?'];
    const cell = element('span', 'perijove-cell', [sign]);
    cell.dataset.tone = tone;
    cell.title = wordsOf(run);
    return cell;
  });
  const root = element('span', 'perijove-strip', cells);
  root.setAttribute('role', 'img');
  root.setAttribute('aria-label', `Last runs: ${runs.map(run => run.state_name).join(', ')}`);
  return root;
}

/** How long runs took, the oldest first: bars to one scale that begins at nothing. */
function durationsOf(runs) {
  const begun = runs.filter(run => run.start_time);
  const lengths = begun.map(secondsOf);
  const longest = Math.max(...lengths, 0.001);
  const bars = begun.map((run, number) => {
    const bar = element('span', 'perijove-column');
    bar.dataset.tone = LOOKS[run.state_type]?.[0];
    bar.title = wordsOf(run);
    bar.style.blockSize = `max(2px, ${(100 * lengths[number]) / longest}%)`;
    return bar;
  });
  const median = lengths.toSorted((one, other) => one - other)[Math.floor(lengths.length / 2)] ?? 0;
  const line = element('span', 'perijove-median');
  line.style.insetBlockEnd = `${(100 * median) / longest}%`;
  const chart = element('div', 'perijove-columns', [...bars, line]);
  chart.setAttribute('aria-hidden', 'true');
  const words = `Longest ${inWords(longest)}, median ${inWords(median)}, of ${begun.length} ${begun.length === 1 ? 'run' : 'runs'}`;
  const root = element('figure', 'perijove-durations', [chart, element('figcaption', 'perijove-quiet', [words])]);
  root.hidden = !begun.length;
  return root;
}

function secondsOf(run) {
  return Math.max(0, (run.end_time ? Date.parse(run.end_time) : Date.now()) - Date.parse(run.start_time)) / 1000;
}

function inWords(seconds) {
  return duration(new Date(0).toISOString(), new Date(1000 * seconds).toISOString());
}

/** The same in words, for who can't see the pictures. */
function runsTableOf(runs) {
  const head = element('tr', '', ['Run', 'State', 'Began', 'Took'].map(columnOf));
  const rows = runs.toReversed().map(run => element('tr', '', [
    element('td', '', [run.name]),
    element('td', '', [run.state_name ?? '']),
    element('td', '', [run.start_time ? moment(run.start_time) : '']),
    element('td', '', [tookOf(run)])
  ]));
  return element('table', 'perijove-table', [element('thead', '', [head]), element('tbody', '', rows)]);
}

function columnOf(words) {
  const column = element('th', '', [words]);
  column.scope = 'col';
  return column;
}

/** The sentence for what went wrong, and a button to begin anew. */
function problemOf(model) {
  const words = element('span');
  const root = element('div', 'perijove-problem', [
    words,
    ' ',
    button('Reload', () => {
      root.hidden = true;
      model.send({ type: 'reload' });
    })
  ]);
  root.setAttribute('role', 'alert');
  root.hidden = true;
  return {
    root,
    show(message) {
      words.textContent = message;
      root.hidden = false;
    }
  };
}

/** Call it a little after the last of several changes, such as letters that are typed. */
function afterwards(act) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, 250);
  };
}

/** Keys that are pressed in here are not the notebook's commands. */
function keepKeys(root) {
  root.dataset.lmSuppressShortcuts = 'true';
  root.addEventListener('keydown', event => event.stopPropagation());
}

function searchOf(words) {
  const input = element('input');
  input.type = 'search';
  input.placeholder = words;
  input.setAttribute('aria-label', words);
  return input;
}
