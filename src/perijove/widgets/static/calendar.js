// Runs of two weeks on a page: a lane a deployment, all to one scale, which is a style of the whole.

const MINUTE = 60000;
const DAY = 1440; // minutes, as the scale counts them
const VIEWS = [['whole', 'Two weeks'], ['past', 'Past week'], ['coming', 'Coming week']];
const STEPS = [5, 15, 30, 60, 180, 360]; // minutes between two marks of the scale, on a day

function render({ model, el }) {
  let known = null;
  let view = 'whole'; // or [from, to], as instants
  const tools = toolsOf(model);
  const views = viewsOf(show);
  const lanes = lanesOf(show);
  const clashes = clashesOf(show);
  const problem = problemOf(model);
  const notes = element('div', 'perijove-quiet');
  const count = element('span', 'perijove-quiet');
  count.setAttribute('role', 'status');
  const back = button('Previous', () => turn(known.first - known.step));
  const forth = button('Next', () => turn(known.first + known.step));
  const pages = element('div', 'perijove-tools', [back, forth]);
  const head = element('header', 'perijove-tools', [element('b', '', ['Runs']), tools.root, views.root, count]);
  const body = element('div', '', [lanes.root, legendOf(), pages, clashes.root]);
  const root = element('section', 'perijove-view perijove-calendar', [head, problem.root, body, notes]);
  root.setAttribute('aria-label', 'Schedule calendar');
  keepKeys(root);
  el.append(root);

  function turn(first) {
    model.send({ type: 'turn', first });
  }

  /** Show these days, or the time from one instant to another. */
  function show(wanted) {
    view = wanted;
    const [from, to] = Array.isArray(view) ? view : spanOf(view, known.days);
    views.show(view, known, from);
    lanes.scale(from, to);
  }

  function hear(message) {
    if (message.type === 'problem') {
      problem.show(message.message);
    } else if (message.type === 'agenda') {
      known = message;
      tools.show(known);
      lanes.show(known);
      clashes.show(known);
      count.textContent = countOf(known);
      notes.replaceChildren(...known.notes.map(each => element('div', '', [each])));
      body.hidden = !known.count;
      pages.hidden = known.count <= known.step;
      back.disabled = known.first === 0;
      forth.disabled = known.first + known.step >= known.count;
      show(view);
    }
  }

  const clock = setInterval(lanes.tick, 15000);
  const told = appearing(root, hear);
  model.on('msg:custom', told);
  model.send({ type: 'zone', zone: HERE });
  model.send({ type: 'attach' });
  return () => {
    clearInterval(clock);
    model.off('msg:custom', told);
  };
}

function countOf({ count, first, step }) {
  if (!count) {
    return 'No deployment has any runs in these two weeks';
  }
  const last = Math.min(first + step, count);
  const shown = count > step ? `${first + 1}–${last} of ` : '';
  return `${shown}${count.toLocaleString()} ${count === 1 ? 'deployment' : 'deployments'}`;
}

function spanOf(view, days) {
  const today = (days.length - 2) / 2;
  return { whole: [days[0], days.at(-1)], past: [days[0], days[today + 1]], coming: [days[today], days.at(-1)] }[view];
}

// -- what chooses ----------------------------------------------------------------------------------------------------

function toolsOf(model) {
  const search = searchOf('Search deployments');
  search.value = model.get('wanted').search ?? '';
  search.addEventListener('input', afterwards(() => {
    model.set('wanted', { ...model.get('wanted'), search: search.value });
    model.save_changes();
  }));
  const zone = element('select');
  zone.setAttribute('aria-label', 'Timezone of the days');
  zone.addEventListener('change', () => {
    model.set('zone', zone.value);
    model.save_changes();
  });
  return {
    root: element('span', 'perijove-tools', [search, zone]),
    show({ zones }) {
      const chosen = model.get('zone');
      const others = [...new Set([...zones, chosen])].filter(each => each && each !== HERE);
      zone.replaceChildren(option('', `here (${HERE})`), ...others.map(each => option(each, each)));
      zone.value = chosen === HERE ? '' : chosen;
    }
  };
}

/** The buttons that choose the days, and those that go from day to day. */
function viewsOf(show) {
  const buttons = VIEWS.map(([name, words]) => {
    const made = button(words, () => show(name));
    made.dataset.view = name;
    return made;
  });
  const day = element('span');
  const back = button('‹', () => step(-1));
  const forth = button('›', () => step(1));
  back.setAttribute('aria-label', 'The day before');
  forth.setAttribute('aria-label', 'The day after');
  let days = [];
  let number = 0;

  function step(by) {
    number += by;
    show([days[number], days[number + 1]]);
  }

  return {
    root: element('span', 'perijove-tools', [...buttons, back, day, forth]),
    show(view, { days: all, zone }, from) {
      days = all;
      number = days.findLastIndex(day => day <= from);
      buttons.forEach(each => each.setAttribute('aria-pressed', String(each.dataset.view === view)));
      back.hidden = day.hidden = forth.hidden = !Array.isArray(view);
      day.textContent = shown(from, zone, { weekday: 'short', day: 'numeric', month: 'long' });
      back.disabled = number <= 0;
      forth.disabled = number >= days.length - 2;
    }
  };
}

