// A flow run on a page: asks the kernel for all that is known, then takes what is new.

const FINAL = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'];
const LEVELS = [[10, 'DEBUG'], [20, 'INFO'], [30, 'WARNING'], [40, 'ERROR'], [50, 'CRITICAL']];
const CHUNK = 100; // rows that the browser lays out, or leaves out, together

function render({ model, el }) {
  const head = headOf(model);
  const timeline = timelineOf();
  const log = logOf();
  const progress = element('div', 'perijove-progress');
  const problem = element('div', 'perijove-problem');
  problem.setAttribute('role', 'alert');
  const body = element('div', 'perijove-body', [progress, head.facts, timeline.root, log.root]);
  const root = element('section', 'perijove-view perijove-run', [head.root, head.rerun, problem, body]);
  root.setAttribute('aria-label', 'Flow run');
  el.append(root);

  function open() {
    root.classList.toggle('perijove-closed', !model.get('is_open'));
  }

  function hear(message) {
    if (message.type === 'all') {
      head.forget(message.of_what);
      timeline.forget();
      log.forget();
      progress.replaceChildren();
      problem.textContent = '';
    } else if (message.type === 'problem') {
      problem.textContent = message.message;
    } else if (message.type === 'news') {
      if (message.run || message.states) {
        problem.textContent = '';
        head.show(message);
      }
      if (message.progress) {
        progress.replaceChildren(...message.progress.map(progressBar));
      }
      timeline.add(message.task_runs ?? [], head.run());
      log.add(message.logs ?? []);
    }
  }

  const clock = setInterval(() => {
    if (!head.hasEnded()) {
      head.tick();
      timeline.tick();
    }
  }, 1000);
  const told = appearing(root, hear);
  model.on('msg:custom', told);
  model.on('change:is_open', open);
  open();
  model.send({ type: 'attach' });
  return () => {
    clearInterval(clock);
    model.off('msg:custom', told);
    model.off('change:is_open', open);
  };
}

// -- the head: what it is, its state, and what can be done ------------------------------------------------------------

function headOf(model) {
  let run = null;
  let states = [];
  let ofWhat = '';
  const name = element('b', 'perijove-name');
  const badge = element('span', 'perijove-badge');
  badge.setAttribute('role', 'status');
  const took = element('span', 'perijove-quiet');
  const facts = element('dl', 'perijove-facts');
  const rerun = rerunOf(model);
  const buttons = {
    cancel: button('Cancel', () => model.send({ type: 'cancel' })),
    retry: button('Retry', () => model.send({ type: 'retry' })),
    rerun: button('Run again with changes…', () => rerun.open(run.parameters))
  };
  const toggle = button('', () => {
    model.set('is_open', !model.get('is_open'));
    model.save_changes();
  });
  toggle.className = 'perijove-toggle';

  function showToggle() {
    toggle.textContent = model.get('is_open') ? '▾' : '▸';
    toggle.setAttribute('aria-expanded', String(model.get('is_open')));
    toggle.setAttribute('aria-label', 'Details of the run');
  }
  model.on('change:is_open', showToggle);
  showToggle();

  function tick() {
    took.textContent = run?.start_time ? duration(run.start_time, run.end_time) : '';
  }

  function show(message) {
    run = message.run ?? run;
    states = message.states ?? states;
    const type = run.state_type;
    name.textContent = ofWhat ? `${run.name} (${ofWhat})` : run.name;
    setState(badge, type, run.state_name);
    buttons.cancel.hidden = FINAL.includes(type) || type === 'CANCELLING';
    buttons.retry.hidden = !['FAILED', 'CRASHED', 'CANCELLED'].includes(type) || !run.deployment_id;
    buttons.rerun.hidden = !run.deployment_id;
    facts.replaceChildren(...factsOf(run, states));
    tick();
  }

  return {
    root: element('header', '', [toggle, badge, name, took, ...Object.values(buttons)]),
    facts,
    rerun: rerun.root,
    run: () => run,
    hasEnded: () => run !== null && FINAL.includes(run.state_type),
    show,
    tick,
    forget(what) {
      ofWhat = what;
      states = [];
      rerun.close();
    }
  };
}

