interface Reference {
  $ref: string;
}

/** A message, by the reference to the schema of its payload. */
export interface Message {
  summary: string;
  contentType: 'application/json';
  payload: Reference;
  examples: { payload: unknown }[];
}

/** A bus, a topic or the WebSocket API, and the messages that pass it. */
export interface Channel {
  address: string | null;
  description: string;
  servers: Reference[];
  messages: Record<string, Reference>;
  bindings?: { ws: { method: 'GET'; query: object } };
}

/** What the blog does with the messages of a channel. */
export interface Operation {
  /** From the point of view of the blog: it receives the messages that clients send. */
  action: 'receive' | 'send';
  channel: Reference;
  summary: string;
  messages: Reference[];
  reply?: { channel: Reference; messages: Reference[] };
}

/** The parts of an AsyncAPI document that this project uses. */
export interface AsyncApi {
  asyncapi: string;
  info: object;
  defaultContentType: 'application/json';
  servers: Record<string, { host: string; pathname?: string; protocol: string; description: string }>;
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: { schemas: Record<string, object>; messages: Record<string, Message> };
}
