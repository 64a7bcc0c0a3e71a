
// ---- following: one connection of a browser tells all its pages of this server that they are not the newest any more

const second = 1000;
const random = () => Math.random();
const post = (action, after) => setTimeout(action, after);
// A delay that doubles up to a minute, and any part of it, so that not all come back at once.
function growing() {
  let most = second;
  return {
    reset: () => { most = second; },
    next: () => {
      const delay = random() * most;
      most = Math.min(2 * most, 60 * second);
      return delay;
    },
  };
}

// The pages that are seen talk by a channel, and one of them, the leader, holds the stream of /events for all. A page joins when it is seen
// and leaves when it is not, so a page that sleeps leads nobody. `tell(type, data, age)` is called with each event about `question`, and
// with the state of the stream.
function share(question, tagOf, tell) {
  const me = Math.random().toString(36).slice(2);
  const channel = new BroadcastChannel('bourse-live-1');
  const retry = growing();
  let term = 0, leader = null, heard = performance.now(), asked = 0, beaten = 0;
  let source = null, address = '', state = 'reconnecting', told = 0, silences = 0;
  const pages = new Map();  // of the leader: who asks what
  const newest = new Map();  // of the leader: by question, its last answer
  const timers = {};

  const say = (kind, more) => channel.postMessage({kind, from: me, term, ...more});
  const ask = () => {
    asked = performance.now();
    if (leader === me) {
      hear({kind: 'ask', from: me, term, question, tag: tagOf()});
    } else {
      say('ask', {question, tag: tagOf()});
    }
  };
  const later = (name, action, after) => {
    clearTimeout(timers[name]);
    timers[name] = post(action, after);
  };

  function setState(next) {
    state = next;
    beat();
  }
  function beat(more) {
    if (leader !== me) return;
    beaten = performance.now();
    const questions = shown();
    const left = [...pages].filter(([, page]) => !questions.includes(page.question)).map(([id]) => id);
    say('beat', {state, left, ...more});
    tell('state', state);
  }
  function lead() {
    term += 1;
    leader = me;
    pages.clear();
    newest.clear();
    beat({isNew: true});
    ask();
  }
  function resign() {
    close();
    leader = null;
    heard = performance.now();
  }
  function close() {
    source?.close();
    source = null;
    address = '';
    clearTimeout(timers.open);
  }

  // What fits into one address.
  function shown() {
    const all = [];
    let bytes = 0;
    for (const page of pages.values()) {
      bytes += encodeURIComponent(page.question).length + 100;
      if (!all.includes(page.question) && all.length < 64 && bytes < 6000) all.push(page.question);
    }
    return all;
  }
  function tagsOf(of) {
    const tags = new Set([...pages.values()].filter((page) => page.question === of).map((page) => page.tag));
    const known = newest.get(of)?.data.etag ?? (tags.size === 1 ? [...tags][0] : null);
    return known ? '&etag=' + encodeURIComponent(known) : '';
  }
  function open(isForced) {
    const questions = shown();
    const wanted = questions.join('\n');
    for (const each of newest.keys()) if (!questions.includes(each)) newest.delete(each);
    if (leader !== me || questions.length === 0 || (wanted === address && source && !isForced)) return;
    close();
    address = wanted;
    told = performance.now();
    source = new EventSource('/events?' + questions.map((each) => 'url=' + encodeURIComponent(each) + tagsOf(each)).join('&'));
    const {url} = source;
    source.onopen = () => setState('live');
    source.onerror = () => {
      setState('reconnecting');
      if (source.readyState === EventSource.CLOSED) closed(url);
    };
    for (const type of ['answer', 'failed', 'tick']) source.addEventListener(type, (event) => pass(type, JSON.parse(event.data)));
  }
  // EventSource does not say why it was closed for good.
  async function closed(url) {
    close();
    const isThere = await isLive(url, 'text/event-stream');
    if (leader !== me || source) return;
    if (isThere === false) return setState('none');
    later('open', open, retry.next());
  }
  function pass(type, data) {
    told = performance.now();
    silences = 0;
    retry.reset();
    if (type === 'answer') newest.set(data.href, {data, at: told});
    if (state !== 'live') setState('live');
    say('news', {type, data, age: 0});
    hear({kind: 'news', type, data, age: 0});
  }

  // A later term counts, of two of the same the first in order: after a tie, or a sleep, one leader is left.
  const isBetter = ({term: their, from}) => their > term || (their === term && (leader !== me || from < me));
  function hear({kind, from, ...message}) {
    if (kind === 'beat') {
      if (!isBetter({term: message.term, from})) return beat();
      if (leader === me) resign();
      if (leader !== from || message.isNew) post(ask, 0);
      term = message.term;
      leader = from;
      heard = performance.now();
      clearTimeout(timers.lead);
      tell('state', message.left.includes(me) ? 'none' : message.state);
    } else if (kind === 'ask' && leader === me) {
      const page = pages.get(from);
      pages.set(from, {question: message.question, tag: message.tag, at: performance.now()});
      if (page?.question === message.question) return;
      const last = newest.get(message.question);
      if (last) {
        const news = {type: 'answer', data: last.data, age: performance.now() - last.at};
        from === me ? tell(news.type, news.data, news.age) : say('news', news);
      }
      beat();
      if (!source || !address.split('\n').includes(message.question)) later('open', open, gatherFor);
    } else if (kind === 'leave') {
      if (pages.delete(from) && leader === me) later('open', open, gatherFor);
      if (from === leader) elect(random() * gatherFor);
    } else if (kind === 'news' && (message.type === 'tick' || message.data.href === question)) {
      tell(message.type, message.data, message.age);
    }
  }
  function elect(after) {
    leader = null;
    later('lead', lead, after);
  }
  const gatherFor = 300;

  channel.onmessage = (event) => hear(event.data);
  ask();
  elect(gatherFor + random() * gatherFor);
  const clock = setInterval(() => {
    const now = performance.now();
    if (now - asked >= 5 * second) ask();
    if (leader !== me) {
      if (leader && now - heard >= 15 * second) elect(random() * second);
      return;
    }
    if (now - beaten >= 5 * second) beat();
    for (const [id, page] of pages) if (now - page.at >= 20 * second && pages.delete(id)) later('open', open, gatherFor);
    // Nothing for so long: the connection is dead, though nobody has said so, or there is somebody else at /events.
    if (source?.readyState === EventSource.OPEN && now - told >= 40 * second) {
      silences += 1;
      setState(silences < 3 ? 'reconnecting' : 'none');
      open(true);
    }
  }, second);

  return {
    ask,
    leave() {
      clearInterval(clock);
      Object.values(timers).forEach(clearTimeout);
      say('leave');
      close();
      leader = null;
      channel.onmessage = null;
      channel.close();
    },
  };
}