function factsOf(run, states) {
  const message = states.at(-1)?.message;
  const history = element('span', 'perijove-states', states.map(({ type, name, timestamp }) => {
    const state = element('span', 'perijove-badge');
    setState(state, type, name);
    state.append(` ${time(timestamp)}`);
    state.title = new Date(timestamp).toLocaleString();
    return state;
  }));
  const given = Object.entries(run.parameters).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    ...fact('states', history),
    ...(message ? fact('message', message) : []),
    ...(given.length ? fact('parameters', given.join(', ')) : []),
    ...(run.tags.length ? fact('tags', run.tags.join(', ')) : []),
    ...fact('id', run.id)
  ];
}

function fact(name, value) {
  return [element('dt', '', [name]), element('dd', '', [value])];
}

/** The parameters of another run, to be changed as JSON. */
function rerunOf(model) {
  const text = element('textarea');
  text.setAttribute('aria-label', 'Parameters of the new run, as JSON');
  text.rows = 6;
  const mistake = element('div', 'perijove-problem');
  const root = element('form', 'perijove-rerun', [
    text,
    mistake,
    button('Run', run),
    button('Close', () => (root.hidden = true))
  ]);
  root.hidden = true;
  root.addEventListener('submit', event => event.preventDefault());
  text.addEventListener('input', () => (mistake.textContent = mistakeIn(text.value)));
  text.addEventListener('keydown', event => event.stopPropagation()); // else it is the notebook's

  function run() {
    mistake.textContent = mistakeIn(text.value);
    if (!mistake.textContent) {
      model.send({ type: 'rerun', parameters: JSON.parse(text.value) });
    }
  }

  return {
    root,
    open(parameters) {
      text.value = JSON.stringify(parameters, null, 2);
      mistake.textContent = '';
      root.hidden = false;
      text.focus();
    },
    close: () => (root.hidden = true)
  };
}

function mistakeIn(text) {
  try {
    const value = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? '' : 'Parameters are an object: {"name": value}.';
  } catch (error) {
    return error.message;
  }
}

// -- progress and tasks ----------------------------------------------------------------------------------------------

function progressBar({ description, data }) {
  const bar = element('progress');
  bar.max = 100;
  bar.value = Number(data) || 0;
  const words = description ?? 'progress';
  return element('label', '', [`${words} `, bar, ` ${bar.value.toFixed(0)} %`]);
}

/** Bars on one scale. The scale is a style of the whole, so that time goes on without touching the bars. */
function timelineOf() {
  const bars = new Map();
  const list = element('div', 'perijove-timeline');
  list.setAttribute('role', 'list');
  const title = element('summary');
  const root = element('details', '', [title, list]);
  root.open = true;
  root.hidden = true;
  let first = Infinity;
  let last = 0;
  let end = null;

  function tick() {
    const now = end ?? Date.now();
    list.style.setProperty('--now', String((now - first) / 1000));
    list.style.setProperty('--whole', String(Math.max(end ? last : now, last) / 1000 - first / 1000 || 1));
  }

  function shift(start) {
    first = start;
    bars.forEach(place);
  }

  function place({ row, start, stop }) {
    row.style.setProperty('--from', String((start - first) / 1000));
    row.style.setProperty('--to', stop ? String((stop - first) / 1000) : 'var(--now)');
  }

  function add(task_runs, run) {
    for (const task_run of task_runs.filter(each => each.start_time)) {
      const known = bars.get(task_run.id);
      const row = known?.row ?? newRow(task_run.name);
      const start = Date.parse(task_run.start_time);
      const stop = task_run.end_time && Date.parse(task_run.end_time);
      const bar = { row, start, stop };
      bars.set(task_run.id, bar);
      setState(row.lastChild, task_run.state_type, stop ? duration(task_run.start_time, task_run.end_time) : '');
      row.lastChild.title = task_run.state_name;
      row.dataset.tone = LOOKS[task_run.state_type]?.[0];
      last = Math.max(last, stop || start);
      start < first ? shift(start) : place(bar);
      known || chunkFor(list).append(row);
    }
    end = run?.end_time ? Date.parse(run.end_time) : null;
    root.hidden = !bars.size;
    title.textContent = `${bars.size.toLocaleString()} task ${bars.size === 1 ? 'run' : 'runs'}`;
    tick();
  }

  function forget() {
    bars.clear();
    list.replaceChildren();
    [first, last, end] = [Infinity, 0, null];
    root.hidden = true;
  }
  return { root, add, tick, forget };
}

