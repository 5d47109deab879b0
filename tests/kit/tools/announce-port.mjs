// Preload (node --import): the process prints `listening on port N` for the first server it opens, so that
// it can be started with port 0 and found. For stock servers that print the port they were given.
import net from 'node:net';

const emit = net.Server.prototype.emit;
let isAnnounced = false;

net.Server.prototype.emit = function emitAndAnnounce(event, ...rest) {
  if (event === 'listening' && !isAnnounced && typeof this.address()?.port === 'number') {
    isAnnounced = true;
    process.stdout.write(`listening on port ${this.address().port}\n`);
  }
  return emit.call(this, event, ...rest);
};
