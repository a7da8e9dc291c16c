// What the pages can do beyond plain HTML: live regions, keys, theme and density. Text comes from the page.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { startLive } from './live';
import { startKeys } from './keys';
import { startLooks } from './looks';

document.documentElement.classList.add('js');
htmx.config.morphIgnore.push('open'); // what the reader unfolded stays unfolded when a region is morphed
startLooks();
startKeys();
startLive();
