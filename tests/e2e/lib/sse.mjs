// Server-sent events of a response, as they come.

// Yields { id, event, data, retry, comment } for each block; `data` is undefined when the block has none.
export async function* readEvents(stream) {
  stream.setEncoding?.('utf8');
  let text = '';
  for await (const part of stream) {
    text += part;
    let end;
    while ((end = text.indexOf('\n\n')) >= 0) {
      yield parseEvent(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function parseEvent(block) {
  const event = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === '') event.comment = value;
    else if (field === 'data' && event.data !== undefined) event.data += `\n${value}`;
    else event[field] = value;
  }
  return event;
}
