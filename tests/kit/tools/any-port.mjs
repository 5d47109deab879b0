// Preload (node --import): the first server of the process that asks for a port gets a free one. For stock examples
// whose port is a constant.
import net from 'node:net';

const listen = net.Server.prototype.listen;
let isFirst = true;

net.Server.prototype.listen = function listenOnAnyPort(port, ...rest) {
  if (typeof port !== 'number' || !isFirst) return listen.call(this, port, ...rest);
  isFirst = false;
  return listen.call(this, 0, ...rest);
};
