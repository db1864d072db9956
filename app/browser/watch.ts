/** The watch page with JavaScript: the live column over a WebSocket, and, after the first picture, the player. */
import { LiveColumn } from './column/live-column.ts';
import { prepareStage } from './player/stage.ts';

const stage = prepareStage();
new LiveColumn(info => stage.show(info));
