// Live regions: the server hints that something changed, the region fetches itself and is morphed in.
//
// A tab listens only while it can be seen and is not paused, so a browser full of tabs holds one
// connection. Coming back, it names the last sequence it shows and is told at once if it missed one.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { one } from './dom';

type State = 'live' | 'reconnecting' | 'paused';

export function startLive(): void {
  const badge = one<HTMLButtonElement>('#live');
  const region = (): HTMLElement | null => one<HTMLElement>('[data-hints]');
  if (!badge || !region()) return;
  const word = one('[data-word]', badge);
  let source: EventSource | null = null;
  let paused = false;

  function show(state: State): void {
    if (!badge || badge.dataset.state === state) return;
    badge.dataset.state = state;
    badge.setAttribute('aria-pressed', String(state === 'paused'));
    const text = badge.getAttribute(`data-${state}`);
    if (word && text) word.textContent = text;
  }

  function address(): string {
    const shown = region();
    const url = new URL(shown?.dataset.hints ?? '/live', location.href);
    url.searchParams.set('since', shown?.dataset.sequence ?? '0');
    return url.href;
  }

  function listen(): void {
    const wanted = !paused && !document.hidden;
    if (wanted === Boolean(source)) return;
    if (!wanted) {
      source?.close();
      source = null;
      if (paused) show('paused');
      return;
    }
    const opened = new EventSource(address());
    source = opened;
    if (badge?.dataset.state === 'paused') show('reconnecting');
    opened.onopen = () => show('live');
    opened.onerror = () => {
      show('reconnecting');
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
      source = null; // refused: EventSource itself does not try again
      setTimeout(listen, 2000);
    };
    opened.addEventListener('trace', () => {
      const shown = region();
      if (shown && !document.hidden) htmx.trigger(shown, 'hint');
    });
  }

  badge.addEventListener('click', () => {
    paused = !paused;
    listen();
  });
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => {
    source?.close();
    source = null;
  });
  addEventListener('pageshow', listen);
  listen();
}
