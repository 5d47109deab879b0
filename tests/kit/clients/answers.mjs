// How the test clients answer what a server asks of them.

export const everyCapability = {
  sampling: {},
  elicitation: { form: {}, url: {} },
  roots: { listChanged: true },
};

export const sampled = {
  role: 'assistant',
  model: 'm',
  content: { type: 'text', text: 'hi' },
  stopReason: 'endTurn',
};

export const roots = { roots: [{ uri: 'file:///tmp', name: 'tmp' }] };

const exampleOfFormat = {
  email: 'a@b.co',
  uri: 'https://x.y',
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
};

// A value that the property's schema accepts.
function example(schema) {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.oneOf) return schema.oneOf[0].const;
  switch (schema.type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'array': {
      const choices = schema.items?.enum ?? schema.items?.anyOf?.map((choice) => choice.const);
      return [choices?.[0] ?? 'x'];
    }
    default:
      return exampleOfFormat[schema.format] ?? 'x';
  }
}

export function accepted(params) {
  if (params.mode === 'url') return { action: 'accept' };
  const properties = Object.entries(params.requestedSchema?.properties ?? {});
  return {
    action: 'accept',
    content: Object.fromEntries(properties.map(([name, schema]) => [name, example(schema)])),
  };
}