const timeLimit = () => ({signal: AbortSignal.timeout?.(30 * second)});

// Whether there are events; undefined: that is not known now.
async function isLive(url, accept) {
  try {
    const {ok, status, headers} = await fetch(url, {method: 'HEAD', headers: {Accept: accept}, cache: 'no-store', ...timeLimit()});
    if (status >= 500 || [408, 425, 429].includes(status)) return undefined;
    return ok && headers.get('Content-Type')?.startsWith('text/event-stream');
  } catch {
    return undefined;
  }
}

// "4 s", "3 min 5 s", "2 h 1 min", "3 d 4 h"
function lengthOf(seconds) {
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const from = Math.max(0, parts.findIndex(([size]) => seconds >= size));
  let rest = seconds;
  const words = parts.map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count + ' ' + unit;
  });
  return seconds < 1 ? '0 s' : words.slice(from, from + 2).join(' ');
}

function follow() {
  const page = location.pathname + location.search;
  const inFormat = page + (location.search ? '&' : '?') + 'format=html';
  const names = new URLSearchParams(location.search);
  const question = names.has('format') || /\.html?$/.test(location.pathname) ? page : inFormat;

  // ---- what is seen of it
  const word = make('output', {textContent: 'live'});
  const age = make('span', {className: 'age'});
  const button = make('button', {type: 'button', textContent: 'Pause', ariaPressed: 'false'});
  const view = make('span', {className: 'following'}, word, age, button);
  made.add(view);
  let state = 'live', clock = null;  // the server's, less performance.now()
  function show(next, why) {
    state = isPaused ? 'paused' : next;
    if (word.textContent !== state) word.textContent = state;
    word.className = state;
    word.title = why ?? '';
    if (!view.isConnected && isFollowed) document.querySelector('.by').append(view);
  }
  function showAge() {
    const asOf = Date.parse(document.querySelector('.by time')?.dateTime);
    const seconds = clock === null || Number.isNaN(asOf) ? NaN : Math.max(0, (clock + performance.now() - asOf) / second);
    const text = Number.isNaN(seconds) ? '' : 'data ' + lengthOf(Math.floor(seconds)) + ' old';
    if (age.textContent !== text) age.textContent = text;
  }

  // ---- the newest version
  let tag = null, text = null, isLeft = false, isBusy = false, again = false;
  // Of one version each proxy and each coding has its own tag: W/"x", "x-gzip".
  const plain = (etag) => etag?.replace(/^W\//, '').replace(/-[a-z]+"$/, '"') ?? null;
  async function refresh() {
    again = isBusy;
    if (isBusy) return null;
    isBusy = true;
    let isGood = false;
    try {
      const headers = {Accept: 'text/html'};
      if (tag) headers['If-None-Match'] = tag;
      const answer = await fetch(page, {headers, cache: tag ? 'no-store' : 'no-cache', ...timeLimit()});
      if (answer.status === 304 || (answer.ok && /^text\/html/.test(answer.headers.get('Content-Type')))) {
        isGood = true;
        if (answer.status !== 304) take(await answer.text(), answer.headers.get('ETag'));
      } else if ([401, 403, 404, 410].includes(answer.status)) {
        show('stopped', 'The server answers ' + answer.status + '.');
      }
      if (!hub) clock = Date.parse(answer.headers.get('Date')) + second / 2 - performance.now();
    } catch {
      // The next event or question tries again.
    }
    isBusy = false;
    if (again) post(refresh, 0);
    return isGood;
  }
  function take(fresh, etag) {
    if (!isSeen) return;
    const parsed = new DOMParser().parseFromString(fresh, 'text/html');
    if (!['header', 'main', 'footer', '.by'].every((part) => parsed.querySelector(part))) return;  // a sign-in, say
    if (isOfAnotherBuild(parsed)) return;
    tag = etag;
    if (fresh === text) return;
    text = fresh;
    isLeft = patch(parsed);
    showAge();
  }
  // After an upgrade the page has another style and another script, which only loading it brings. Not often: something on the way may
  // change pages.
  function isOfAnotherBuild(parsed) {
    const same = ['style', 'script'].every((name) => parsed.querySelector(name)?.textContent === document.querySelector(name).textContent);
    if (same || performance.now() < 600 * second) return false;
    location.reload();
    return true;
  }
  document.addEventListener('selectionchange', () => {
    if (!isLeft || !getSelection().isCollapsed || !text || isPaused) return;
    isLeft = patch(new DOMParser().parseFromString(text, 'text/html'));
  });

  // ---- whom to ask, and when
  let hub = null, isPaused = false, isSeen = false, isFollowed = false, way = 'shared', round = 0, timer = null;
  const hurt = growing();

  function hear(type, data, later) {
    if (type === 'state') {
      if (data === 'none') return askOnly();
      show(data);
    } else if (type === 'tick' || type === 'answer') {
      clock = Date.parse(data.now) + later - performance.now();
      showAge();
      if (type === 'tick') return;
      isFollowed = true;
      hurt.reset();
      clearTimeout(timer);
      show('live');
      if (plain(data.etag) !== plain(tag)) refresh();
    } else {
      fail(data.problem);
    }
  }
  function fail({status, code, title}) {
    if (code === 'not_live') return end();
    if (status === 404 || status === 400 || status === 406) return askOnly();
    if (status === 401 || status === 403) return end();
    show('stopped', title);
    // Whether it has become well with the version that is here already is no news.
    clearTimeout(timer);
    const mine = round;
    timer = post(async () => {
      const isGood = await refresh();
      if (round === mine) isGood ? show('live') : fail({status, title});
    }, hurt.next() + 5 * second);
  }
  function end() {
    leave();
    way = 'none';
    view.remove();
  }

  // Without a stream: every some seconds, if the answer is one that changes.
  async function askOnly() {
    leave();
    way = 'asking';
    isSeen = true;
    const mine = round;
    if (await isLive(page, 'text/event-stream, text/html;q=0.9') === false) return end();
    if (round === mine) askAgain();
  }
  async function askAgain() {
    const mine = round;
    const isGood = await refresh();
    if (round !== mine) return;
    isFollowed ||= isGood === true;
    if (isGood) hurt.reset();
    if (isGood !== false) {
      show('live');
    } else if (state !== 'stopped') {
      show('reconnecting');
    }
    timer = post(askAgain, (isGood === false ? hurt.next() : 0) + 5 * second);
  }

  function join() {
    if (way === 'none' || isSeen || isPaused || document.visibilityState !== 'visible') return;
    if (way === 'asking' || !window.BroadcastChannel || !window.EventSource) return askOnly();
    isSeen = true;
    hub = share(question, () => tag, hear);
    if (isFollowed) refresh();
  }
  function leave() {
    clearTimeout(timer);
    round += 1;
    hub?.leave();
    hub = null;
    isSeen = false;
  }
  button.addEventListener('click', () => {
    isPaused = !isPaused;
    button.ariaPressed = String(isPaused);
    if (isPaused) leave();
    show('reconnecting');
    join();
  });
  addEventListener('pageshow', join);
  addEventListener('pagehide', leave);
  document.addEventListener('freeze', leave);
  document.addEventListener('resume', join);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' ? join() : leave());
  setInterval(showAge, second);
}

if (location.protocol.startsWith('http')) follow();