function newRow(name) {
  const label = element('span', 'perijove-task', [name]);
  label.title = name;
  const track = element('span', 'perijove-track', [element('span', 'perijove-bar')]);
  track.setAttribute('aria-hidden', 'true');
  const row = element('div', 'perijove-row', [label, track, element('span', 'perijove-took')]);
  row.setAttribute('role', 'listitem');
  return row;
}

// -- the log ---------------------------------------------------------------------------------------------------------

function logOf() {
  let logs = [];
  const search = element('input');
  search.type = 'search';
  search.placeholder = 'Search the log';
  search.setAttribute('aria-label', 'Search the log');
  const level = element('select', '', [option(0, 'all levels'), ...LEVELS.slice(1).map(each => option(...each))]);
  level.setAttribute('aria-label', 'Least level');
  const follow = element('input');
  follow.type = 'checkbox';
  follow.checked = true;
  const view = element('div', 'perijove-log');
  view.tabIndex = 0;
  view.setAttribute('role', 'log');
  view.setAttribute('aria-live', 'off');
  const title = element('summary');
  const tools = element('div', 'perijove-tools', [search, level, element('label', '', [follow, ' Follow'])]);
  const root = element('details', '', [title, tools, view]);
  root.open = true;
  search.addEventListener('keydown', event => event.stopPropagation());

  function isWanted({ level: own, message }) {
    return own >= Number(level.value) && message.toLowerCase().includes(search.value.toLowerCase());
  }

  function append(lines) {
    lines.filter(isWanted).forEach(line => chunkFor(view).append(logLine(line)));
    if (follow.checked) {
      view.scrollTop = view.scrollHeight;
    }
    title.textContent = `${logs.length.toLocaleString()} log ${logs.length === 1 ? 'line' : 'lines'}`;
  }

  function again() {
    view.replaceChildren();
    append(logs);
  }

  search.addEventListener('input', again);
  level.addEventListener('change', again);
  follow.addEventListener('change', () => append([]));
  return {
    root,
    add(lines) {
      logs.push(...lines);
      append(lines);
    },
    forget() {
      logs = [];
      again();
    }
  };
}

function logLine({ timestamp, level, message }) {
  const name = LEVELS.reduce((known, [least, words]) => (level >= least ? words : known), 'DEBUG');
  const line = element('div', level >= 40 ? 'perijove-line perijove-bad' : 'perijove-line', [
    element('span', 'perijove-quiet', [time(timestamp)]),
    element('span', 'perijove-level', [name]),
    element('span', 'perijove-text', [plain(message)])
  ]);
  line.firstChild.title = new Date(timestamp).toLocaleString();
  return line;
}

/** The text without what steers a terminal. */
function plain(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]/g, '');
}

/** Where the next row goes: what is out of sight is not laid out, chunk by chunk. */
function chunkFor(list) {
  const last = list.lastChild;
  if (last && last.childElementCount < CHUNK) {
    return last;
  }
  const chunk = element('div', 'perijove-chunk');
  list.append(chunk);
  return chunk;
}

export default { render };
