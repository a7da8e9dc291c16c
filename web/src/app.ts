// What the pages can do beyond plain HTML: live regions, keys, theme and density. Text comes from the page.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { startActing } from './acting';
import { startLive } from './live';
import { startNews } from './news';
import { startKeys } from './keys';
import { startLooks } from './looks';
import { startChoosing } from './choosing';
import { startPalette } from './palette';
import { startPanel } from './panel';
import { startUndo } from './undo';
import { startBatch } from './batch';

document.documentElement.classList.add('js');
htmx.config.morphIgnore.push('open'); // what the reader unfolded stays unfolded when a region is morphed
htmx.config.noSwap.push('4xx', '5xx'); // a refused re-read leaves what is shown; the badge tells
startLooks();
startKeys();
startNews();
startActing();
startLive();
startPanel();
startPalette();
startChoosing();
startUndo();
startBatch();
