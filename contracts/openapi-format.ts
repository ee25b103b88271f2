export interface Reference {
  $ref: string;
}

export interface Parameter {
  name: string;
  in: 'header' | 'path' | 'query';
  required?: boolean;
  description: string;
  schema: unknown;
  example?: string | number;
}

export interface Content {
  schema: Reference;
  examples?: Record<string, { value: unknown }>;
}

export interface Answer {
  description: string;
  headers: Record<string, Reference>;
  /** By media type. Without it the response has no body. */
  content?: Record<string, Content>;
}

export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters: Parameter[];
  requestBody?: { required: true; content: Record<string, Content> };
  /** By status. */
  responses: Record<string, Answer | Reference>;
}

/** The parts of an OpenAPI document that this project uses. */
export interface OpenApi {
  openapi: string;
  info: object;
  servers: object[];
  /** By path and method. */
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, object>;
    headers: Record<string, { required: boolean; description: string; schema: object }>;
    responses: Record<string, Answer>;
  };
}