// -- the lanes -------------------------------------------------------------------------------------------------------

function lanesOf(show) {
  const axis = element('div', 'perijove-track perijove-axis');
  const load = element('div', 'perijove-track perijove-load');
  load.setAttribute('role', 'img');
  const grid = element('div', 'perijove-grid');
  const now = element('span', 'perijove-now');
  const list = element('div');
  list.setAttribute('role', 'list');
  const told = element('div', 'perijove-told');
  told.setAttribute('role', 'status');
  const all = element('span', 'perijove-quiet', ['runs an hour']);
  const picture = element('div', 'perijove-lanes', [
    grid,
    element('div', 'perijove-lane', [element('span'), axis]),
    element('div', 'perijove-lane', [all, load]),
    list
  ]);
  let known = null;
  let span = [0, 1];

  function minutes(instant) {
    return (instant - known.days[0]) / MINUTE;
  }

  function tick() {
    known && picture.style.setProperty('--now', String(minutes(Date.now())));
  }

  function scale(from, to) {
    span = [from, to];
    picture.style.setProperty('--from', String(minutes(from)));
    picture.style.setProperty('--span', String((to - from) / MINUTE));
    const marks = ticksOf(known, from, to, show);
    axis.replaceChildren(...marks.map(({ at, label }) => placed(label, minutes(at))));
    grid.replaceChildren(...marks.map(({ at }) => placed(element('span', 'perijove-line-of-time'), minutes(at))), now);
    tick();
  }

  return {
    root: element('div', '', [picture, told]),
    scale,
    tick,
    show(agenda) {
      known = agenda;
      const focused = document.activeElement?.dataset?.lane;
      const tell = words => (told.textContent = words);
      list.replaceChildren(...known.lanes.map(lane => laneOf(lane, minutes, tell, () => span)));
      [...list.querySelectorAll('button')].find(each => each.dataset.lane === focused)?.focus();
      drawLoad(load, known);
    }
  };
}

function placed(made, minute, length = 0) {
  made.style.setProperty('--at', String(minute));
  made.style.setProperty('--for', String(length));
  return made;
}

/** What divides the time: its days, which can be opened; or the hours of a day. */
function ticksOf({ days, zone }, from, to, show) {
  if (to - from > 2 * DAY * MINUTE) {
    return days.slice(0, -1).flatMap((day, number) => (day < from || day >= to ? [] : [dayTick(day, days[number + 1], zone, show)]));
  }
  const step = (STEPS.find(each => (to - from) / MINUTE / each <= 9) ?? STEPS.at(-1)) * MINUTE;
  const start = days.findLast(day => day <= from) ?? from;
  const first = start + Math.ceil((from - start) / step) * step;
  const count = Math.ceil((to - first) / step);
  return Array.from({ length: count }, (_, number) => {
    const at = first + number * step;
    return { at, label: element('span', 'perijove-tick', [shown(at, zone, { hour: '2-digit', minute: '2-digit' })]) };
  });
}

function dayTick(day, end, zone, show) {
  const label = button('', () => show([day, end]));
  label.className = 'perijove-toggle perijove-tick';
  label.append(
    element('span', 'perijove-weekday', [shown(day, zone, { weekday: 'short' }), ' ']),
    shown(day, zone, { day: 'numeric' })
  );
  label.setAttribute('aria-label', `Show ${shown(day, zone, { weekday: 'long', day: 'numeric', month: 'long' })}`);
  return { at: day, label };
}

function shown(instant, zone, parts) {
  return new Date(instant).toLocaleString(undefined, { ...parts, timeZone: zone || HERE });
}

function laneOf(lane, minutes, tell, span) {
  let chosen = -1;
  const track = element('div', 'perijove-track');
  const bars = lane.marks.map((mark, number) => {
    const bar = placed(element('span', 'perijove-mark'), minutes(mark.start), (mark.end - mark.start) / MINUTE);
    bar.dataset.kind = mark.type ? 'past' : mark.count > 1 ? 'stretch' : 'coming';
    bar.dataset.tone = LOOKS[mark.type]?.[0] ?? '';
    bar.classList.toggle('perijove-meets', mark.meets);
    bar.title = inMarkWords(mark, lane);
    bar.addEventListener('click', () => choose(number));
    return bar;
  });
  track.append(...bars);
  track.setAttribute('aria-hidden', 'true');

  function choose(number) {
    bars[chosen]?.classList.remove('perijove-chosen');
    chosen = number;
    bars[chosen]?.classList.add('perijove-chosen');
    tell(chosen < 0 ? '' : `${lane.name}: ${inMarkWords(lane.marks[chosen], lane)}`);
  }

  /** To the next run that can be seen, or the one before. */
  function step(by) {
    const [from, to] = span();
    const isSeen = mark => mark && mark.end >= from && mark.start < to;
    let number = chosen < 0 && by < 0 ? lane.marks.length : chosen;
    do {
      number += by;
    } while (number >= 0 && number < lane.marks.length && !isSeen(lane.marks[number]));
    isSeen(lane.marks[number]) && choose(number);
  }

  const name = button(lane.name, () => step(1));
  name.className = 'perijove-toggle perijove-task';
  name.title = [lane.name, lane.words].filter(Boolean).join('\n');
  name.dataset.lane = lane.name;
  name.setAttribute('aria-label', `${lane.name}: ${inLaneWords(lane)}. Left and right go from run to run.`);
  name.addEventListener('keydown', event => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const other = { ArrowDown: root.nextSibling, ArrowUp: root.previousSibling }[event.key];
    (by || other) && event.preventDefault();
    by ? step(by) : other?.querySelector('button').focus();
  });
  name.addEventListener('blur', () => choose(-1));
  const root = element('div', 'perijove-lane', [name, track]);
  root.setAttribute('role', 'listitem');
  return root;
}

