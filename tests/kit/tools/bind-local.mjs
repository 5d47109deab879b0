// Preload (node --import): makes every server of the process listen on loopback unless it names a host.
// Some stock servers bind all interfaces and have no option for it.
import net from 'node:net';

const listen = net.Server.prototype.listen;
const isPort = (value) => typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));

net.Server.prototype.listen = function listenOnLoopback(...given) {
  const [first, second] = given;
  if (isPort(first)) {
    if (typeof second !== 'string') given.splice(1, 0, '127.0.0.1');
  } else if (first && typeof first === 'object' && first.port !== undefined && !first.host) {
    first.host = '127.0.0.1';
  }
  return listen.apply(this, given);
};
