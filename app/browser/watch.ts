/** The watch page with JavaScript: the live column over a WebSocket, and, after the first picture, the player. */
import { liveColumn } from './live-column.ts';
import { openSocket } from './socket.ts';
import { prepareStage } from './stage.ts';

const stage = prepareStage();
const column = liveColumn();
openSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`, {
  onInfo(info) {
    column.show(info);
    stage.show(info);
  },
  onConnection: column.showConnection,
});