function inMarkWords(mark, lane) {
  const when = inBothZones(mark.start, lane.zone);
  if (mark.count > 1) {
    return `${mark.count.toLocaleString()} runs, ${when} until ${inBothZones(mark.end, lane.zone)}`;
  }
  const length = mark.end > mark.start ? duration(new Date(mark.start).toISOString(), new Date(mark.end).toISOString()) : '';
  if (mark.type) {
    return [mark.run, mark.state, when, length].filter(Boolean).join(', ');
  }
  return [when, 'to come', length && `about ${length}`, mark.meets && 'clashes with others'].filter(Boolean).join(', ');
}

function inLaneWords({ marks }) {
  const past = marks.filter(mark => mark.type);
  const coming = marks.filter(mark => !mark.type);
  const bad = past.filter(mark => LOOKS[mark.type]?.[0] === 'bad').length;
  const meeting = coming.filter(mark => mark.meets).length;
  return [
    `${past.length} past ${past.length === 1 ? 'run' : 'runs'}`,
    bad && `${bad} of them failed`,
    `${coming.reduce((sum, mark) => sum + mark.count, 0).toLocaleString()} to come`,
    meeting && `${meeting} of them in clashes`
  ].filter(Boolean).join(', ');
}

/** How many runs begin in each hour, over all deployments. */
function drawLoad(track, { load }) {
  const most = Math.max(1, ...load.map(([count]) => count));
  track.replaceChildren(...load.flatMap(([count, bad], hour) => {
    if (!count) {
      return [];
    }
    const bar = placed(element('span', 'perijove-hour'), hour * 60, 60);
    bar.style.blockSize = `max(1px, ${(100 * count) / most}%)`;
    bar.style.setProperty('--bad', `${(100 * bad) / count}%`);
    bar.title = `${Math.round(count).toLocaleString()} runs begin in this hour${bad ? `, ${bad} failed` : ''}`;
    return [bar];
  }));
  track.setAttribute('aria-label', `Runs that begin in an hour: ${Math.round(most).toLocaleString()} at most`);
}

function legendOf() {
  const entries = [
    ['past', 'good', 'completed'], ['past', 'bad', 'failed'], ['past', 'calm', 'cancelled'], ['past', 'busy', 'running'], ['coming', '', 'to come'],
    ['stretch', '', 'many, one after another'], ['coming', '', 'in a clash']
  ];
  const made = element('div', 'perijove-legend perijove-quiet', entries.map(([kind, tone, words], number) => {
    const mark = element('span', number === entries.length - 1 ? 'perijove-mark perijove-meets' : 'perijove-mark');
    mark.dataset.kind = kind;
    mark.dataset.tone = tone;
    return element('span', '', [mark, ` ${words}`]);
  }));
  made.setAttribute('aria-hidden', 'true');
  return made;
}

// -- clashes ---------------------------------------------------------------------------------------------------------

function clashesOf(show) {
  const title = element('summary');
  const body = element('tbody');
  const head = element('thead', '', [element('tr', '', ['First', 'Until', 'Times', 'Deployments', 'Look'].map(columnOf))]);
  const table = element('div', 'perijove-scroll', [element('table', 'perijove-table', [head, body])]);
  const root = element('details', '', [title, table]);
  return {
    root,
    show({ clashes, clash_count: count, zone }) {
      title.textContent = count ? `${count.toLocaleString()} ${count === 1 ? 'clash' : 'clashes'} to come` : 'No clashes to come';
      body.replaceChildren(...clashes.map(clash => clashRow(clash, zone, show)));
      table.hidden = !count;
    }
  };
}

function clashRow({ start, end, times, names, count, in_one_minute }, zone, show) {
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  const look = button('Show', () => show([start - 30 * MINUTE, end + 30 * MINUTE]));
  look.setAttribute('aria-label', `Show ${moment(start, zone || HERE)}`);
  return element('tr', '', [
    element('td', '', [moment(start, zone || HERE)]),
    element('td', '', [in_one_minute ? 'same minute' : shown(end, zone, { hour: '2-digit', minute: '2-digit' })]),
    element('td', '', [times.toLocaleString()]),
    element('td', '', [names.join(', ') + more]),
    element('td', '', [look])
  ]);
}

export default { render };
